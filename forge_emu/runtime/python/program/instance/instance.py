"""The process of one instance: one invocation at a time, on the main thread."""

from __future__ import annotations

import asyncio
import inspect
import os
import socket
from collections.abc import Awaitable, Callable
from typing import Any, Final, NoReturn

from forge_emu.sdk.door import install

from . import event_loop, time_patch
from .application import Application
from .channel import Channel
from .clock import Clock
from .error_report import report_of
from .exits import ProcessExit, exit_of, guard_exits
from .invocation import Invocation
from .outcome import outcome_of
from .output import Output
from .platform_door import HostDoor
from .random_patch import Chance
from .waiting import Waiting

Json = Any
_GONE: Final = 75
_MEMORY_MESSAGE: Final = (
    "Function was terminated with SIGKILL. This may indicate running out of memory."
)


class Instance:
    """An instance of the app; `serial` tells it from all others of the run."""

    def __init__(
        self, load: dict[str, Json], settings: dict[str, Json], serial: int, sock: socket.socket
    ) -> None:
        patience = settings["io_patience_ms"]
        self._generation = load["generation"]
        self._clock = Clock(settings["epoch_ms"], settings["virtual"])
        self._waiting = Waiting(self._clock, patience)
        self._channel = Channel(sock, self._clock, self._waiting)
        self._chance = Chance(settings["seed"])
        self._door = HostDoor(
            self._channel, self._waiting, self._clock, self._chance, serial, load["app"]
        )
        self._app = Application(load)
        self._output = Output(self._log, self._app.files, lambda: self._channel.open)
        self._new_loop = event_loop.loop_factory(
            self._clock, self._waiting, self._channel, patience
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lost = False

    def take_over(self, forbidden: list[int]) -> None:
        """Patch time, randomness, output and exits of this process."""
        self._app.open_paths()
        self._chance.follow()
        time_patch.follow(self._clock, self._waiting, lambda: self._channel.open)
        self._output.take_over()
        guard_exits(forbidden)
        install(self._door)
        os.register_at_fork(after_in_child=self._forked)

    def evaluate(self) -> None:
        """Evaluate all modules and send what they export."""
        self._chance.begin(f"generation/{self._generation}/spare")
        self._channel.poll(0)
        answer = self._app.evaluate()
        self._output.finish()
        packages = self._app.packages() if "modules" in answer else []
        self._channel.say(b"O", {"loaded": answer, "packages": packages})

    def serve(self) -> NoReturn:
        """Run invocations until the host closes the connection."""
        while True:
            start = self._channel.next_start()
            self._run(start)
            if self._lost or not self._channel.open:
                os._exit(_GONE)

    def _run(self, start: dict[str, Json]) -> None:
        limits = self._app.functions[start["fn"]]
        invocation = Invocation(start, limits["log_lines"])
        self._door.invocation = invocation
        self._waiting.busy = True
        self._channel.say(b"B")
        outcome = self._outcome(invocation, start)
        self._waiting.busy = False
        if self._channel.open:
            self._output.finish()
            invocation.ended = True
            self._channel.say(b"E", {"type": "ended", "id": invocation.id, "outcome": outcome})

    def _outcome(self, invocation: Invocation, start: dict[str, Json]) -> dict[str, Json]:
        try:
            self._chance.begin(f"generation/{self._generation}/{start['instance']}")
            handler, takes = self._app.handler(invocation.function)
            self._chance.begin(f"invocation/{invocation.id}")
            value = self._call(handler, (invocation.event, invocation.context)[:takes])
            return outcome_of(value, self._log)
        except MemoryError:
            self._lost = True
            error = {"name": "OutOfMemory", "message": _MEMORY_MESSAGE}
            return {"outcome": "out_of_memory", "error": error}
        except SystemExit as error:
            return self._failed(exit_of(error).with_traceback(error.__traceback__))
        except BaseException as error:
            return self._failed(error)

    def _failed(self, error: BaseException) -> dict[str, Json]:
        # What is no Exception ends a process.
        self._lost = not isinstance(error, Exception) or isinstance(error, ProcessExit)
        return {"outcome": "error", "error": report_of(error, self._app.files)}

    def _call(self, handler: Callable[..., Any], arguments: tuple[Json, ...]) -> Any:
        value = handler(*arguments)
        if not inspect.isawaitable(value):
            return value
        if self._loop is None or self._loop.is_closed():
            self._loop = self._new_loop()
        asyncio.set_event_loop(self._loop)
        return self._loop.run_until_complete(_whole(value))

    def _log(self, level: str, message: str) -> None:
        invocation = self._door.invocation
        if invocation is not None and not invocation.may_log():
            return
        identity = invocation.id if invocation else None
        self._channel.say(b"L", {"id": identity, "level": level, "message": message})

    def _forked(self) -> None:
        self._channel.detach()
        self._waiting.forget_threads()


async def _whole(value: Awaitable[Any]) -> Any:
    return await value
