"""Findings about how the app uses its time and the store: timeouts, retries, units, hot keys."""

from __future__ import annotations

import re

from forge_emu import settings as s
from forge_emu.durations import duration_text, exact_duration_text
from forge_emu.model import SECOND
from forge_emu.report.advice.function_stats import FunctionStats
from forge_emu.report.advice.observations import Observations
from forge_emu.report.format import plural, size, were
from forge_emu.report.summary import Advice, Summary

NEAR_TIMEOUT = 0.8
"""Share of its timeout that a function may use before it is called slow."""
NEAR_RETRY_DATA = 0.75
"""Share of the size of `retryData` that may be used before it is near the limit."""
ROUNDING = 1.5
"""Paid units per used ones from which writes are called badly rounded."""
MANY_WRITES = 20
HOT_SHARE = 0.9
"""Share of the storing invocations that write one key from which it is a hot key."""
_LONGEST_TIMEOUT = 900 * SECOND
_RETRIED = "; every retry begins from the start"
_RETRIED_MODULES = frozenset({"trigger", "consumer"})
_LONG_RUNNING_MODULES = frozenset({"consumer", "scheduled_trigger"})
_SET_CALL = r"\b(kvs|storage)\b.*\.set\w*\("
_WRITE_CALL = r"\b(kvs|storage)\b.*\.(set|batch_?[sS]et|transact)\w*\("


def retried_in_vain(summary: Summary, facts: Observations) -> list[Advice]:
    """A retry asked for though no limit refused anything: an error was caught and not logged."""
    found = []
    for function, stats in sorted(facts.function_stats.functions.items()):
        if not stats.retried_in_vain:
            continue
        said = (
            f" What it logs: `{' '.join(stats.first_log_line.split())[:160]}`."
            if stats.first_log_line
            else " It logs nothing that says why."
        )
        found.append(
            Advice(
                "retried_in_vain",
                f"`{function}` asked for a retry again and again for "
                f"{plural(stats.retried_in_vain, 'event')} that never got through, though no "
                "limit refused "
                f"anything: an error is caught and turned into a retry.{said} Log the error, retry "
                "only what can pass, and throw the rest.",
                {
                    "function": function,
                    "events": stats.retried_in_vain,
                    "logged": stats.first_log_line,
                },
                facts.places.find_handler(function)
                + facts.places.find_code(r"\bcatch\b|except\b", function),
            )
        )
    return found


def not_awaited(summary: Summary, facts: Observations) -> list[Advice]:
    """A handler that returns before its requests are answered: what follows them may be lost."""
    found = []
    for function, stats in sorted(facts.unawaited.functions.items()):
        places = facts.unawaited.find_places(function, facts.places)
        calls = ", ".join(f"`{call}`" for call, _ in stats.calls.most_common(3))
        unanswered = (
            f"`{function}` returned in {plural(stats.invocations, 'invocation')} before "
            f"{plural(stats.requests, 'request')} had an answer"
            if stats.requests
            else f"`{function}` made requests after its return"
        )
        lost = f" {plural(stats.lost, 'request')} of it {were(stats.lost)} lost here." * bool(
            stats.lost
        )
        found.append(
            Advice(
                "not_awaited",
                f"{unanswered} ({calls}). Forge freezes a process when its handler returns: what "
                f"is not awaited may go on later, or never.{lost} {_await_advice(places)}",
                {
                    "function": function,
                    "invocations": stats.invocations,
                    "requests": stats.requests,
                    "lost": stats.lost,
                    "calls": list(stats.calls),
                },
                places or facts.places.find_handler(function),
            )
        )
    return found


def _await_advice(places: list[str]) -> str:
    if any(place.rpartition(":")[0].endswith(".py") for place in places):
        return (
            "`await` every call, or `await asyncio.gather(...)` for several; join threads before "
            "the return."
        )
    return (
        "`await` every call: `forEach` waits for no `async` callback, `for (const x of xs) { await "
        "… }` and `await Promise.all(xs.map(async (x) => …))` do."
    )


def timed_out(summary: Summary, facts: Observations) -> list[Advice]:
    """A handler over its timeout is ended, and its event retried from the start.

    limits-invocation/ (2026-09-01): 55 s, `timeoutSeconds` up to 900 for consumers.
    """
    return [
        Advice(
            "timed_out",
            f"`{function}` was ended at its timeout of {duration_text(stats.timeout_ms)} in "
            f"{stats.timeouts:,} of {plural(stats.finished, 'invocation')}"
            f"{_RETRIED if stats.modules & _RETRIED_MODULES else ''}. "
            f"{_cure(function, stats, facts)}",
            {
                "function": function,
                "timeouts": stats.timeouts,
                "invocations": stats.finished,
                "timeout_ms": stats.timeout_ms,
            },
            facts.places.find_handler(function) + facts.places.find_declaration(function),
        )
        for function, stats in sorted(facts.function_stats.functions.items())
        if stats.timeouts
    ]


def _cure(function: str, stats: FunctionStats, facts: Observations) -> str:
    if not stats.modules & _LONG_RUNNING_MODULES:
        return (
            "Leave the work to a queue: a consumer has 55 s, and up to 900 with `timeoutSeconds`."
        )
    usual = facts.settings[s.CONSUMER_TIMEOUT_SECONDS] * SECOND
    if stats.timeout_ms < (facts.places.declared_timeout(function) or usual):
        return (
            "Another module that uses the function has no more, and the lowest counts for all: "
            "give each a function of its own."
        )
    if stats.timeout_ms >= _LONGEST_TIMEOUT:
        return "There is no longer one: do less in one invocation, and push the rest."
    return "Do less in one invocation, or raise its `timeoutSeconds` (up to 900)."


