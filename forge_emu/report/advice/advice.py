"""Findings about the app in plain words. One function per rule; none depends on another."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from forge_emu.report.advice import app, limits, retries, usage
from forge_emu.report.advice.observations import Observations
from forge_emu.report.summary import Advice, Summary

AdviceRule: TypeAlias = Callable[[Summary, Observations], list[Advice]]

ADVICE_RULES: tuple[AdviceRule, ...] = (
    app.storage_removed,
    app.storage_undefined,
    app.no_trigger,
    app.own_events,
    app.no_consumer,
    app.not_loaded,
    usage.not_awaited,
    usage.retried_in_vain,
    usage.timed_out,
    app.lost_claims,
    retries.retry_mistakes,
    retries.dropped_max_retries,
    retries.expired,
    limits.pushes_refused,
    limits.kvs_rate,
    limits.kvs_rejected,
    limits.failed_keys,
    limits.product_rate,
    retries.retry_wave,
    retries.first_retry_at_once,
    retries.retry_after_clamped,
    usage.retry_data_size,
    usage.hot_key,
    usage.write_rounding,
    usage.near_timeout,
    app.same_error,
    app.requests_refused,
    app.unsupported_calls,
    app.logs_truncated,
)
"""The gravest first: the order of the findings in a summary."""


def advise(summary: Summary, facts: Observations) -> list[Advice]:
    """Every finding, the gravest first."""
    return [finding for rule in ADVICE_RULES for finding in rule(summary, facts)]


def with_advice(summary: Summary, facts: Observations) -> Summary:
    """The summary together with its findings."""
    return msgspec.structs.replace(summary, advice=advise(summary, facts))
