"""Outcomes of runs that never were."""

from __future__ import annotations

from typing import Any

from forge_emu.report.summary import (
    DurationFigures,
    EventFigures,
    ProductFigures,
    RefusalFigures,
    RetryFigures,
    Summary,
)
from forge_emu.simulate.plan.figures import RunOutcome


def outcome(records: dict[str, int] | None = None, **more: Any) -> RunOutcome:
    """A run of ten events, all delivered, but for what `more` says."""
    fields: dict[str, Any] = {
        "ended_at": 600_000,
        "events": EventFigures(pushed=10, succeeded=10),
        "product_events": ProductFigures(sent=10, succeeded=10),
        "attempts": {"1": 8, "3": 2},
        "retries": RetryFigures(4),
        "time_to_success": DurationFigures(10, 1_000, 90_000, 120_000),
        **more,
    }
    return RunOutcome(Summary(**fields), records or {"kvs.done": 30})


def outcome_with_drops(dropped: int = 2, **more: Any) -> RunOutcome:
    """A run that has dropped events."""
    events = EventFigures(pushed=10, succeeded=10 - dropped, dropped=dropped)
    return outcome(events=events, drops={"max_retries": dropped}, **more)


REFUSED = RefusalFigures(
    push={"limits.push.events_per_minute": 3},
    push_events={"limits.push.events_per_minute": 5},
    kvs={"limits.kvs.write_units_per_minute": 20, "fault:kvs.error": 10},
)
