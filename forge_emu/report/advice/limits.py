"""Findings about limits: what was refused, how often, and whether a retry can mend it."""

from __future__ import annotations

from forge_emu import settings as s
from forge_emu.durations import duration_text
from forge_emu.model import MINUTE, SECOND, Millis
from forge_emu.report.advice.observations import Observations
from forge_emu.report.format import limit_text, plural
from forge_emu.report.summary import Advice, Summary

MANY_HITS = 10
"""Refusals of a rate limit of the store that make a finding."""

_PUSH_CALL = r"\.push\("
_KVS_CALL = r"\b(kvs|storage)\b.*\.(get|set|delete|batch|query|transact)\w*\("
_BATCH_CALL = r"\bkvs\b.*\.batch_?([gG]et|[sS]et|[dD]elete)\("

_KVS_RATES = (
    s.KVS_REQUESTS_PER_SECOND,
    s.KVS_READ_UNITS,
    s.KVS_WRITE_UNITS,
    s.KVS_KEY_READ_MB,
    s.KVS_KEY_WRITE_MB,
    s.KVS_OLD_READS,
    s.KVS_OLD_WRITES,
    s.KVS_OLD_DELETES,
    s.KVS_OLD_QUERIES,
    s.KVS_OLD_BATCHES,
)
_KVS_RATE_NAMES = frozenset(rate.name for rate in _KVS_RATES)


def pushes_refused(summary: Summary, facts: Observations) -> list[Advice]:
    """Refused pushes are the app's to repeat: the platform keeps nothing of them.

    limits-async-events/ (2026-02-26): 500 events a minute, 50 events and 200 KB a push.
    """
    name = s.PUSH_EVENTS_PER_MINUTE.name
    found = []
    if pushes := summary.refusals.push.get(name, 0):
        found.append(_push_rate(summary, facts, pushes))
    for other, n in summary.refusals.push.items():
        if other != name:
            found.append(
                Advice(
                    "push_refused",
                    f"{plural(n, 'push', 'pushes')} refused by {limit_text(other)}. The same push "
                    "would be refused again: make it smaller or change it.",
                    {"limit": other, "pushes": n},
                    facts.places.find_code(_PUSH_CALL),
                )
            )
    return found


def _push_rate(summary: Summary, facts: Observations, pushes: int) -> Advice:
    name = s.PUSH_EVENTS_PER_MINUTE.name
    events = summary.refusals.push_events.get(name, 0)
    allowed = facts.settings[s.PUSH_EVENTS_PER_MINUTE]
    # What was refused is pushed again, or lost: what has to fit is what was sent in the end.
    wanted = max(facts.kvs.pushed, events)
    needs = round(wanted / allowed * MINUTE) if allowed else 0
    cure = "Push fewer events, or spread them over minutes."
    if facts.single_pushes * 2 > pushes:
        most = facts.settings[s.PUSH_EVENTS_PER_REQUEST] or 50
        calls = -(-facts.single_pushes // most)
        cure = (
            f"{facts.single_pushes:,} of them pushed a single event. A push takes up to {most} "
            f"events: in batches they are {plural(calls, 'call')} instead of "
            f"{facts.single_pushes:,}, but the minute counts events, not pushes, and would refuse "
            "as many. What helps is fewer events: put the work of several into the body of one "
            f"(up to {facts.settings[s.PUSH_PAYLOAD_KB] or 200} KB), or spread the pushes over "
            "minutes."
        )
    return Advice(
        "push_rate",
        f"{plural(pushes, 'push', 'pushes')} with {plural(events, 'event')} refused by the "
        f"{f'{allowed:,} ' if allowed else ''}events/min of the installation. {cure} What was "
        "refused is lost unless the app asks for a retry.",
        {
            "limit": name,
            "pushes": pushes,
            "events": events,
            "single_event_pushes": facts.single_pushes,
            "needs_ms": needs,
        },
        facts.places.find_code(_PUSH_CALL),
    )


def kvs_rate(summary: Summary, facts: Observations) -> list[Advice]:
    """Rate limits of the store, once they were hit often.

    limits-kvs-ce/ (2026-09-28)
    """
    found = []
    for name, n in summary.refusals.kvs.items():
        if name in _KVS_RATE_NAMES and n > MANY_HITS:
            usage = next((u for u in summary.limits if u.name == name), None)
            figures = (
                f" Peak {usage.peak:,.0f}, mean {usage.mean:,.0f} of {usage.limit:,.0f} "
                f"{usage.unit}."
                if usage and usage.limit
                else ""
            )
            needs = _needed_ms(name, facts)
            least = f" All of it needs {duration_text(needs)} at least." if needs else ""
            found.append(
                Advice(
                    "kvs_rate",
                    f"{plural(n, 'call')} of the store refused by "
                    f"{limit_text(name)}.{figures}{least} "
                    "Store less per event, spread events with a random `delayInSeconds`, or retry "
                    "with a growing, random wait.",
                    {
                        "limit": name,
                        "refusals": n,
                        "peak": usage.peak if usage else None,
                        "allowed": usage.limit if usage else None,
                        "needs_ms": needs,
                    },
                    facts.places.find_code(_KVS_CALL),
                )
            )
    return found


def _needed_ms(name: str, facts: Observations) -> Millis:
    """How long the limit needs at least for all that the store did; 0 where that says nothing."""
    store = facts.kvs
    used = {
        s.KVS_REQUESTS_PER_SECOND.name: (store.requests, SECOND),
        s.KVS_READ_UNITS.name: (store.read_units, MINUTE),
        s.KVS_WRITE_UNITS.name: (store.write_units, MINUTE),
    }
    amount, period = used.get(name, (0, 0))
    allowed = facts.settings[name]
    if not isinstance(allowed, int) or amount <= allowed:
        return 0
    return round(amount / allowed * period)


def kvs_rejected(summary: Summary, facts: Observations) -> list[Advice]:
    """Refusals that no retry can mend: size, depth, key."""
    return [
        Advice(
            "kvs_rejected",
            f"{plural(n, 'call')} of the store refused by {limit_text(name)}. A retry sends the "
            "same "
            "value and is refused again.",
            {"limit": name, "refusals": n},
            facts.places.find_code(_KVS_CALL),
        )
        for name, n in summary.refusals.kvs.items()
        if name not in _KVS_RATE_NAMES and not name.startswith("fault:")
    ]


def failed_keys(summary: Summary, facts: Observations) -> list[Advice]:
    """A batch answers 200 and names the keys that failed; nothing is thrown for them.

    storage-reference/kvs-batch/ (2026-08-21)
    """
    failed = summary.refusals.kvs_keys
    if not failed:
        return []
    reasons = ", ".join(f"{limit_text(name)} ({n:,})" for name, n in failed.items())
    return [
        Advice(
            "failed_keys",
            f"{plural(sum(failed.values()), 'key')} of batches failed, by {reasons}, while the "
            "batches themselves went through: a batch throws nothing for a key that fails. Look "
            "at `failedKeys` of its answer, and store those keys again where that can help.",
            {"keys": dict(failed)},
            facts.places.find_code(_BATCH_CALL),
        )
    ]
