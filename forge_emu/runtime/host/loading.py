"""Loads of an app's code: the orders to the host, and waiting for its threads' answers."""

from __future__ import annotations

import asyncio
import math
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from forge_emu.model import App
from forge_emu.runtime.host import wire

_UNLIMITED = 1 << 30


@dataclass
class _Loading:
    """A load under way: what each thread has answered."""

    done: asyncio.Future[None]
    answers: dict[int, wire.Loaded] = field(default_factory=dict)


@dataclass(frozen=True)
class LogLimits:
    """What the platform keeps of one invocation's output, None for everything.

    `lines` is per minute of a function's timeout.
    """

    lines: int | None
    kb: int | None

    def lines_for(self, timeout_ms: int | None) -> int:
        """Log lines that the platform keeps of a function with this timeout."""
        if self.lines is None:
            return _UNLIMITED
        return self.lines * (math.ceil((timeout_ms or 0) / 60_000) or 1)

    @property
    def size(self) -> int:
        """The same in bytes."""
        return (_UNLIMITED if self.kb is None else self.kb) * 1024


class Loads:
    """The generations that a host has, or will have when it is started again."""

    def __init__(self, root: Path, language: str, threads: int, logs: LogLimits) -> None:
        self._root = root
        self._language = language
        self._threads = threads
        self._logs = logs
        self._loads: dict[int, wire.Load] = {}
        self._loading: dict[int, _Loading] = {}

    def message(self, app: App, generation: int, code: Path) -> wire.Load:
        """The order to load what `app` has in this language out of `code`."""
        functions = {
            key: wire.HostFunction(
                f.file, f.export, self._logs.lines_for(f.timeout_ms), f.memory_mb
            )
            for key, f in app.functions.items()
            if f.language == self._language
        }
        # The packages make the address out of the id again.
        app_id = app.id.rsplit("/", 1)[-1]
        # `@forge/api` up to 5 takes only UUIDs.
        environment = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{app.id}/environment/local"))
        about = wire.HostApp(app_id, f"{generation}.0.0", environment, app.scopes)
        return wire.Load(generation, str(code), str(self._root), about, functions, self._logs.size)

    def begin(self, load: wire.Load) -> None:
        """Expect answers to a load that is about to be sent. Needs a running loop."""
        self._loads[load.generation] = load
        future = asyncio.get_running_loop().create_future()
        self._loading[load.generation] = _Loading(future)

    async def answers(self, generation: int, seconds: float) -> list[wire.Loaded]:
        """What every thread answered. Raises TimeoutError."""
        loading = self._loading[generation]
        try:
            await asyncio.wait_for(loading.done, seconds)
        finally:
            del self._loading[generation]
        return list(loading.answers.values())

    def hear(self, message: wire.Loaded) -> None:
        """Add a thread's answer."""
        loading = self._loading.get(message.generation)
        if loading is None:
            return
        loading.answers[message.thread] = message
        if len(loading.answers) == self._threads and not loading.done.done():
            loading.done.set_result(None)

    def forget(self, generation: int) -> bool:
        """Forget a generation; False when there was none."""
        return self._loads.pop(generation, None) is not None

    def all(self) -> Iterable[wire.Load]:
        """Every load that has not been forgotten."""
        return list(self._loads.values())
