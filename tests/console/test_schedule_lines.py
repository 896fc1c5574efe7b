"""Scheduled triggers as text: their next runs, pauses, and how the last ones ended."""

from __future__ import annotations

from forge_emu.console.tables.schedule_lines import next_run_text, schedule_lines
from forge_emu.control.schedules.contract import ScheduleState
from forge_emu.model import MINUTE

SCHEDULES = [
    ScheduleState("hourly", "hour", "f", 9 * MINUTE, False, 2 * MINUTE, "succeeded"),
    ScheduleState("five", "fiveMinute", "f", 6 * MINUTE, True, MINUTE, "timeout"),
    ScheduleState("done", "day", "f", None),
]


def test_each_has_a_line() -> None:
    """With what there is to say of it."""
    assert schedule_lines(SCHEDULES, 4 * MINUTE) == [
        "hourly  hour        next run in 5 min; the last one succeeded 2 min ago",
        "five    fiveMinute  paused; the last one failed 3 min ago (timeout)",
        "done    day         no further run",
    ]
    assert schedule_lines([], 0) == ["the app has no scheduled triggers"]


def test_the_next_run_is_of_one_that_is_not_paused() -> None:
    """Or it is said that all are."""
    assert next_run_text(SCHEDULES, 4 * MINUTE) == "next hourly in 5 min"
    assert next_run_text(SCHEDULES[1:], 0) == "schedules paused"
    assert next_run_text(SCHEDULES[2:], 0) is None
