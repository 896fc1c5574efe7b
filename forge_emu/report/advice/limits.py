"""Findings about limits: what was refused, how often, and whether a retry can mend it."""

from __future__ import annotations

from collections import Counter

from forge_emu import settings as s
from forge_emu.durations import duration_text
from forge_emu.model import HOUR, MINUTE, SECOND, LimitUsage, Millis
from forge_emu.report.advice.observations import Observations
from forge_emu.report.advice.refusal_kinds import is_final, may_pass_later
from forge_emu.report.format import limit_text, plural
from forge_emu.report.summary import Advice, Summary
from forge_emu.settings.refusals import KVS_SCOPE

MANY_HITS = 10
"""Refusals of a rate limit of the store that make a finding."""

_PUSH_CALL = r"\.push\("
_KVS_CALL = r"\b(kvs|storage)\b.*\.(get|set|delete|batch|query|transact)\w*\("
_READS_RETRY_AFTER = r"(?i)retry-after"
_BATCH_CALL = r"\bkvs\b.*\.batch_?([gG]et|[sS]et|[dD]elete)\("
_PERIODS = {SECOND: "second", MINUTE: "minute", HOUR: "hour"}


def pushes_refused(summary: Summary, facts: Observations) -> list[Advice]:
    """Refused pushes are the app's to repeat: the platform keeps nothing of them.

    limits-async-events/ (2026-02-26): 500 events a minute, 50 events and 200 KB a push.
    """
    refused = summary.refusals.push
    found = [
        _push_rate(summary, facts, setting, refused[setting.name])
        for setting in s.rates("pushed_events")
        if refused.get(setting.name)
    ]
    found += [
        Advice(
            "push_refused",
            f"{plural(n, 'push', 'pushes')} refused by {limit_text(name)}. The same push "
            "would be refused again: make it smaller or change it.",
            {"limit": name, "pushes": n},
            facts.places.find_code(_PUSH_CALL),
        )
        for name, n in refused.items()
        if s.find_rate(name) is None
    ]
    return found


def _push_rate(
    summary: Summary, facts: Observations, setting: s.RateSetting, pushes: int
) -> Advice:
    events = summary.refusals.push_events.get(setting.name, 0)
    allowed = facts.settings[setting]
    # What was refused is pushed again, or lost: what has to fit is what was sent in the end.
    wanted = max(facts.kvs.pushed, events)
    return Advice(
        "push_rate",
        f"{plural(pushes, 'push', 'pushes')} with {plural(events, 'event')} refused by the "
        f"{f'{allowed:,} ' if allowed else ''}{setting.unit} of the installation. "
        f"{_push_cure(facts, setting, pushes)} What was refused is lost unless the app asks for a "
        "retry.",
        {
            "limit": setting.name,
            "pushes": pushes,
            "events": events,
            "single_event_pushes": facts.single_pushes,
            "needs_ms": round(wanted / allowed * setting.rate.window) if allowed else 0,
        },
        facts.places.find_code(_PUSH_CALL),
    )


