"""Event loops of handlers: their time is the emulated clock's."""

from __future__ import annotations

import asyncio
import selectors
import socket
import ssl as tls
import threading
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, Final, TypeAlias

from ..shared import real_clock
from .channel import Channel
from .clock import InstanceClock
from .egress import sockets
from .egress.passing import is_passing, let_pass
from .egress.transport import EgressTransport
from .task_order import NumberedFuture, make_task, ordered_as_completed
from .waiting import WaitCoordinator

ReadyKeys: TypeAlias = list[tuple[selectors.SelectorKey, int]]
_RESOLUTION: Final = 0.001
"""Seconds; the emulated clock moves in milliseconds."""


class EmulatedTimeSelector(selectors.DefaultSelector):
    """A selector whose timeouts are in emulated time."""

    def __init__(self, clock: InstanceClock, waits: WaitCoordinator, channel: Channel) -> None:
        super().__init__()
        self.executor_jobs = 0
        """Jobs of the loop that run on threads of an executor."""
        self._clock = clock
        self._waits = waits
        self._channel = channel
        self._io_timed_out = False
        self.has_arrived: Callable[[], bool] = lambda: False
        self.deliver_arrived: Callable[[], None] = lambda: None
        """Hands over what other threads have given to the loop."""

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
            elif ms := self._clock.count_yield():
                self._wait(ms / 1000)
            return ready
        if self.executor_jobs > 0:
            self._wait(timeout, at_once=False)
            self.deliver_arrived()
            return super().select(0)
        if ready := self._wait_for_io():
            return ready
        self._wait(timeout)
        # Also of jobs that nobody waits for any more.
        self.deliver_arrived()
        return super().select(0)

    def _wait_for_io(self) -> ReadyKeys:
        """While something real is under way, emulated time stands still; but not for ever."""
        began = real_clock.now_ms()
        while self._has_pending_io() and not self._io_timed_out:
            if ready := super().select(0.001):
                return ready
            if real_clock.now_ms() - began > self._waits.io_patience_ms:
                self._io_timed_out = True
                self._waits.give_up_io()
        # Whatever is opened from now on is waited for.
        self._io_timed_out = self._io_timed_out and self._has_pending_io()
        return []

    def _has_pending_io(self) -> bool:
        # One descriptor is the loop's own, by which other threads wake it.
        return len(self.get_map()) > 1

    def _wait(self, timeout: float | None, *, at_once: bool = True) -> None:
        before = self._channel.answers_delivered
        deadline = float("inf") if timeout is None else self._clock.deadline_after(timeout)
        self._waits.wait_until(
            lambda: (
                self._channel.answers_delivered != before
                or self.has_arrived()
                or bool(super(EmulatedTimeSelector, self).select(0))
            ),
            deadline,
            at_once=at_once,
        )


