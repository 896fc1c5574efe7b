"""Findings about the app in plain words. One function per rule; none depends on another."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from forge_emu.report import rules_app, rules_limits, rules_retries, rules_use
from forge_emu.report.facts import Facts
from forge_emu.report.summary import Advice, Summary

Rule: TypeAlias = Callable[[Summary, Facts], list[Advice]]

RULES: tuple[Rule, ...] = (
    rules_app.storage_removed,
    rules_app.undefined_store,
    rules_app.nobody_listens,
    rules_app.no_consumer,
    rules_use.retried_in_vain,
    rules_use.timed_out,
    rules_retries.dropped_after_retries,
    rules_limits.pushes_refused,
    rules_limits.kvs_rates,
    rules_limits.kvs_rejected,
    rules_limits.batch_keys,
    rules_retries.retry_wave,
    rules_retries.first_retry_at_once,
    rules_retries.clamped,
    rules_use.large_retry_data,
    rules_use.hot_key,
    rules_use.padded_writes,
    rules_use.nearly_timed_out,
    rules_app.same_error,
    rules_app.unsupported,
    rules_app.logs_truncated,
)
"""The gravest first: the order of the findings in a summary."""


def advise(summary: Summary, facts: Facts) -> list[Advice]:
    """Every finding, the gravest first."""
    return [finding for rule in RULES for finding in rule(summary, facts)]


def with_advice(summary: Summary, facts: Facts) -> Summary:
    """The summary together with its findings."""
    return msgspec.structs.replace(summary, advice=advise(summary, facts))
