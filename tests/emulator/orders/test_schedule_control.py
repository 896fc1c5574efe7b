"""Scheduled triggers by hand: their list, an extra run, and keys that do not exist."""

from __future__ import annotations

import pytest
from msgspec import structs

from forge_emu.control.schedules.contract import (
    ScheduleOrder,
    SchedulePause,
    SchedulePauseReceipt,
    ScheduleState,
    StartedCall,
)
from forge_emu.emulator.orders.schedule_control import ScheduleControl
from forge_emu.errors import UserError
from forge_emu.model import MINUTE, App, ScheduledTrigger
from forge_emu.records import CallReceived
from tests.engine.world import World, app


def scheduled_app(*keys: str) -> App:
    """An app with these schedules."""
    modules = tuple(ScheduledTrigger(key, "work", "hour", 1) for key in keys)
    return structs.replace(app(), scheduled_triggers=modules)


def control_of(world: World) -> ScheduleControl:
    """The control of a world whose app is loaded."""
    world.engine.start_app(world.now)
    return ScheduleControl(world.engine, lambda: world.now, lambda: world.engine.wake(world.now))


def test_schedules_are_listed_with_their_next_runs() -> None:
    """In the manifest's order."""
    control = control_of(World(scheduled_app("b", "a")))

    assert control.list_schedules() == [
        ScheduleState(key, "hour", "work", 5 * MINUTE) for key in ("b", "a")
    ]


def test_an_extra_run_starts_at_once() -> None:
    """The list is as before."""
    world = World(scheduled_app("a"))
    control = control_of(world)
    before = control.list_schedules()
    started = control.run_schedule(ScheduleOrder("a"))
    world.collect()

    [received] = world.bodies_of(CallReceived)
    assert started == StartedCall(received.call_id, "a")
    assert len(world.started) == 1
    assert control.list_schedules() == before


@pytest.mark.parametrize(
    ("keys", "hint"),
    [
        (["hourly"], "Did you mean hourly?"),
        (["x", "y"], "There is x, y."),
        ([], "The manifest has none: modules.scheduledTrigger."),
    ],
)
def test_an_unknown_key_gets_the_nearest_names(keys: list[str], hint: str) -> None:
    """And nothing is started."""
    world = World(scheduled_app(*keys))
    with pytest.raises(UserError) as caught:
        control_of(world).run_schedule(ScheduleOrder("hourli"))

    assert caught.value.message == "there is no scheduled trigger 'hourli'"
    assert caught.value.hint == hint
    assert world.engine.pending == 0


def test_one_or_all_are_paused() -> None:
    """The answer says which of them were not."""
    control = control_of(World(scheduled_app("a", "b")))
    assert control.pause_schedules(SchedulePause("pause", "b")) == SchedulePauseReceipt(
        "pause", ["b"], ["b"]
    )
    assert control.pause_schedules(SchedulePause("pause")).changed == ["a"]
    assert [each.paused for each in control.list_schedules()] == [True, True]
    assert control.pause_schedules(SchedulePause("resume")).changed == ["a", "b"]


def test_what_is_not_there_cannot_be_paused() -> None:
    """A key, or any schedule at all."""
    with pytest.raises(UserError, match="no scheduled trigger 'c'"):
        control_of(World(scheduled_app("a"))).pause_schedules(SchedulePause("pause", "c"))
    with pytest.raises(UserError, match="the app has no scheduled triggers"):
        control_of(World(scheduled_app())).pause_schedules(SchedulePause("pause"))
