"""Loads of an app's code: the orders to the host, and waiting for its threads' answers."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Collection, Iterable
from pathlib import Path

import msgspec

from forge_emu.engine.installation import environment_id
from forge_emu.model import App
from forge_emu.runtime.host import wire

LOAD_SECONDS = 15.0
"""Real seconds that the top level of all modules together may take."""

_UNLIMITED = 1 << 30

_MAX_CRASHES = 3
"""Hosts that may end while they load the same code; no other is waited for."""


class _PendingLoad(msgspec.Struct):
    """A load under way: what each thread has answered, and how many will."""

    done: asyncio.Future[None]
    threads: int
    answers: dict[int, wire.Loaded] = msgspec.field(default_factory=dict)
    crashes: int = 0


class LogLimits(msgspec.Struct, frozen=True):
    """What the platform keeps of one invocation's output, None for everything.

    `lines` is per minute of a function's timeout.
    """

    lines: int | None
    kb: int | None

    def max_lines(self, timeout_ms: int | None) -> int:
        """Log lines that the platform keeps of a function with this timeout."""
        if self.lines is None:
            return _UNLIMITED
        return self.lines * (math.ceil((timeout_ms or 0) / 60_000) or 1)

    @property
    def max_bytes(self) -> int:
        """The same in bytes."""
        return (_UNLIMITED if self.kb is None else self.kb) * 1024


class Loads:
    """The generations that a host has, or will have when it is started again."""

    def __init__(self, root: Path, language: str, threads: int, log_limits: LogLimits) -> None:
        self._root = root
        self._language = language
        self._threads = threads
        self._log_limits = log_limits
        self._loads: dict[int, wire.Load] = {}
        self._pending: dict[int, _PendingLoad] = {}

    def load_order(
        self, app: App, generation: int, code: Path, without: Collection[str] = ()
    ) -> wire.Load:
        """The order to load what `app` has in this language, `without` some, out of `code`."""
        functions = {
            key: wire.HostFunction(
                f.file, f.export, self._log_limits.max_lines(f.timeout_ms), f.memory_mb
            )
            for key, f in app.functions.items()
            if f.language == self._language and key not in without
        }
        # The packages make the address out of the id again.
        app_id = app.id.rsplit("/", 1)[-1]
        # `@forge/api` up to 5 takes only UUIDs.
        environment = environment_id(app.id)
        version = f"{generation}.0.0"
        about = wire.HostApp(
            app_id, version, environment, app.scopes, app.external, app.auth_providers
        )
        return wire.Load(
            generation,
            str(code),
            str(self._root),
            about,
            functions,
            self._log_limits.max_bytes,
            app.package is not None,
        )

    def expect_answers(self, load: wire.Load) -> None:
        """Expect answers to a load that is about to be sent. Needs a running loop.

        A host that has nothing loaded has one thread; the others start with its answer.
        """
        threads = self._threads if self._loads else 1
        self._loads[load.generation] = load
        future = asyncio.get_running_loop().create_future()
        self._pending[load.generation] = _PendingLoad(future, threads)

    async def wait_for_answers(self, generation: int, seconds: float) -> list[wire.Loaded]:
        """What every thread answered. Raises TimeoutError, also for what ends the host."""
        pending = self._pending[generation]
        try:
            await asyncio.wait_for(pending.done, seconds)
        finally:
            del self._pending[generation]
        return list(pending.answers.values())

    def add_answer(self, message: wire.Loaded) -> None:
        """Add a thread's answer."""
        pending = self._pending.get(message.generation)
        if pending is None:
            return
        pending.answers[message.thread] = message
        if len(pending.answers) == pending.threads and not pending.done.done():
            pending.done.set_result(None)

    def note_crash(self) -> None:
        """The host has ended. What several of them did not survive is given up."""
        for pending in self._pending.values():
            pending.crashes += 1
            if pending.crashes == _MAX_CRASHES and not pending.done.done():
                pending.done.set_exception(TimeoutError())

    def forget_generation(self, generation: int) -> bool:
        """Forget a generation; False when there was none."""
        return self._loads.pop(generation, None) is not None

    def current_loads(self) -> Iterable[wire.Load]:
        """Every load that has not been forgotten."""
        return list(self._loads.values())
