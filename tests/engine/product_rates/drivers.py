"""Calls of a product, and limits of a size that a test can meet."""

from __future__ import annotations

from typing import Any

from forge_emu import settings as s
from forge_emu.engine.product_rates.product_rates import ProductRates
from forge_emu.engine.product_rates.refusals import ProductCall
from forge_emu.model import Instant
from forge_emu.settings import Settings

EPOCH = 1_767_225_600_000 + 600_000
"""Ten minutes past a full hour."""


def edit(issue: str | None = "10001") -> ProductCall:
    """An edit of an issue."""
    return ProductCall("jira", "PUT /rest/api/{version}/issue/{issue}", s.JIRA_PUTS, issue)


def read() -> ProductCall:
    """A read of an issue."""
    return ProductCall("jira", "GET /rest/api/{version}/issue/{issue}", s.JIRA_ISSUE_GETS)


def rates(**limits: Any) -> ProductRates:
    """The limits with some others, by the ends of their names."""
    overrides = {f"limits.jira.{name}": value for name, value in limits.items()}
    return ProductRates(Settings(overrides=overrides), EPOCH)


def passes(of: ProductRates, call: ProductCall, now: Instant, count: int) -> int:
    """How many of so many calls at once go through."""
    return sum(of.refuse_call(call, now) is None for _ in range(count))
