"""Scheduled triggers by hand: when each is due, and one more run of one."""

from __future__ import annotations

from collections.abc import Callable

from forge_emu.control.contract import ScheduleOrder, ScheduleState, StartedCall
from forge_emu.emulator.app_modules.known import check_schedule
from forge_emu.engine.engine import Engine
from forge_emu.model import Instant


class ScheduleControl:
    """Lists the schedules of the running app and runs them; `enter` answers the present."""

    def __init__(
        self, engine: Engine, enter: Callable[[], Instant], run_turn: Callable[[], None]
    ) -> None:
        self._engine = engine
        self._enter = enter
        self._run_turn = run_turn

    def list_schedules(self) -> list[ScheduleState]:
        """Every scheduled trigger, in the manifest's order."""
        next_due_of = self._engine.scheduled_runs.schedules.next_due_of
        return [
            ScheduleState(t.key, t.interval, t.endpoint or t.function, next_due_of(t.key))
            for t in self._engine.app.scheduled_triggers
        ]

    def run_schedule(self, order: ScheduleOrder) -> StartedCall:
        """Run a schedule once more, now. Raises UserError where the app has none of this key."""
        check_schedule(order.key, self._engine.app)
        call_id = self._engine.scheduled_runs.start_by_hand(order.key, self._enter())
        self._run_turn()
        return StartedCall(call_id, order.key)