class HandlerLoop(asyncio.SelectorEventLoop):
    """The loop that handlers run on, and that `asyncio.run` makes inside them."""

    def __init__(
        self, selector: EmulatedTimeSelector, channel: Channel, waits: WaitCoordinator
    ) -> None:
        super().__init__(selector)
        self._emulated_selector = selector
        self._clock_resolution = _RESOLUTION
        self._last_job = 0
        self._job = threading.local()
        self._arrived: list[tuple[int, asyncio.Handle]] = []
        selector.deliver_arrived = self._deliver_arrived
        selector.has_arrived = lambda: bool(self._arrived)
        if selector._clock.virtual:
            self.set_task_factory(make_task)
        else:
            self.add_reader(channel.fd, waits.read_pending)

    def create_future(self) -> asyncio.Future[Any]:
        """As of asyncio; in virtual time sets of futures have an order."""
        if self._emulated_selector._clock.virtual:
            return NumberedFuture(loop=self)
        return super().create_future()

    async def getaddrinfo(self, host: Any, port: Any, **options: Any) -> Any:
        """The address of a name, at once: nobody is asked for it, unless a request goes out."""
        if is_passing():
            return await self.run_in_executor(None, _resolve_really, host, port, options)
        return sockets.getaddrinfo(host, port, **options)

    async def create_connection(  # type: ignore[override]
        self,
        protocol_factory: Callable[[], asyncio.Protocol],
        host: Any = None,
        port: Any = None,
        *,
        ssl: Any = None,
        sock: socket.socket | None = None,
        server_hostname: str | None = None,
        **options: Any,
    ) -> Any:
        """As of asyncio; a connection that leads out is not opened."""
        connection = None if sock is None else sockets.connection_of(sock)
        if is_passing() or (sock is not None and connection is None):
            return await super().create_connection(
                protocol_factory,
                host,
                port,
                ssl=ssl,
                sock=sock,
                server_hostname=server_hostname,
                **options,
            )
        target = connection.target if connection else sockets.target_of((host, port))
        sock = sock or sockets.unopened_socket(target)
        protocol = protocol_factory()
        transport = EgressTransport(self, protocol, sockets.client(), target, sock)
        if ssl:
            transport.start_tls(_context_of(ssl), server_hostname or target.host)
        # The protocol has its transport before anybody uses it.
        await asyncio.sleep(0)
        return transport, protocol

    async def start_tls(
        self,
        transport: Any,
        protocol: Any,
        sslcontext: Any,
        *,
        server_hostname: str | None = None,
        **options: Any,
    ) -> Any:
        """As of asyncio; a connection that was not opened only says so."""
        if not isinstance(transport, EgressTransport):
            return await super().start_tls(
                transport, protocol, sslcontext, server_hostname=server_hostname, **options
            )
        transport.start_tls(sslcontext, server_hostname)
        transport.set_protocol(protocol)
        return transport

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Any, *args: Any
    ) -> Any:
        """Run `func` on a thread, as asyncio does; emulated time does not move meanwhile."""
        self._last_job += 1
        # A job that has ended already hands over its result on this thread.
        self._job.number = self._last_job
        future = super().run_in_executor(executor, self._run_job, self._last_job, func, *args)
        self._job.number = None
        self._emulated_selector.executor_jobs += 1
        future.add_done_callback(self._job_done)
        return future

    def call_soon_threadsafe(  # type: ignore[override]
        self, callback: Any, *args: Any, context: Any = None
    ) -> asyncio.Handle:
        """As asyncio does; in virtual time the results of jobs come in the order of the jobs."""
        number = getattr(self._job, "number", None)
        if number is None or not self._emulated_selector._clock.virtual:
            return super().call_soon_threadsafe(callback, *args, context=context)
        handle = asyncio.Handle(callback, args, self, context)
        self._arrived.append((number, handle))
        self._write_to_self()  # type: ignore[attr-defined]
        return handle

    def _run_job(self, number: int, func: Callable[..., Any], *args: Any) -> Any:
        self._job.number = number
        return func(*args)

    def _deliver_arrived(self) -> None:
        arrived, self._arrived = self._arrived, []
        for _, handle in sorted(arrived, key=lambda entry: entry[0]):
            self._ready.append(handle)  # type: ignore[attr-defined]

    def _job_done(self, _: object) -> None:
        self._emulated_selector.executor_jobs -= 1


def _context_of(given: Any) -> tls.SSLContext:
    return given if isinstance(given, tls.SSLContext) else tls.create_default_context()


def _resolve_really(host: Any, port: Any, options: dict[str, Any]) -> Any:
    """On a thread of an executor, which has no context of its own."""
    with let_pass():
        return socket.getaddrinfo(host, port, **options)


def loop_factory(
    clock: InstanceClock, waits: WaitCoordinator, channel: Channel
) -> Callable[[], asyncio.AbstractEventLoop]:
    """A factory of loops, which also replaces `asyncio.new_event_loop`."""

    def new_loop() -> asyncio.AbstractEventLoop:
        selector = EmulatedTimeSelector(clock, waits, channel)
        return HandlerLoop(selector, channel, waits)

    if clock.virtual:
        as_completed: Any = ordered_as_completed(asyncio.as_completed)
        asyncio.as_completed = asyncio.tasks.as_completed = as_completed
    asyncio.new_event_loop = new_loop
    asyncio.events.new_event_loop = new_loop
    return new_loop
