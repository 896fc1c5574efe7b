"""A run that waits for a handler in real time says so, once, and how long at the most."""

from __future__ import annotations

from forge_emu.settings import Settings
from forge_emu.simulate.stalls import BUSY_SECONDS, FIRST_SECONDS, StallReports, stall_text
from tests.emulator.emulator_harness import EmulatorHarness
from tests.emulator.harness import in_event_loop


@in_event_loop
async def test_it_is_said_once_for_each_time_that_nothing_happens() -> None:
    """Not while time moves on, nor when no handler is at work."""
    harness = EmulatorHarness()
    said: list[str] = []
    reports = StallReports(harness.emulator, said.append)
    reports.look(0.0)
    reports.look(2 * FIRST_SECONDS)
    assert said == [], "nothing runs"
    harness.push()
    harness.turn()
    assert harness.engine.running == 1
    reports.look(10.0)
    reports.look(10.0 + FIRST_SECONDS / 2)
    assert said == [], "not for long"
    reports.look(10.0 + FIRST_SECONDS)
    reports.look(30.0)
    ((function, event),) = harness.engine.running_work()
    (text,) = said
    assert text.startswith(f"waiting for {function} ({event}): {FIRST_SECONDS:g} s of real time")
    harness.turn(1_000)
    reports.look(40.0)
    reports.look(40.0 + FIRST_SECONDS)
    assert len(said) == 2, "it is another wait when time has moved"
    harness.end_invocation()
    reports.look(50.0)
    reports.look(60.0)
    assert len(said) == 2, "it has ended"


@in_event_loop
async def test_time_that_moves_alone_is_said_once_too() -> None:
    """A handler that sets timers for ever is at work, and nothing comes of it."""
    harness = EmulatorHarness()
    said: list[str] = []
    reports = StallReports(harness.emulator, said.append)
    harness.push()
    harness.turn()
    for second in range(int(3 * BUSY_SECONDS)):
        harness.clock.instant = second
        reports.look(float(second))
    ((function, event),) = harness.engine.running_work()
    (text,) = said
    assert text.startswith(f"still at {function} ({event}): {BUSY_SECONDS:g} s of real time")


def test_the_settings_say_how_long_it_can_take() -> None:
    """Of many handlers only the first are named."""
    settings = Settings(overrides={"delivery.io_real_seconds": 30})
    work = [(f"f{n}", f"e{n}") for n in range(5)]
    text = stall_text(work, 12, settings)
    assert "f0 (e0), f1 (e1), f2 (e2) and 2 others: 12 s" in text
    assert "in 18 s (delivery.io_real_seconds)" in text
    assert "after 5 s where that was in vain before (delivery.io_again_real_seconds)" in text
    assert "delivery.stuck_real_seconds" in text
    assert "after 5 s where its function was before (delivery.stuck_again_real_seconds)" in text
