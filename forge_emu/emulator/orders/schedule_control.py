"""Scheduled triggers by hand: when each is due, and one more run of one."""

from __future__ import annotations

import difflib
from collections.abc import Callable

from forge_emu.control.contract import ScheduleOrder, ScheduleState, StartedCall
from forge_emu.engine.engine import Engine
from forge_emu.errors import UserError
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
        known = [t.key for t in self._engine.app.scheduled_triggers]
        if order.key not in known:
            raise UserError(f"there is no scheduled trigger {order.key!r}", _hint(order.key, known))
        call_id = self._engine.scheduled_runs.start_by_hand(order.key, self._enter())
        self._run_turn()
        return StartedCall(call_id, order.key)


def _hint(key: str, known: list[str]) -> str:
    if not known:
        return "The manifest has none: modules.scheduledTrigger."
    near = difflib.get_close_matches(key[:100], known, n=3)
    return f"Did you mean {' or '.join(near)}?" if near else f"There is {', '.join(known)}."
