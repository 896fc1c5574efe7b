"""Runs the host program, and runs it again when it has ended unasked."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from forge_emu.errors import Problem
from forge_emu.ports import HostNotice
from forge_emu.runtime.host.process import HostProcess, Listener
from forge_emu.runtime.host.spawning import FIRST_INCARNATION
from forge_emu.runtime.host.wire import FromHost

_RESTART_DELAYS = (0.0, 0.1, 0.5, 1.0, 2.0, 5.0)
"""Real seconds before a host is started again, by the number of crashes in a row."""

_MANY_CRASHES = 5

_MAX_OUTPUT_TAIL = 20_000
"""Characters that are kept of what a host's process itself prints."""


class HostCallbacks(msgspec.Struct, frozen=True):
    """What a supervisor calls.

    `on_exit` is called when the process has ended unasked, `on_start_failure` when it could not be
    started again, both with what to tell the user; `on_restart` when it runs again.
    `take_progress` says whether an invocation has ended since the last call.
    """

    on_messages: Callable[[Sequence[FromHost | str]], None]
    on_exit: Callable[[HostNotice], None]
    on_start_failure: Callable[[HostNotice], None]
    on_restart: Callable[[], None]
    take_progress: Callable[[], bool]
    mask: Callable[[str], str]
    """Takes secrets out of a text before it is shortened."""


class HostSupervisor:
    """Runs one host process at a time. `name` is what the user reads of it."""

    def __init__(
        self,
        name: str,
        start_program: Callable[[Listener], Awaitable[HostProcess]],
        callbacks: HostCallbacks,
    ) -> None:
        self._name = name
        self._start_program = start_program
        self._callbacks = callbacks
        self.process: HostProcess | None = None
        """The running process; None while there is none."""
        self._starts = 0
        self._crashes = 0
        self._restarting: asyncio.Task[None] | None = None
        self._closed = False
        self._output_tail = ""
        self._last_output_line = ""

    @property
    def first_incarnation(self) -> int:
        """From here, ids of requests stay unique over all threads that ever run."""
        return self._starts * FIRST_INCARNATION

    @property
    def restarting(self) -> bool:
        """Whether the process has ended and is about to be started again."""
        return self._restarting is not None and not self._restarting.done()

    @property
    def has_crashed(self) -> bool:
        """Whether the process has ever ended unasked."""
        return self._crashes > 0

    async def start(self) -> None:
        """Start the process. Raises OSError."""
        self._starts += 1
        listener = Listener(
            self._callbacks.on_messages, self._receive_output, self._on_exit, self._callbacks.mask
        )
        self.process = await self._start_program(listener)

    async def close(self) -> None:
        """End the process for good."""
        self._closed = True
        if self._restarting is not None:
            self._restarting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._restarting
        if self.process is not None:
            process, self.process = self.process, None
            await process.close()

    def start_problem(self) -> Problem:
        """The problem of a process that ends before it has loaded anything."""
        last_output = f": {self._last_output_line}" if self._last_output_line else ""
        message = f"the {self._name} process ends before it has loaded anything{last_output}"
        hint = "Look at the variables that are declared for the app, such as NODE_OPTIONS."
        return Problem("forge-emu.yml", 0, 0, message, hint, rule="load")

    def _receive_output(self, text: str) -> None:
        self._output_tail = (self._output_tail + text)[-_MAX_OUTPUT_TAIL:]

    def _on_exit(self) -> None:
        """The process has ended unasked: report it and start it again."""
        self.process = None
        self._crashes = 1 if self._callbacks.take_progress() else self._crashes + 1
        notice = self._exit_notice()
        output_lines = self._callbacks.mask(self._output_tail).split("\n")
        self._last_output_line = next(
            (line[:200] for line in reversed(output_lines) if line.strip()), ""
        )
        self._output_tail = ""
        if not self._closed:
            self._restarting = asyncio.get_running_loop().create_task(self._restart())
            self._callbacks.on_exit(notice)

    def _exit_notice(self) -> HostNotice:
        if self._crashes % _MANY_CRASHES == 0:
            return HostNotice(
                "error",
                f"the {self._name} process ended {self._crashes} times in a row without "
                f"finishing one invocation; still trying{self._crash_reason()}",
            )
        return HostNotice(
            "warn", f"the {self._name} process ended and is started again{self._crash_reason()}"
        )

    def _crash_reason(self) -> str:
        lines = [line.strip() for line in self._callbacks.mask(self._output_tail).splitlines()]
        error_lines = [
            line for line in lines if "FATAL" in line or "Error" in line or "Fatal" in line
        ]
        return f" ({error_lines[0][:200]})" if error_lines else ""

    async def _restart(self) -> None:
        await asyncio.sleep(_RESTART_DELAYS[min(self._crashes, len(_RESTART_DELAYS)) - 1])
        while True:
            try:
                await self.start()
                break
            except OSError as e:
                reason = e.strerror or e
                message = f"{self._name} cannot be started: {reason}"
                self._callbacks.on_start_failure(HostNotice("error", message))
                await asyncio.sleep(_RESTART_DELAYS[-1])
        self._callbacks.on_restart()
