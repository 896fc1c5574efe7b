"""Findings about limits: what was refused, how often, and whether a retry can mend it."""

from __future__ import annotations

from forge_emu import settings as s
from forge_emu.report.facts import Facts
from forge_emu.report.summary import Advice, Summary
from forge_emu.report.words import count, limit

MANY_HITS = 10
"""Refusals of a rate limit of the store that make a finding."""

_RATES = (
    s.KVS_REQUESTS_PER_SECOND,
    s.KVS_READ_UNITS,
    s.KVS_WRITE_UNITS,
    s.KVS_KEY_READ_MB,
    s.KVS_KEY_WRITE_MB,
    s.KVS_OLD_READS,
    s.KVS_OLD_WRITES,
    s.KVS_OLD_DELETES,
)
_RATE_NAMES = frozenset(rate.name for rate in _RATES)


def pushes_refused(summary: Summary, facts: Facts) -> list[Advice]:
    """Refused pushes are the app's to repeat: the platform keeps nothing of them."""
    name = s.PUSH_EVENTS_PER_MINUTE.name
    pushes = summary.refusals.push.get(name, 0)
    found = []
    if pushes:
        events = summary.refusals.push_events.get(name, 0)
        usage = next((u for u in summary.limits if u.name == name), None)
        allowed = f"{usage.limit:,.0f} " if usage and usage.limit else ""
        single = facts.single_pushes * 2 > pushes
        cure = (
            f"{facts.single_pushes:,} of them pushed a single event. A push of up to 50 events "
            "saves calls, though the minute counts events: put the work of several into one "
            "event, or delay the pushes."
            if single
            else "Push fewer events, or spread them over minutes."
        )
        found.append(
            Advice(
                "push_rate",
                f"{count(pushes, 'push', 'pushes')} with {count(events, 'event')} refused by the "
                f"{allowed}events/min of the installation. {cure} What was refused is lost "
                "unless the app asks for a retry.",
                {"pushes": pushes, "events": events, "single_event_pushes": facts.single_pushes},
            )
        )
    for other, n in summary.refusals.push.items():
        if other != name:
            found.append(
                Advice(
                    "push_refused",
                    f"{count(n, 'push', 'pushes')} refused by {limit(other)}. The same push "
                    "would be refused again: make it smaller or change it.",
                    {"limit": other, "pushes": n},
                )
            )
    return found


def kvs_rates(summary: Summary, facts: Facts) -> list[Advice]:
    """Rate limits of the store, once they were hit often."""
    found = []
    for name, n in summary.refusals.kvs.items():
        if name in _RATE_NAMES and n > MANY_HITS:
            usage = next((u for u in summary.limits if u.name == name), None)
            figures = (
                f" Peak {usage.peak:,.0f}, mean {usage.mean:,.0f} of {usage.limit:,.0f} "
                f"{usage.unit}."
                if usage and usage.limit
                else ""
            )
            found.append(
                Advice(
                    "kvs_rate",
                    f"{count(n, 'call')} of the store refused by {limit(name)}.{figures} Store "
                    "less per event, spread events with `delayInSeconds`, or retry with a growing, "
                    "random wait.",
                    {
                        "limit": name,
                        "refusals": n,
                        "peak": usage.peak if usage else None,
                        "allowed": usage.limit if usage else None,
                    },
                )
            )
    return found


def kvs_rejected(summary: Summary, facts: Facts) -> list[Advice]:
    """Refusals that no retry can mend: size, depth, key."""
    return [
        Advice(
            "kvs_rejected",
            f"{count(n, 'call')} of the store refused by {limit(name)}. A retry sends the same "
            "value and is refused again.",
            {"limit": name, "refusals": n},
        )
        for name, n in summary.refusals.kvs.items()
        if name not in _RATE_NAMES
    ]
