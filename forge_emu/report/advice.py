"""Findings about the app in plain words. One function per rule; none depends on another."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from forge_emu import settings as s
from forge_emu.report.facts import Facts
from forge_emu.report.summary import Advice, Summary
from forge_emu.report.words import count, limit, one_line, span, times

Rule: TypeAlias = Callable[[Summary, Facts], list[Advice]]

MANY_HITS = 10
"""Refusals of a rate limit of the store that make a finding."""
WAVE_RETRIES = 20
"""Retries below which nothing is called a wave."""
WAVE_SHARE = 0.5
SAME_ERROR_SHARE = 0.9
SAME_ERROR_LEAST = 5

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


def advise(summary: Summary, facts: Facts) -> list[Advice]:
    """Every finding, the gravest first."""
    return [finding for rule in RULES for finding in rule(summary, facts)]


def app_problems(summary: Summary, facts: Facts) -> list[Advice]:
    """What loading the app found is worth repeating once its effects have been seen."""
    found = []
    for problem in summary.problems:
        message = str(problem) + (f" {problem.hint}" if problem.hint else "")
        found.append(
            Advice(
                problem.rule,
                message,
                {"file": problem.file, "line": problem.line, "hint": problem.hint},
            )
        )
    return found


def undefined_store(summary: Summary, facts: Facts) -> list[Advice]:
    """A TypeError on `undefined` and a method of the store: the removed `storage` export.

    `@forge/api` 8 exports neither `storage` nor `kvs`; inside a try/catch that asks for a retry the
    error never shows, and the event is retried until it is dropped.
    """
    if not facts.undefined:
        return []
    method, uses = facts.undefined.most_common(1)[0]
    total = facts.undefined.total()
    return [
        Advice(
            "storage_undefined",
            f"{times(total)}, `.{method}()` was called on undefined. `@forge/api` 8 no longer "
            "exports `storage` or `kvs`: install `@forge/kvs` and import `kvs` from it.",
            {"errors": total, "method": method, "count": uses},
        )
    ]


def nobody_listens(summary: Summary, facts: Facts) -> list[Advice]:
    """A product event that no trigger of the manifest names goes nowhere."""
    return [
        Advice(
            "no_trigger",
            f"{count(n, 'product event')} `{name}` reached no trigger: none in the manifest "
            f"listens to it. Add it to `modules.trigger[].events`.",
            {"name": name, "product_events": n},
        )
        for name, n in sorted(facts.unheard.items())
    ]


def no_consumer(summary: Summary, facts: Facts) -> list[Advice]:
    """A push to a queue without a consumer is accepted, and its events are dropped."""
    return [
        Advice(
            "no_consumer",
            f"{count(n, 'event')} pushed to queue `{queue}` had no consumer and were dropped. "
            f"Declare one under `modules.consumer` with `queue: {queue}`, or correct the key that "
            "is pushed to.",
            {"queue": queue, "events": n},
        )
        for queue, n in sorted(facts.unconsumed.items())
    ]


def dropped_after_retries(summary: Summary, facts: Facts) -> list[Advice]:
    """Two pages of the documentation disagree on when an event is given up.

    storage-api-limit-handling/ (2026-08-21) names four retries, runtime-reference/async-events-api/
    (2026-09-01) retries until the retention window ends.
    """
    n = summary.drops.get("max_retries", 0)
    if not n:
        return []
    return [
        Advice(
            "dropped_max_retries",
            f"{count(n, 'event')} dropped after the last retry, at most "
            f"{span(facts.last_drop_age)} after the push. Atlassian's rate-limit guide names four "
            "retries; its API reference retries until the 24 h window ends. To see that: `--set "
            "async_events.max_retries=none`.",
            {"events": n, "longest_age_ms": facts.last_drop_age},
        )
    ]


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
            f"{facts.single_pushes:,} of them pushed a single event. A push takes up to 50 events, "
            "but the minute counts events, not pushes: batch to save calls, and spread the "
            "work over time, or handle it without a queue."
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


def clamped(summary: Summary, facts: Facts) -> list[Advice]:
    """`retryAfter` outside of [1, 900] seconds is moved into it without a word.

    runtime-reference/async-events-api/ (2026-09-01)
    """
    found = []
    if facts.raised:
        found.append(
            Advice(
                "retry_after_raised",
                f"{count(facts.raised, 'retry', 'retries')} asked for less than the least wait "
                f"(down to {span(facts.least_asked or 0)}) and waited longer than the code says.",
                {"retries": facts.raised, "least_asked_ms": facts.least_asked},
            )
        )
    if facts.lowered:
        found.append(
            Advice(
                "retry_after_lowered",
                f"{count(facts.lowered, 'retry', 'retries')} asked for more than the longest wait "
                f"(up to {span(facts.most_asked or 0)}) and came sooner than the code says. For a "
                "longer pause, push a new event later instead of retrying this one.",
                {"retries": facts.lowered, "most_asked_ms": facts.most_asked},
            )
        )
    return found


def retry_wave(summary: Summary, facts: Facts) -> list[Advice]:
    """Retries that fall due together meet the limit together, and fail together again."""
    crowd = facts.crowd(WAVE_RETRIES)
    if crowd is None or crowd[2] < crowd[1] * WAVE_SHARE:
        return []
    round_, total, together, at = crowd
    which = f"{total:,} retries" if not round_ else f"{total:,} retries number {round_}"
    return [
        Advice(
            "retry_wave",
            f"{together:,} of {which} fell due within the same 2 s (at {span(at)}): a wave that "
            "meets the limit again. Add a random part to `retryAfter` that is as long as the "
            "wave needs.",
            {"retry": round_, "retries": total, "together": together, "at_ms": at},
        )
    ]


def same_error(summary: Summary, facts: Facts) -> list[Advice]:
    """One error behind nearly every failure is a defect, not bad luck; retries do not mend it."""
    if not summary.errors or facts.failures < SAME_ERROR_LEAST:
        return []
    top = summary.errors[0]
    if top.count < facts.failures * SAME_ERROR_SHARE:
        return []
    return [
        Advice(
            "same_error",
            f"{top.count:,} of {facts.failures:,} failed invocations ended with the same error, "
            f"`{one_line(top.name, top.message)}`. Retrying does not mend it.",
            {"error": top.name, "count": top.count, "failures": facts.failures},
        )
    ]


def unsupported(summary: Summary, facts: Facts) -> list[Advice]:
    """The app used something that is not emulated: what followed may differ on Forge."""
    return [
        Advice(
            "unsupported",
            f"{count(call.count, 'call')} of {call.service} `{call.method} {call.path}`, which is "
            f"not emulated: {call.message}",
            {"service": call.service, "path": call.path, "calls": call.count},
        )
        for call in summary.unsupported
    ]


def logs_truncated(summary: Summary, facts: Facts) -> list[Advice]:
    """The platform keeps 100 lines a minute and 200 KB per invocation.

    limits-invocation/ (2026-09-01)
    """
    n = facts.log_truncated
    if not n:
        return []
    return [
        Advice(
            "logs_truncated",
            f"The log of {count(n, 'invocation')} was cut off at the platform's limit: the "
            "lines after it are not kept in production either.",
            {"invocations": n},
        )
    ]


RULES: tuple[Rule, ...] = (
    app_problems,
    undefined_store,
    nobody_listens,
    no_consumer,
    dropped_after_retries,
    pushes_refused,
    kvs_rates,
    kvs_rejected,
    retry_wave,
    clamped,
    same_error,
    unsupported,
    logs_truncated,
)


def with_advice(summary: Summary, facts: Facts) -> Summary:
    """The summary together with its findings."""
    return msgspec.structs.replace(summary, advice=advise(summary, facts))
