"""Event loops of handlers: their time is the emulated clock's."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, Final, TypeAlias

from ..shared import real_clock
from .channel import Channel
from .clock import InstanceClock
from .waiting import WaitCoordinator

ReadyKeys: TypeAlias = list[tuple[selectors.SelectorKey, int]]
_RESOLUTION: Final = 0.001
"""Seconds; the emulated clock moves in milliseconds."""


class EmulatedTimeSelector(selectors.DefaultSelector):
    """A selector whose timeouts are in emulated time."""

    def __init__(
        self, clock: InstanceClock, waits: WaitCoordinator, channel: Channel, io_patience_ms: float
    ) -> None:
        super().__init__()
        self.executor_jobs = 0
        """Jobs of the loop that run on threads of an executor."""
        self._clock = clock
        self._waits = waits
        self._channel = channel
        self._io_patience_ms = io_patience_ms
        self._io_timed_out = False

    def select(self, timeout: float | None = None) -> ReadyKeys:
        """The ready descriptors, as of `selectors`; `timeout` is in emulated seconds."""
        if self._clock.virtual:
            return self._select_virtual(timeout)
        if timeout is not None and timeout > 0:
            deadline = self._clock.deadline_after(timeout)
            frozen = deadline > self._channel.timers_end
            timeout = None if frozen else self._clock.real_seconds_until(deadline)
        return super().select(None if timeout == float("inf") else timeout)

    def _select_virtual(self, timeout: float | None) -> ReadyKeys:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            if ready:
                self._io_timed_out = False
            elif self._clock.count_yield():
                self._wait(0.001)
            return ready
        if ready := self._wait_for_io():
            return ready
        self._wait(timeout)
        return super().select(0)

    def _wait_for_io(self) -> ReadyKeys:
        """While something real is under way, emulated time stands still; but not for ever."""
        began = real_clock.now_ms()
        while self._has_pending_io() and not self._io_timed_out:
            if ready := super().select(0.001):
                return ready
            if real_clock.now_ms() - began > self._io_patience_ms:
                self._io_timed_out = True
        return []

    def _has_pending_io(self) -> bool:
        # One descriptor is the loop's own, by which other threads wake it.
        return self.executor_jobs > 0 or len(self.get_map()) > 1

    def _wait(self, timeout: float | None) -> None:
        before = self._channel.answers_delivered
        deadline = float("inf") if timeout is None else self._clock.deadline_after(timeout)
        self._waits.wait_until(
            lambda: (
                self._channel.answers_delivered != before
                or bool(super(EmulatedTimeSelector, self).select(0))
            ),
            deadline,
        )


class HandlerLoop(asyncio.SelectorEventLoop):
    """The loop that handlers run on, and that `asyncio.run` makes inside them."""

    def __init__(
        self, selector: EmulatedTimeSelector, channel: Channel, waits: WaitCoordinator
    ) -> None:
        super().__init__(selector)
        self._emulated_selector = selector
        self._clock_resolution = _RESOLUTION
        if not selector._clock.virtual:
            self.add_reader(channel.fd, waits.read_pending)

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Any, *args: Any
    ) -> Any:
        """Run `func` on a thread, as asyncio does; emulated time does not move meanwhile."""
        future = super().run_in_executor(executor, func, *args)
        self._emulated_selector.executor_jobs += 1
        future.add_done_callback(self._job_done)
        return future

    def _job_done(self, _: object) -> None:
        self._emulated_selector.executor_jobs -= 1


def loop_factory(
    clock: InstanceClock, waits: WaitCoordinator, channel: Channel, io_patience_ms: float
) -> Callable[[], asyncio.AbstractEventLoop]:
    """A factory of loops, which also replaces `asyncio.new_event_loop`."""

    def new_loop() -> asyncio.AbstractEventLoop:
        selector = EmulatedTimeSelector(clock, waits, channel, io_patience_ms)
        return HandlerLoop(selector, channel, waits)

    asyncio.new_event_loop = new_loop
    asyncio.events.new_event_loop = new_loop
    return new_loop
