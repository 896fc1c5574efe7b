"""What a user may do to emulated time, and what is refused because it makes no sense."""

from __future__ import annotations

import pytest

from forge_emu.control.contract import ClockOrder
from forge_emu.emulator.clock_control import ClockControl
from forge_emu.errors import UserError
from forge_emu.records import Log
from tests.emulator.harness import LoopHarness, in_event_loop, run_scheduled_turns


def control_of(harness: LoopHarness) -> ClockControl:
    """The control of a loop's clock."""
    return ClockControl(harness.loop)


def messages(harness: LoopHarness) -> list[str]:
    """What was logged."""
    return [r.body.message for r in harness.records if isinstance(r.body, Log)]


@in_event_loop
async def test_time_goes_to_the_next_due_event() -> None:
    """Without one it stays where it is."""
    harness = LoopHarness()
    control = control_of(harness)
    control.apply_order(ClockOrder("next"))
    assert (harness.clock.instant, harness.loop.clock_driver.goal) == (0, None)
    harness.add_batch(2, 60_000)
    harness.loop.run_turn()
    control.apply_order(ClockOrder("next"))
    harness.end_invocation()
    assert harness.clock.instant == 60_000
    harness.loop.stop()


@in_event_loop
async def test_time_advances_by_a_span_from_where_it_stands() -> None:
    """Without the span the order is refused."""
    harness = LoopHarness()
    harness.clock.instant = 5_000
    control = control_of(harness)
    control.apply_order(ClockOrder("advance", span_ms=900_000))
    assert harness.clock.instant == 905_000
    with pytest.raises(UserError, match="how far to advance is missing"):
        control.apply_order(ClockOrder("advance"))
    assert harness.clock.instant == 905_000


@in_event_loop
async def test_a_clock_that_stands_still_is_on_record_and_says_so() -> None:
    """Until it is resumed; a move that was asked for changes nothing of that."""
    harness = LoopHarness()
    control = control_of(harness)
    control.apply_order(ClockOrder("pause"))
    control.apply_order(ClockOrder("advance", span_ms=1_000))
    assert (control.stopped, harness.clock.paused, harness.clock.instant) == (True, True, 1_000)
    control.apply_order(ClockOrder("resume"))
    assert (control.stopped, harness.clock.paused) == (False, False)
    assert messages(harness) == ["time stands still", "time goes on"]


@in_event_loop
async def test_a_clock_that_stood_still_at_the_start_counts_as_stopped() -> None:
    """So that it is saved as it was found."""
    harness = LoopHarness()
    harness.clock.stop(0)
    assert control_of(harness).stopped


@in_event_loop
async def test_time_goes_on_until_idle() -> None:
    """Through everything that is planned."""
    harness = LoopHarness()
    control = control_of(harness)
    harness.add_batch(2, 60_000)
    control.apply_order(ClockOrder("until-idle"))
    for _ in range(2):
        await run_scheduled_turns()
        harness.end_invocation()
    assert harness.clock.instant == 60_000
    assert not harness.loop.clock_driver.moving_until_idle


@pytest.mark.parametrize("queue", [None, "work"])
def test_what_is_held_is_never_idle(queue: str | None) -> None:
    """Time would go on for ever, whether all delivery is held or one queue."""
    harness = LoopHarness()
    admin = harness.engine.queue_admin
    if queue is None:
        admin.pause_delivery()
    else:
        admin.pause_queue(queue, 0)
    with pytest.raises(UserError, match="delivery is held") as caught:
        control_of(harness).apply_order(ClockOrder("until-idle"))
    assert "forge-emu queue resume" in (caught.value.hint or "")
    assert not harness.loop.clock_driver.moving_until_idle


@pytest.mark.parametrize(
    ("order", "message", "hint"),
    [
        (ClockOrder("back"), "there is no clock action 'back'", "next, advance, until-idle"),
        (ClockOrder("speed"), "the speed is missing", "forge-emu clock speed 60"),
        (
            ClockOrder("speed", speed=60),
            "virtual time has no speed, so it cannot be 60",
            "clock advance",
        ),
    ],
)
def test_what_cannot_be_done_is_explained(order: ClockOrder, message: str, hint: str) -> None:
    """With what can be, and nothing on record."""
    harness = LoopHarness(virtual=True)
    with pytest.raises(UserError) as caught:
        control_of(harness).apply_order(order)
    assert caught.value.message == message
    assert hint in (caught.value.hint or "")
    assert harness.records == []