def near_timeout(summary: Summary, facts: Observations) -> list[Advice]:
    """A handler that came close to its timeout without reaching it."""
    return [
        Advice(
            "near_timeout",
            f"`{function}` took {exact_duration_text(stats.longest)} of the "
            f"{exact_duration_text(stats.timeout_ms)} it has. A slower day ends it before it is "
            "done.",
            {
                "function": function,
                "longest_ms": stats.longest,
                "timeout_ms": stats.timeout_ms,
            },
            facts.places.find_handler(function) + facts.places.find_declaration(function),
        )
        for function, stats in sorted(facts.function_stats.functions.items())
        if not stats.timeouts
        and stats.timeout_ms
        and stats.longest >= stats.timeout_ms * NEAR_TIMEOUT
    ]


def retry_data_size(summary: Summary, facts: Observations) -> list[Advice]:
    """`retryData` over 4 KB is not kept: limits-async-events/ (2026-02-26)."""
    limit = facts.settings[s.PUSH_RETRY_DATA_KB]
    if limit is None:
        return []
    found = []
    for function, stats in sorted(facts.function_stats.functions.items()):
        if stats.largest_retry_data < limit * 1024 * NEAR_RETRY_DATA:
            continue
        over = stats.largest_retry_data > limit * 1024
        outcome = (
            f"{plural(stats.refused_retry_data, 'retry', 'retries')} failed for it."
            if stats.refused_retry_data
            else "What is over it is not kept."
            if over
            else "A little more and the retry is lost."
        )
        found.append(
            Advice(
                "retry_data_size",
                f"The largest `retryData` of `{function}` is {size(stats.largest_retry_data)}, "
                f"{'over' if over else 'near'} the limit of {limit} KB. {outcome} Keep the state "
                "in the store and put its key into `retryData`.",
                {
                    "function": function,
                    "largest_bytes": stats.largest_retry_data,
                    "limit_bytes": limit * 1024,
                    "refused": stats.refused_retry_data,
                },
                facts.places.find_code(r"\bretryData\b\s*[:,}]|\bretry_data\b\s*=", function),
            )
        )
    return found


def write_rounding(summary: Summary, facts: Observations) -> list[Advice]:
    """Each write is rounded up to whole units; a batch is rounded up once.

    limits-kvs-ce/ (2026-09-28), storage-reference/kvs-batch/ (2026-08-21)
    """
    store, unit = facts.kvs, facts.settings[s.KVS_UNIT_KB] * 1000
    if store.writes < MANY_WRITES or store.written_units * unit < store.written_bytes * ROUNDING:
        return []
    if not _units_are_scarce(summary):
        return []
    mean = store.written_bytes / store.writes
    keys = facts.settings[s.KVS_BATCH_KEYS] or MANY_WRITES
    single = keys * store.written_units / store.writes
    batch = -(-round(keys * mean) // unit)
    return [
        Advice(
            "write_rounding",
            f"{plural(store.writes, 'write')} of {size(round(mean))} each on average cost "
            f"{plural(store.written_units, 'unit')} of {unit // 1000} KB, as each is rounded up; "
            f"their {size(store.written_bytes)} alone would be "
            f"{plural(-(-store.written_bytes // unit), 'unit')}. A batch is rounded up once: "
            f"{keys} such values in one `kvs.batchSet` cost "
            f"{plural(max(1, batch), 'unit')} instead of {single:,.0f}.",
            {
                "writes": store.writes,
                "bytes": store.written_bytes,
                "units": store.written_units,
                "units_of_a_batch": max(1, batch),
            },
            facts.places.find_code(_SET_CALL),
        )
    ]


def _units_are_scarce(summary: Summary) -> bool:
    """Whether half of a limit of write units was used; also where nothing tells."""
    rates = {setting.name for setting in s.rates("store_calls") if setting.rate.amount == "units"}
    used = [use for use in summary.limits if use.name in rates and use.limit]
    return not used or any(use.hits or use.peak * 2 >= (use.limit or 0) for use in used)


def hot_key(summary: Summary, facts: Observations) -> list[Advice]:
    """One key written by all: the last write wins, whatever was read before.

    storage-reference/kvs/ (2026-08-21); 1 MB/s per key: limits-kvs-ce/ (2026-09-28)
    """
    key, writers = facts.kvs.busiest_key()
    if facts.kvs.writers < MANY_WRITES or writers < facts.kvs.writers * HOT_SHARE:
        return []
    # A helper may do the writing, and somebody else name the key.
    named = facts.places.find_code(rf"['\"`]{re.escape(key)}['\"`]")
    return [
        Advice(
            "hot_key",
            f"The key `{key}` was written by {writers:,} of the "
            f"{plural(facts.kvs.writers, 'invocation')} that stored anything. Handlers run side "
            "by side: the last write wins, and what others wrote in between is lost. Give each "
            "event a key of its own, or let only one run at a time with a `concurrency` key of "
            "limit 1.",
            {"key": key, "invocations": writers, "storing": facts.kvs.writers},
            list(dict.fromkeys((*facts.places.find_code(_WRITE_CALL), *named))),
        )
    ]
