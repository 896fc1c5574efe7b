"""Findings about how the app uses its time and the store: timeouts, retries, units, hot keys."""

from __future__ import annotations

from forge_emu import settings as s
from forge_emu.report.advice.observations import Facts
from forge_emu.report.format import count, size, span
from forge_emu.report.summary import Advice, Summary

NEAR_TIMEOUT = 0.8
"""Share of its timeout that a function may use before it is called slow."""
NEAR_RETRY_DATA = 0.75
"""Share of the size of `retryData` that may be used before it is near the limit."""
PADDING = 1.5
"""Paid units per used ones from which writes are called badly rounded."""
MANY_WRITES = 20
HOT_SHARE = 0.9
"""Share of the storing invocations that write one key from which it is a hot key."""
_ONE_SET = r"\b(kvs|storage)\b.*\.set\w*\("
_SETS = r"\b(kvs|storage)\b.*\.(set|batch_?[sS]et|transact)\w*\("


def retried_in_vain(summary: Summary, facts: Facts) -> list[Advice]:
    """A retry asked for though no limit refused anything: an error was caught and not logged."""
    found = []
    for function, conduct in sorted(facts.behaviour.functions.items()):
        if not conduct.quiet:
            continue
        said = (
            f" What it logs: `{' '.join(conduct.said.split())[:160]}`."
            if conduct.said
            else " It logs nothing that says why."
        )
        found.append(
            Advice(
                "retried_in_vain",
                f"`{function}` asked for a retry again and again for "
                f"{count(conduct.quiet, 'event')} that never got through, though no limit refused "
                f"anything: an error is caught and turned into a retry.{said} Log the error, retry "
                "only what can pass, and throw the rest.",
                {"function": function, "events": conduct.quiet, "logged": conduct.said},
                facts.places.handler(function) + facts.places.code(r"\bcatch\b|except\b", function),
            )
        )
    return found


def timed_out(summary: Summary, facts: Facts) -> list[Advice]:
    """A handler over its timeout is ended, and its event retried from the start.

    limits-invocation/ (2026-09-01): 55 s, `timeoutSeconds` up to 900 for consumers.
    """
    return [
        Advice(
            "timed_out",
            f"`{function}` was ended at its timeout of {span(conduct.timeout_ms)} in "
            f"{conduct.timeouts:,} of {count(conduct.finished, 'invocation')}; every retry begins "
            f"from the start. {_cure(function, facts)}",
            {
                "function": function,
                "timeouts": conduct.timeouts,
                "invocations": conduct.finished,
                "timeout_ms": conduct.timeout_ms,
            },
            facts.places.handler(function) + facts.places.declared(function),
        )
        for function, conduct in sorted(facts.behaviour.functions.items())
        if conduct.timeouts
    ]


def _cure(function: str, facts: Facts) -> str:
    if function in facts.consumers.values():
        return "Do less in one invocation, or raise its `timeoutSeconds` (up to 900)."
    return "Leave the work to a queue: a consumer has 55 s, and up to 900 with `timeoutSeconds`."


def nearly_timed_out(summary: Summary, facts: Facts) -> list[Advice]:
    """A handler that came close to its timeout without reaching it."""
    return [
        Advice(
            "near_timeout",
            f"`{function}` took {span(conduct.longest)} of the {span(conduct.timeout_ms)} it has. "
            "A slower day ends it before it is done.",
            {
                "function": function,
                "longest_ms": conduct.longest,
                "timeout_ms": conduct.timeout_ms,
            },
            facts.places.handler(function) + facts.places.declared(function),
        )
        for function, conduct in sorted(facts.behaviour.functions.items())
        if not conduct.timeouts
        and conduct.timeout_ms
        and conduct.longest >= conduct.timeout_ms * NEAR_TIMEOUT
    ]


def large_retry_data(summary: Summary, facts: Facts) -> list[Advice]:
    """`retryData` over 4 KB is not kept: limits-async-events/ (2026-02-26)."""
    limit = facts.settings[s.PUSH_RETRY_DATA_KB]
    if limit is None:
        return []
    found = []
    for function, conduct in sorted(facts.behaviour.functions.items()):
        if conduct.data_most < limit * 1024 * NEAR_RETRY_DATA:
            continue
        over = conduct.data_most > limit * 1024
        outcome = (
            f"{count(conduct.data_over, 'retry', 'retries')} failed for it."
            if conduct.data_over
            else "What is over it is not kept."
            if over
            else "A little more and the retry is lost."
        )
        found.append(
            Advice(
                "retry_data_size",
                f"The largest `retryData` of `{function}` is {size(conduct.data_most)}, "
                f"{'over' if over else 'near'} the limit of {limit} KB. {outcome} Keep the state "
                "in the store and put its key into `retryData`.",
                {
                    "function": function,
                    "largest_bytes": conduct.data_most,
                    "limit_bytes": limit * 1024,
                    "refused": conduct.data_over,
                },
                facts.places.code(r"\bretryData\b\s*[:,}]|\bretry_data\b\s*=", function),
            )
        )
    return found


def padded_writes(summary: Summary, facts: Facts) -> list[Advice]:
    """Each write is rounded up to whole units; a batch is rounded up once.

    limits-kvs-ce/ (2026-09-28), storage-reference/kvs-batch/ (2026-08-21)
    """
    store, unit = facts.store, facts.settings[s.KVS_UNIT_KB] * 1000
    if store.writes < MANY_WRITES or store.written_units * unit < store.written_bytes * PADDING:
        return []
    mean = store.written_bytes / store.writes
    keys = facts.settings[s.KVS_BATCH_KEYS] or MANY_WRITES
    single = keys * store.written_units / store.writes
    batch = -(-round(keys * mean) // unit)
    return [
        Advice(
            "write_rounding",
            f"{count(store.writes, 'write')} of {size(round(mean))} each on average cost "
            f"{count(store.written_units, 'unit')} of {unit // 1000} KB, as each is rounded up; "
            f"their {size(store.written_bytes)} alone would be "
            f"{count(-(-store.written_bytes // unit), 'unit')}. A batch is rounded up once: "
            f"{keys} such values in one `kvs.batchSet` cost "
            f"{count(max(1, batch), 'unit')} instead of {single:,.0f}.",
            {
                "writes": store.writes,
                "bytes": store.written_bytes,
                "units": store.written_units,
                "units_of_a_batch": max(1, batch),
            },
            facts.places.code(_ONE_SET),
        )
    ]


def hot_key(summary: Summary, facts: Facts) -> list[Advice]:
    """One key written by all: the last write wins, whatever was read before.

    storage-reference/kvs/ (2026-08-21); 1 MB/s per key: limits-kvs-ce/ (2026-09-28)
    """
    key, writers = facts.store.busiest_key()
    if facts.store.writers < MANY_WRITES or writers < facts.store.writers * HOT_SHARE:
        return []
    return [
        Advice(
            "hot_key",
            f"The key `{key}` was written by {writers:,} of the "
            f"{count(facts.store.writers, 'invocation')} that stored anything. Handlers run side "
            "by side: the last write wins, and what others wrote in between is lost. Give each "
            "event a key of its own, or let only one run at a time with a `concurrency` key of "
            "limit 1.",
            {"key": key, "invocations": writers, "storing": facts.store.writers},
            facts.places.code(_SETS),
        )
    ]