def _push_cure(facts: Observations, setting: s.RateSetting, pushes: int) -> str:
    period = _PERIODS.get(setting.rate.window, "period")
    if facts.single_pushes * 2 <= pushes:
        return f"Push fewer events, or spread them over {period}s."
    most = facts.settings[s.PUSH_EVENTS_PER_REQUEST] or 50
    calls = -(-facts.single_pushes // most)
    return (
        f"{facts.single_pushes:,} of them pushed a single event. A push takes up to {most} "
        f"events: in batches they are {plural(calls, 'call')} instead of "
        f"{facts.single_pushes:,}, but the {period} counts events, not pushes, and would refuse "
        "as many. What helps is fewer events: put the work of several into the body of one "
        f"(up to {facts.settings[s.PUSH_PAYLOAD_KB] or 200} KB), or spread the pushes over "
        f"{period}s."
    )


def kvs_rate(summary: Summary, facts: Observations) -> list[Advice]:
    """Limits per time of the store, once they were hit often.

    limits-kvs-ce/ (2026-09-28)
    """
    found = []
    for name, n in summary.refusals.kvs.items():
        setting = s.find_rate(name)
        if setting is None or n <= MANY_HITS:
            continue
        usage = next((u for u in summary.limits if u.name == name), None)
        needs = _needed_ms(setting, facts)
        least = f" All of it needs {duration_text(needs)} at least." if needs else ""
        found.append(
            Advice(
                "kvs_rate",
                f"{plural(n, 'call')} of the store refused by {limit_text(name)}."
                f"{_usage_text(setting, usage)}{least} Store less per event, spread events with a "
                "random `delayInSeconds`, or retry with a growing, random wait.",
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


def _usage_text(setting: s.RateSetting, usage: LimitUsage | None) -> str:
    """Peak and mean beside the limit; of a limit of single keys, the peak of one of them."""
    if usage is None or not usage.limit:
        return ""
    if setting.rate.per != "installation":
        return f" Peak {usage.peak:,.3g} of {usage.limit:,.0f} {usage.unit}."
    return f" Peak {usage.peak:,.0f}, mean {usage.mean:,.0f} of {usage.limit:,.0f} {usage.unit}."


def _needed_ms(setting: s.RateSetting, facts: Observations) -> Millis:
    """How long the limit needs at least for all that the store did; 0 where that says nothing."""
    used, allowed = facts.kvs.use.used(setting.name), facts.settings[setting]
    if allowed is None or used <= (most := allowed * setting.bytes_per_unit):
        return 0
    return round(used / most * setting.rate.window)


_SAME_AGAIN = "A retry sends the same value and is refused again."
_REMEDIES = {
    KVS_SCOPE.name: "A retry is refused again: add storage:app under permissions.scopes in the "
    "manifest.",
}


def kvs_rejected(summary: Summary, facts: Observations) -> list[Advice]:
    """Refusals that no retry can mend: size, depth, key."""
    return [
        Advice(
            "kvs_rejected",
            f"{plural(n, 'call')} of the store refused by {limit_text(name)}. "
            f"{_REMEDIES.get(name, _SAME_AGAIN)}",
            {"limit": name, "refusals": n},
            facts.places.find_code(_KVS_CALL),
        )
        for name, n in summary.refusals.kvs.items()
        if is_final(name)
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


def product_rate(summary: Summary, facts: Observations) -> list[Advice]:
    """Calls of Jira and Confluence that were refused (429), and what the app made of it.

    https://developer.atlassian.com/cloud/jira/platform/rate-limiting/ (2026-08-12)
    """
    refused = {
        name: n
        for name, n in summary.refusals.requests.items()
        if name in facts.refused_calls.longest_wait and may_pass_later(name)
    }
    reads_header = bool(refused and facts.places.find_code(_READS_RETRY_AFTER))
    return [_product_finding(facts, name, n, reads_header) for name, n in refused.items()]


def _product_finding(facts: Observations, name: str, refusals: int, reads_header: bool) -> Advice:
    calls = facts.refused_calls
    undone, early = calls.left_undone[name], calls.too_early[name]
    wait = calls.longest_wait[name]
    sentences = [f"{plural(refusals, 'call')} refused (429) by {limit_text(name)}."]
    if undone:
        sentences.append(
            f"{plural(undone, 'invocation')} succeeded all the same, without the call made again: "
            "what it was for is lost, unless the app does it elsewhere."
        )
    if early:
        sentences.append(f"{plural(early, 'call')} came again before `Retry-After` had passed.")
    if not reads_header:
        sentences.append("Nothing in the app's code reads `Retry-After`.")
    longest = f" (up to {duration_text(wait)} here)" if wait else ""
    sentences.append(
        f"Wait as long as `Retry-After` says{longest} and a random time more: in the handler, or "
        "with a returned `InvocationError({ retryAfter })`."
    )
    return Advice(
        "product_rate",
        " ".join(sentences),
        {
            "limit": name,
            "refusals": refusals,
            "left_undone": undone,
            "too_early": early,
            "reads_retry_after": reads_header,
            "longest_wait_ms": wait,
            "allowed": facts.settings[setting] if (setting := s.find_setting(name)) else None,
        },
        [place for place, _ in calls.places.get(name, Counter[str]()).most_common(3)],
    )
