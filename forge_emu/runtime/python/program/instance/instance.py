"""The process of one instance: one invocation at a time, on the main thread."""

from __future__ import annotations

import asyncio
import inspect
import math
import os
import socket
import sys
from collections.abc import Awaitable, Callable
from typing import Any, Final, NoReturn

from forge_emu.sdk.platform import install_client

from . import event_loop, lock_patch, machine_patch, owners, time_patch
from .application import Application
from .channel import Channel
from .clock import InstanceClock
from .egress import sockets
from .egress.client import EgressClient
from .error_report import report_of
from .exits import ProcessExit, guard_exits, process_exit_of
from .invocation import CurrentInvocation
from .outcome import outcome_of, result_of, with_result
from .output import OutputCapture
from .platform_client import HostPlatformClient
from .random_patch import HandlerRandom
from .waiting import WaitCoordinator

Json = Any
_CHANCES: Final = {
    "socket.connect": "the handler uses a network connection",
    "os.fork": "the handler runs Python code in another process",
}
"""What no seed repeats, by its audit event."""

_EXIT_UNUSABLE: Final = 75
_SETTLE_MS: Final = 50.0
_MEMORY_MESSAGE: Final = (
    "Function was terminated with SIGKILL. This may indicate running out of memory."
)


class Instance:
    """An instance of the app; `serial` tells it from all others of the run."""

    def __init__(
        self, load: dict[str, Json], settings: dict[str, Json], serial: int, sock: socket.socket
    ) -> None:
        self._generation = load["generation"]
        self._clock = InstanceClock(settings["epoch_ms"], settings["virtual"])
        self._waits = WaitCoordinator(
            self._clock, settings["io_patience_ms"], settings["io_again_patience_ms"]
        )
        self._channel = Channel(sock, self._clock, self._waits)
        self._seed = settings["seed"]
        self._random = HandlerRandom(self._seed)
        self._app = Application(load)
        self._platform = HostPlatformClient(
            self._channel,
            self._waits,
            self._clock,
            self._random,
            serial,
            load["app"],
            self._app.files,
        )
        self._output = OutputCapture(self._log, self._app.files, lambda: self._channel.is_instance)
        self._new_loop = event_loop.loop_factory(self._clock, self._waits, self._channel)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._must_exit = False
        self._chances = dict(_CHANCES)

    def patch_process(self, forbidden: list[int]) -> None:
        """Patch time, randomness, output and exits of this process."""
        self._app.extend_sys_path()
        self._random.activate()
        time_patch.activate(self._clock, self._waits, lambda: self._channel.is_instance)
        lock_patch.activate(self._clock, self._waits, lambda: self._channel.is_instance)
        machine_patch.activate(self._seed, virtual=self._clock.virtual)
        self._output.install()
        sockets.activate(EgressClient(self._platform, self._channel, self._clock))
        guard_exits(forbidden)
        install_client(self._platform)
        owners.install()
        os.register_at_fork(after_in_child=self._after_fork_in_child)
        if self._clock.virtual:
            sys.addaudithook(self._warn_of_chance)

    def evaluate_app(self) -> None:
        """Evaluate all modules and send what they export."""
        self._random.start_stream(f"generation/{self._generation}/spare")
        self._channel.poll(0)
        answer = self._app.evaluate_modules()
        self._output.log_partial_lines()
        packages = self._app.imported_packages()
        self._channel.send(b"O", {"loaded": answer, "packages": packages})

    def serve_invocations(self) -> NoReturn:
        """Run invocations until the host closes the connection."""
        while True:
            self._run_invocation(self._wait_for_start())
            unusable = self._must_exit or self._platform.is_burdened
            if unusable or not self._channel.is_instance:
                os._exit(_EXIT_UNUSABLE)

    def _run_invocation(self, start: dict[str, Json]) -> None:
        limits = self._app.functions[start["fn"]]
        self._clock.begin_invocation()
        deadline = self._clock.now() + start["timeout_ms"]
        invocation = CurrentInvocation(start, limits["log_lines"], deadline)
        self._platform.invocation = invocation
        owners.set_owner(invocation)
        self._channel.timers_end = math.inf
        self._waits.threads_matter = lambda: True
        self._waits.io_patience_ms = start["io_patience_ms"]
        self._channel.send(b"B")
        outcome = self._handler_outcome(invocation, start)
        if invocation.background_calls:
            # What its threads ask for before they wait was asked for in time.
            self._waits.settle_threads(_SETTLE_MS)
        self._channel.timers_end = deadline
        self._waits.threads_matter = lambda: invocation.background_calls > 0
        if self._channel.is_instance:
            self._output.log_partial_lines()
            unanswered = self._platform.unanswered_requests(invocation)
            invocation.ended = True
            ended = {"type": "ended", "id": invocation.id, "outcome": outcome, **unanswered}
            self._channel.send(b"E", ended)

    def _wait_for_start(self) -> dict[str, Json]:
        """Wait for the next invocation; meanwhile the tasks that the last one has left go on."""
        loop = self._loop
        if loop is not None and not loop.is_closed() and asyncio.all_tasks(loop):
            asyncio.set_event_loop(loop)
            loop.run_until_complete(self._run_tasks_until_start(loop))
        return self._channel.wait_for_start()

    async def _run_tasks_until_start(self, loop: asyncio.AbstractEventLoop) -> None:
        started = loop.create_future()
        self._channel.on_start = lambda: loop.call_soon_threadsafe(_set_done, started)
        try:
            while not (started.done() or self._channel.pending_starts):
                tasks = asyncio.all_tasks(loop) - {asyncio.current_task(loop)}
                if not tasks:
                    return
                await asyncio.wait({started, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._channel.on_start = lambda: None

    def _handler_outcome(
        self, invocation: CurrentInvocation, start: dict[str, Json]
    ) -> dict[str, Json]:
        try:
            if not self._app.is_loaded(invocation.function):
                self._random.start_stream(f"generation/{self._generation}/{start['instance']}")
            handler, takes = self._app.handler(invocation.function)
            self._random.start_stream(f"invocation/{invocation.id}")
            arguments = (invocation.event, invocation.context)[:takes]
            value = self._call_handler(handler, arguments)
            if invocation.wants_result:
                return result_of(value)
            outcome = outcome_of(value, self._app.files)
            return with_result(outcome, value) if invocation.keeps_result else outcome
        except MemoryError:
            self._must_exit = True
            error = {"name": "OutOfMemory", "message": _MEMORY_MESSAGE}
            return {"outcome": "out_of_memory", "error": error}
        except SystemExit as error:
            return self._error_outcome(process_exit_of(error).with_traceback(error.__traceback__))
        except BaseException as error:
            return self._error_outcome(error)

    def _error_outcome(self, error: BaseException) -> dict[str, Json]:
        # What is no Exception ends a process.
        self._must_exit = not isinstance(error, Exception) or isinstance(error, ProcessExit)
        return {"outcome": "error", "error": report_of(error, self._app.files)}

    def _call_handler(self, handler: Callable[..., Any], arguments: tuple[Json, ...]) -> Any:
        value = handler(*arguments)
        if not inspect.isawaitable(value):
            return value
        if self._loop is None or self._loop.is_closed():
            self._loop = self._new_loop()
        asyncio.set_event_loop(self._loop)
        return self._loop.run_until_complete(_await_value(value))

    def _log(self, level: str, message: str) -> None:
        invocation = self._platform.invocation
        if invocation is not None and not invocation.may_log():
            return
        identity = invocation.id if invocation else None
        self._channel.send(b"L", {"id": identity, "level": level, "message": message})

    def _warn_of_chance(self, event: str, _: object) -> None:
        """Once per instance: a handler uses what no seed repeats (an audit hook)."""
        if self._waits.threads_matter() and (what := self._chances.pop(event, None)):
            self._log(
                "warn",
                f"{what}: when it answers, and what, does not follow the seed, so another run may "
                "differ",
            )

    def _after_fork_in_child(self) -> None:
        self._channel.close_in_child()
        self._waits.reset_after_fork()


async def _await_value(value: Awaitable[Any]) -> Any:
    return await value


def _set_done(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
