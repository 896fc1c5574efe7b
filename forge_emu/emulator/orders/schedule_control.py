"""Scheduled triggers by hand: when each is due, one more run of one, and pauses."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from forge_emu.control.schedules.contract import (
    ScheduleOrder,
    SchedulePause,
    SchedulePauseReceipt,
    ScheduleState,
    StartedCall,
)
from forge_emu.emulator.app_modules.known import check_schedule
from forge_emu.engine.engine import Engine
from forge_emu.errors import NotFoundError
from forge_emu.model import Instant, ScheduledTrigger


class ScheduleControl:
    """Lists the schedules of the running app, runs and pauses them; `enter` answers the present."""

    def __init__(
        self, engine: Engine, enter: Callable[[], Instant], run_turn: Callable[[], None]
    ) -> None:
        self._engine = engine
        self._enter = enter
        self._run_turn = run_turn

    def list_schedules(self) -> list[ScheduleState]:
        """Every scheduled trigger, in the manifest's order."""
        return [self._state(trigger) for trigger in self._engine.app.scheduled_triggers]

    def run_schedule(self, order: ScheduleOrder) -> StartedCall:
        """Run a schedule once more, now. Raises UserError where the app has none of this key."""
        check_schedule(order.key, self._engine.app)
        call_id = self._engine.scheduled_runs.start_by_hand(order.key, self._enter())
        self._run_turn()
        return StartedCall(call_id, order.key)

    def pause_schedules(self, order: SchedulePause) -> SchedulePauseReceipt:
        """Pause or resume one or all. Raises UserError where the app has none of this key."""
        app = self._engine.app
        if order.key is not None:
            check_schedule(order.key, app)
        keys = [trigger.key for trigger in app.scheduled_triggers]
        keys = keys if order.key is None else [order.key]
        if not keys:
            raise NotFoundError(
                "the app has no scheduled triggers",
                "The manifest has none: modules.scheduledTrigger.",
            )
        changed = self._engine.scheduled_runs.set_paused(
            keys, self._enter(), paused=order.action == "pause"
        )
        self._run_turn()
        return SchedulePauseReceipt(order.action, keys, changed)

    def _state(self, trigger: ScheduledTrigger) -> ScheduleState:
        schedules, key = self._engine.scheduled_runs.schedules, trigger.key
        function = trigger.endpoint or trigger.function
        state = ScheduleState(key, trigger.interval, function, schedules.next_due_of(key))
        planned = schedules.snapshot.get(key)
        if planned is None:
            return state
        return msgspec.structs.replace(
            state,
            paused=planned.paused,
            last_ended=planned.last_ended,
            last_outcome=planned.last_outcome,
        )
