"""Findings about the app in plain words. One function per rule; none depends on another."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from forge_emu.report.advice import app, limits, retries, usage
from forge_emu.report.advice.observations import Facts
from forge_emu.report.summary import Advice, Summary

Rule: TypeAlias = Callable[[Summary, Facts], list[Advice]]

RULES: tuple[Rule, ...] = (
    app.storage_removed,
    app.undefined_store,
    app.nobody_listens,
    app.no_consumer,
    usage.retried_in_vain,
    usage.timed_out,
    retries.dropped_after_retries,
    limits.pushes_refused,
    limits.kvs_rates,
    limits.kvs_rejected,
    limits.batch_keys,
    retries.retry_wave,
    retries.first_retry_at_once,
    retries.clamped,
    usage.large_retry_data,
    usage.hot_key,
    usage.padded_writes,
    usage.nearly_timed_out,
    app.same_error,
    app.unsupported,
    app.logs_truncated,
)
"""The gravest first: the order of the findings in a summary."""


def advise(summary: Summary, facts: Facts) -> list[Advice]:
    """Every finding, the gravest first."""
    return [finding for rule in RULES for finding in rule(summary, facts)]


def with_advice(summary: Summary, facts: Facts) -> Summary:
    """The summary together with its findings."""
    return msgspec.structs.replace(summary, advice=advise(summary, facts))
