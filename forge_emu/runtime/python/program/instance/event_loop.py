"""Event loops of handlers: their time is the emulated clock's."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, Final, TypeAlias

from ..shared import real_clock
from .channel import Channel
from .clock import Clock
from .waiting import Waiting

Ready: TypeAlias = list[tuple[selectors.SelectorKey, int]]
_RESOLUTION: Final = 0.001
"""Seconds; the emulated clock moves in milliseconds."""


class PacedSelector(selectors.DefaultSelector):
    """A selector whose timeouts are in emulated time."""

    def __init__(
        self, clock: Clock, waiting: Waiting, channel: Channel, io_patience_ms: float
    ) -> None:
        super().__init__()
        self.jobs = 0
        """Jobs of the loop that run on threads of an executor."""
        self._clock = clock
        self._waiting = waiting
        self._channel = channel
        self._io_patience_ms = io_patience_ms
        self._disregarded = False

    def select(self, timeout: float | None = None) -> Ready:
        """As of every selector; `timeout` in emulated seconds."""
        if self._clock.virtual:
            return self._select_virtual(timeout)
        if timeout is not None and timeout > 0:
            timeout = self._clock.real_seconds(self._clock.after(timeout))
        return super().select(None if timeout == float("inf") else timeout)

    def _select_virtual(self, timeout: float | None) -> Ready:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            if ready:
                self._disregarded = False
            elif self._clock.yields():
                self._wait(0.001)
            return ready
        if ready := self._wait_for_real():
            return ready
        self._wait(timeout)
        return super().select(0)

    def _wait_for_real(self) -> Ready:
        """While something real is under way, emulated time stands still; but not for ever."""
        began = real_clock.now_ms()
        while self._in_flight() and not self._disregarded:
            if ready := super().select(0.001):
                return ready
            if real_clock.now_ms() - began > self._io_patience_ms:
                self._disregarded = True
        return []

    def _in_flight(self) -> bool:
        # One descriptor is the loop's own, by which other threads wake it.
        return self.jobs > 0 or len(self.get_map()) > 1

    def _wait(self, timeout: float | None) -> None:
        delivered = self._channel.delivered
        deadline = float("inf") if timeout is None else self._clock.after(timeout)
        self._waiting.until(
            lambda: (
                self._channel.delivered != delivered or bool(super(PacedSelector, self).select(0))
            ),
            deadline,
        )


class HandlerLoop(asyncio.SelectorEventLoop):
    """The loop that handlers run on, and that `asyncio.run` makes inside them."""

    def __init__(self, selector: PacedSelector, channel: Channel, waiting: Waiting) -> None:
        super().__init__(selector)
        self._paced = selector
        self._clock_resolution = _RESOLUTION
        if not selector._clock.virtual:
            self.add_reader(channel.fd, waiting.read_now)

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Any, *args: Any
    ) -> Any:
        """As of every loop; what runs there keeps emulated time from moving."""
        future = super().run_in_executor(executor, func, *args)
        self._paced.jobs += 1
        future.add_done_callback(self._job_done)
        return future

    def _job_done(self, _: object) -> None:
        self._paced.jobs -= 1


def loop_factory(
    clock: Clock, waiting: Waiting, channel: Channel, io_patience_ms: float
) -> Callable[[], asyncio.AbstractEventLoop]:
    """A factory of loops, which also replaces `asyncio.new_event_loop`."""

    def new_loop() -> asyncio.AbstractEventLoop:
        selector = PacedSelector(clock, waiting, channel, io_patience_ms)
        return HandlerLoop(selector, channel, waiting)

    asyncio.new_event_loop = new_loop
    asyncio.events.new_event_loop = new_loop
    return new_loop
