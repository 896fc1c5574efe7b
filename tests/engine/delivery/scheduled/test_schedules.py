"""When schedules are due: after their load, at every interval, after a reload, a restart."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from forge_emu.engine.delivery.scheduled.schedules import DueRun, SavedSchedule, Schedules
from forge_emu.model import HOUR, MINUTE, SCHEDULE_INTERVALS, App, Instant, ScheduledTrigger
from forge_emu.settings import Settings
from tests.engine.world import app

DAY = 24 * HOUR


def app_with(**intervals: str) -> App:
    """An app with these schedules, by key."""
    modules = tuple(ScheduledTrigger(key, "work", each, 1) for key, each in intervals.items())
    return structs.replace(app(), scheduled_triggers=modules)


def planned(the_app: App, **overrides: Any) -> Schedules:
    """The schedules of an app that was loaded at 0."""
    schedules = Schedules(
        Settings("current", {k.replace("__", "."): v for k, v in overrides.items()})
    )
    schedules.use_app(the_app, 0)
    return schedules


def due_times(schedules: Schedules, until: Instant) -> list[tuple[str, Instant]]:
    """All runs up to `until`, as a loop finds them that never passes one over."""
    found = []
    while (due := schedules.next_due()) is not None and due <= until:
        found += [(run.key, run.due_at) for run in schedules.pop_due(due)]
    return found


@pytest.mark.parametrize(("word", "length"), SCHEDULE_INTERVALS.items())
def test_the_first_run_is_five_minutes_after_the_load_and_then_at_every_interval(
    word: str, length: int
) -> None:
    """Counted from the due time."""
    schedules = planned(app_with(key=word))
    first = 5 * MINUTE

    assert due_times(schedules, first + 3 * length) == [
        ("key", first + n * length) for n in range(4)
    ]


def test_the_wait_for_the_first_run_is_a_setting() -> None:
    """It may be 0."""
    assert planned(app_with(key="hour"), schedules__first_run_seconds=0).next_due() == 0


def test_an_app_without_schedules_has_nothing_due() -> None:
    """Ever."""
    assert planned(app()).next_due() is None


def test_a_schedule_may_have_an_endpoint() -> None:
    """Another endpoint is a change."""
    first, second = (ScheduledTrigger("key", "", "hour", 1, endpoint=e) for e in ("e", "f"))
    schedules = planned(structs.replace(app(), scheduled_triggers=(first,)))
    assert schedules.function_of("key") == "e"

    schedules.use_app(structs.replace(app(), scheduled_triggers=(second,)), MINUTE)
    assert schedules.next_due() == 6 * MINUTE


@pytest.mark.parametrize("setting", ["reset_all", "reset_changed"])
def test_a_reload_that_changes_no_schedule_changes_no_due_time(setting: str) -> None:
    """Whatever else of the app has changed."""
    schedules = planned(app_with(key="day"), schedules__changed=setting)
    schedules.use_app(structs.replace(app_with(key="day"), name="other"), 2 * MINUTE)

    assert schedules.next_due_of("key") == 5 * MINUTE


@pytest.mark.parametrize(
    ("setting", "kept"), [("reset_all", 17 * MINUTE), ("reset_changed", 5 * MINUTE + HOUR)]
)
@pytest.mark.parametrize(
    "changed", [{"a": "hour"}, {"a": "hour", "b": "week"}, {"a": "hour", "c": "day"}]
)
def test_a_reload_that_changes_a_schedule(
    setting: str, kept: Instant, changed: dict[str, str]
) -> None:
    """The platform makes all of them anew; one that is removed goes."""
    schedules = planned(app_with(a="hour", b="day"), schedules__changed=setting)
    due_times(schedules, 5 * MINUTE)
    schedules.use_app(app_with(**changed), 12 * MINUTE)

    assert schedules.next_due_of("a") == kept
    assert schedules.snapshot.keys() == changed.keys()
    assert all(schedules.next_due_of(key) == 17 * MINUTE for key in changed.keys() - {"a"})


@pytest.mark.parametrize(
    ("missed", "answered", "then"),
    [
        ("one", [DueRun("key", 3 * HOUR, HOUR, 2)], []),
        ("none", [], [DueRun("key", 3 * HOUR, HOUR, 2)]),
    ],
)
def test_what_was_missed_while_no_emulator_ran(
    missed: str, answered: list[DueRun], then: list[DueRun]
) -> None:
    """One run makes up for all, or none; the times of later runs stay."""
    schedules = Schedules(Settings("current", {"schedules.missed": missed}))
    schedules.restore({"key": SavedSchedule("work", "hour", HOUR)})

    assert schedules.use_app(app_with(key="hour"), 3 * HOUR + MINUTE) == then
    assert list(schedules.pop_due(3 * HOUR + MINUTE)) == answered
    assert schedules.next_due() == 4 * HOUR


def test_several_that_are_due_come_by_their_due_times() -> None:
    """The first due first."""
    schedules = Schedules(Settings())
    schedules.restore(
        {"a": SavedSchedule("work", "day", HOUR), "b": SavedSchedule("work", "day", 7)}
    )
    schedules.use_app(app_with(a="day", b="day"), HOUR)

    assert [run.key for run in schedules.pop_due(HOUR)] == ["b", "a"]


def test_from_its_end_on_nothing_is_due() -> None:
    """As in a simulation with `--until`."""
    schedules = planned(app_with(key="fiveMinute"))
    schedules.end = 15 * MINUTE

    assert due_times(schedules, DAY) == [("key", 5 * MINUTE), ("key", 10 * MINUTE)]
    assert (schedules.next_due(), schedules.next_due_of("key")) == (None, None)
    assert list(schedules.pop_due(DAY)) == []


def test_a_pause_and_the_last_end_stay_when_a_schedule_changes() -> None:
    """And a restart; a key that is not planned can have neither."""
    schedules = planned(app_with(key="hour", other="day"))
    assert schedules.set_paused("key", True)
    assert not schedules.set_paused("key", True)
    assert not schedules.set_paused("nope", True)
    schedules.note_end("key", "error", MINUTE)
    schedules.note_end("nope", "error", MINUTE)
    schedules.changed = False
    schedules.use_app(app_with(key="week", other="day"), 2 * MINUTE)
    restored = Schedules(Settings())
    restored.restore(schedules.snapshot)

    assert schedules.changed
    assert restored.snapshot["key"] == SavedSchedule(
        "work", "week", 7 * MINUTE, paused=True, last_ended=MINUTE, last_outcome="error"
    )
    assert (restored.is_paused("key"), restored.is_paused("other")) == (True, False)
    assert schedules.set_paused("key", False)
    assert not schedules.is_paused("key")


def test_it_says_what_has_changed() -> None:
    """So that it is saved once."""
    schedules = planned(app_with(key="hour"))
    assert schedules.changed

    restored = Schedules(Settings())
    restored.restore(schedules.snapshot)
    restored.use_app(app_with(key="hour"), MINUTE)
    list(restored.pop_due(MINUTE))
    assert not restored.changed

    list(schedules.pop_due(5 * MINUTE))
    assert schedules.snapshot == {"key": SavedSchedule("work", "hour", 5 * MINUTE + HOUR)}
