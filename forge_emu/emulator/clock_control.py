"""Clock control: what `forge-emu clock` and the console may do to emulated time during a run."""

from __future__ import annotations

from collections.abc import Callable

from forge_emu.control.contract import ClockOrder, ClockState
from forge_emu.emulator.loop import EngineLoop
from forge_emu.errors import UserError
from forge_emu.model import iso8601
from forge_emu.records import Log


class ClockControl:
    """Applies the clock orders of `forge-emu clock` and of the console's keys."""

    def __init__(self, loop: EngineLoop) -> None:
        self._loop = loop
        self._clock = loop.clock
        self.stopped = self._clock.paused
        """Whether a user has stopped the clock, except for moves they ask for."""
        self._actions: dict[str, Callable[[ClockOrder], None]] = {
            "next": lambda _: self._next(),
            "advance": self._advance,
            "until-idle": lambda _: self._until_idle(),
            "pause": lambda _: self._pause(),
            "resume": lambda _: self._resume(),
            "speed": self._speed,
        }

    def clock_state(self) -> ClockState:
        """Where emulated time stands."""
        loop, clock = self._loop, self._loop.clock
        now = clock.shown()
        return ClockState(
            now=now,
            time=iso8601(loop.engine.epoch_ms + now),
            speed=clock.speed,
            paused=clock.paused,
            goal=loop.clock_driver.goal,
            until_idle=loop.clock_driver.moving_until_idle,
            next_due=loop.clock_driver.next_event_due(),
            running=loop.engine.running,
            pending=loop.engine.pending,
            planned=loop.pending_batches.unsent,
        )

    def apply_order(self, order: ClockOrder) -> None:
        """Apply a clock order, or begin to. Raises UserError."""
        action = self._actions.get(order.action)
        if action is None:
            known = ", ".join(self._actions)
            raise UserError(f"there is no clock action {order.action!r}", f"There is {known}.")
        action(order)

    def _next(self) -> None:
        instant = self._loop.clock_driver.next_event_due()
        if instant is not None:
            self._loop.move_clock_to(instant)

    def _advance(self, order: ClockOrder) -> None:
        if order.span_ms is None:
            raise UserError("how far to advance is missing", "Write: forge-emu clock advance 15m")
        self._loop.move_clock_to(self._clock.now() + order.span_ms)

    def _until_idle(self) -> None:
        engine = self._loop.engine
        if engine.paused or engine.queue_admin.pauses.queues:
            raise UserError(
                "delivery is held, so it will never be idle",
                "Press space in the emulator's console to let it go on, or: forge-emu queue resume",
            )
        self._loop.move_clock_until_idle()

    def _pause(self) -> None:
        self._clock.stop(self._clock.now())
        self.stopped = True
        self._record_change("time stands still")

    def _resume(self) -> None:
        self._clock.resume()
        self.stopped = False
        self._record_change("time goes on")

    def _speed(self, order: ClockOrder) -> None:
        if order.speed is None:
            raise UserError("the speed is missing", "Write: forge-emu clock speed 60")
        try:
            self._clock.change_speed(order.speed)
        except ValueError as error:
            raise UserError(
                f"{error}, so it cannot be {order.speed:g}",
                f"Start again with --speed {order.speed:g}, or use `forge-emu clock advance`.",
            ) from None
        self._record_change(f"time runs at speed x{order.speed:g}")

    def _record_change(self, message: str) -> None:
        self._loop.engine.record(Log(level="info", message=message), self._clock.now())
        self._loop.apply_clock_change()
