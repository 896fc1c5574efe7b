"""Snapshots of a run in virtual time: taken, and gone back to, while no handler is at work."""

from __future__ import annotations

from typing import Final

from forge_emu.control.hub import RecordHub
from forge_emu.emulator.clock_driver import PauseWatch
from forge_emu.emulator.emulator import Emulator
from forge_emu.emulator.loop import EngineLoop
from forge_emu.emulator.shutdown import Stop
from forge_emu.emulator.snapshots.object_state import NotState, ObjectState
from forge_emu.errors import UserError
from forge_emu.ports import Runtime
from forge_emu.store.gc_pause import gc_paused

_NOT_STATE: Final = NotState(
    {
        EngineLoop: frozenset(
            {"held", "_runtime", "_timer", "_scheduled_turn", "_waiters", "_stopped"}
        ),
        PauseWatch: frozenset({"_next_look", "_timer"}),
        RecordHub: frozenset({"_subscriptions", "_closed"}),
    },
    modules=("forge_emu.runtime", Stop.__module__),
)


class RunSnapshot:
    """A whole run as it was: engine, store, site, clock, chance, records and figures.

    `emulator` is the run. What others know of its records, such as lists that a listener of records
    fills, is gone back to as well where the emulator reaches it. Handlers begin with new instances,
    after this and after each `restore`: what an app keeps in variables of its modules is not gone
    back to, so it begins anew each time.

    Raises UserError in real time, and where handlers are at work.
    """

    def __init__(self, emulator: Emulator, runtime: Runtime) -> None:
        _check_quiet(emulator, "taken")
        self.emulator = emulator
        self._runtime = runtime
        self._generation = emulator.engine.generation
        self._begin_anew()
        with gc_paused():
            self._state = ObjectState(emulator, _NOT_STATE)

    def restore(self) -> None:
        """Go back to it; this can be done any number of times.

        Whoever follows the records is disconnected: they go on with a number they have had.
        Raises UserError where handlers are at work.
        """
        _check_quiet(self.emulator, "restored")
        self.emulator.hub.end_subscriptions()
        self._state.restore()
        self._begin_anew()

    def _begin_anew(self) -> None:
        """What follows is the same each time: with new instances, and after a turn."""
        self._runtime.renew_instances(self._generation)
        self.emulator.loop.schedule_turn()


def _check_quiet(emulator: Emulator, done: str) -> None:
    """Raise UserError unless the run can stand still."""
    if not emulator.clock.virtual or emulator.clock.speed is not None:
        raise UserError(
            f"a snapshot can be {done} in virtual time only", "Leave out virtual=False."
        )
    loop, engine = emulator.loop, emulator.engine
    work = engine.running_work()
    if work:
        function, id = work[0]
        raise UserError(
            f"a snapshot cannot be {done} while {function} works on {id[:8] or 'a call'}"
            + (f", and {len(work) - 1} others run" if len(work) > 1 else ""),
            "Let it end first: until_idle(), or advance the clock.",
        )
    if emulator.calls.waited_for:
        raise UserError(
            f"a snapshot cannot be {done} while a call has not ended", "Wait for its answer first."
        )
    if loop.clock_driver.handlers_go_on():
        raise UserError(
            f"a snapshot cannot be {done} while a handler that has returned goes on with timers",
            "Advance the clock until they have fired.",
        )
