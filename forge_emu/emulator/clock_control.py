"""The hands of the clock: what a person or a program may do to emulated time while it runs."""

from __future__ import annotations

from collections.abc import Callable

from forge_emu import settings as s
from forge_emu.control.contract import ClockOrder
from forge_emu.emulator.loop import Pump
from forge_emu.errors import UserError
from forge_emu.model import SECOND, Millis
from forge_emu.records import Log
from forge_emu.settings import Settings


class Hands:
    """Obeys the orders of `forge-emu clock` and of the console's keys."""

    def __init__(self, pump: Pump, settings: Settings) -> None:
        self._pump = pump
        self._clock = pump.clock
        self._settings = settings
        self.stopped = self._clock.paused
        """Whether somebody wants time to stand still, but where it is moved."""
        self._actions: dict[str, Callable[[ClockOrder], None]] = {
            "next": lambda _: self._next(),
            "advance": self._advance,
            "until-idle": lambda _: self._until_idle(),
            "pause": lambda _: self._pause(),
            "resume": lambda _: self._resume(),
            "speed": self._speed,
        }

    def obey(self, order: ClockOrder) -> None:
        """Do it, or begin to. Raises UserError."""
        action = self._actions.get(order.action)
        if action is None:
            known = ", ".join(self._actions)
            raise UserError(f"there is no clock action {order.action!r}", f"There is {known}.")
        action(order)

    def _next(self) -> None:
        instant = self._pump.next_event()
        if instant is not None:
            self._pump.move_to(instant)

    def _advance(self, order: ClockOrder) -> None:
        if order.span_ms is None:
            raise UserError("how far to advance is missing", "Write: forge-emu clock advance 15m")
        self._pump.move_to(self._clock.now() + order.span_ms)

    def _until_idle(self) -> None:
        engine = self._pump.engine
        if engine.paused or engine.queue_admin.pauses.queues:
            raise UserError(
                "delivery is held, so it will never be idle",
                "Press space in the emulator's console to let it go on, or: forge-emu queue resume",
            )
        self._pump.move_on()

    def _pause(self) -> None:
        self._clock.stop(self._clock.now())
        self.stopped = True
        self._tell("time stands still")

    def _resume(self) -> None:
        self._clock.resume()
        self.stopped = False
        self._tell("time goes on")

    def _speed(self, order: ClockOrder) -> None:
        if order.speed is None:
            raise UserError("the speed is missing", "Write: forge-emu clock speed 60")
        if self._clock.virtual:
            raise UserError(
                "virtual time has no speed",
                "Start the emulator without --virtual, or use `forge-emu clock advance`.",
            )
        self._clock.change_speed(order.speed)
        self._pump.engine.set_minimum_timeout(minimum_timeout(self._settings, order.speed))
        self._tell(f"time runs at speed x{order.speed:g}")

    def _tell(self, message: str) -> None:
        self._pump.engine.record(Log(level="info", message=message), self._clock.now())
        self._pump.retime()


def minimum_timeout(settings: Settings, speed: float | None) -> Millis:
    """With a fast clock a handler's real computing time would count as minutes."""
    if speed is None or speed <= 1:
        return 0
    return round(settings[s.DELIVERY_MIN_TIMEOUT_SECONDS] * SECOND * speed)
