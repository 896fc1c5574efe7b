"""One runtime made of several: each function's invocations go to the one of its language."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import msgspec

from forge_emu.model import App, Instant, Invocation
from forge_emu.ports import (
    AppRequest,
    AppResponse,
    BuildResult,
    InvocationEnded,
    DelayedMessages,
    Runtime,
    RuntimeMessage,
    MessageSink,
)

Make: TypeAlias = Callable[[MessageSink], Awaitable[Runtime]]
"""Creates a runtime, which may need tools. Raises UserError where they are missing."""


class LanguageRuntimes:
    """Implements `ports.Runtime`; a runtime is made when an app first has a handler for it.

    Requests and invocations are routed back to their runtime. In virtual time messages are
    forwarded when all runtimes are idle, in the order of `factories`, so that no race shows.
    """

    def __init__(
        self, makers: Mapping[str, Make], sink: MessageSink, *, build_dir: Path, virtual: bool
    ) -> None:
        self._makers = makers
        self._sink = sink
        self._build_dir = build_dir
        self._virtual = virtual
        self._runtimes: dict[str, Runtime] = {}
        self._functions: dict[int, dict[str, str]] = {}
        self._invoked: dict[str, Runtime] = {}
        self._asked: dict[int, tuple[Runtime, int]] = {}
        self._requests = 0
        self._heard: dict[str, list[RuntimeMessage]] = {language: [] for language in makers}

    async def load_app(self, app: App, generation: int) -> BuildResult:
        """Build and load each language's part; with an error in one, nothing is loaded."""
        runtimes = [await self._runtime(language) for language in self._spoken(app)]
        self._functions[generation] = {key: f.language for key, f in app.functions.items()}
        builds = await asyncio.gather(*(r.load_app(app, generation) for r in runtimes))
        build = BuildResult(generation, tuple(p for b in builds for p in b.problems))
        if not build.ok:
            self.retire_generation(generation)
            self.flush()
        return build

    def invoke(self, invocation: Invocation) -> None:
        """Run a handler."""
        language = self._functions[invocation.generation][invocation.function]
        runtime = self._runtimes[language]
        self._invoked[invocation.invocation_id] = runtime
        runtime.invoke(invocation)

    def respond(self, request_id: int, response: AppResponse) -> None:
        """Answer a request of the app."""
        asked = self._asked.pop(request_id, None)
        if asked is not None:
            runtime, its_id = asked
            runtime.respond(its_id, response)

    def abort_invocation(self, invocation_id: str) -> None:
        """End an invocation that the engine has timed out."""
        runtime = self._invoked.pop(invocation_id, None)
        if runtime is not None:
            runtime.abort_invocation(invocation_id)

    def retire_generation(self, generation: int) -> None:
        """Forget a generation."""
        self._functions.pop(generation, None)
        for runtime in self._runtimes.values():
            runtime.retire_generation(generation)

    def flush(self) -> None:
        """Send what has been collected."""
        for runtime in self._runtimes.values():
            runtime.flush()

    @property
    def busy(self) -> bool:
        """Whether any of them is."""
        return any(runtime.busy for runtime in self._runtimes.values())

    @property
    def next_timer_due(self) -> Instant | None:
        """When the first timer of a running handler is due, in virtual time."""
        timers = (runtime.next_timer_due for runtime in self._runtimes.values())
        return min((t for t in timers if t is not None), default=None)

    def sync_clock(self) -> None:
        """Send the clock's state to every host."""
        for runtime in self._runtimes.values():
            runtime.sync_clock()

    async def close(self) -> None:
        """End the hosts."""
        await asyncio.gather(*(runtime.close() for runtime in self._runtimes.values()))
        # Not every language has built something there.
        shutil.rmtree(self._build_dir, ignore_errors=True)

    def _spoken(self, app: App) -> Sequence[str]:
        return [language for language in self._makers if language in app.languages]

    async def _runtime(self, language: str) -> Runtime:
        if language not in self._runtimes:

            def sink(messages: Sequence[RuntimeMessage]) -> None:
                self._hear(language, messages)

            self._runtimes[language] = await self._makers[language](sink)
        return self._runtimes[language]

    def _hear(self, language: str, messages: Sequence[RuntimeMessage]) -> None:
        runtime = self._runtimes[language]
        self._heard[language] += [self._noted(message, runtime) for message in messages]
        if self._virtual and self.busy:
            return
        heard = [message for each in self._heard.values() for message in each]
        for each in self._heard.values():
            each.clear()
        self._sink(heard)

    def _noted(self, message: RuntimeMessage, runtime: Runtime) -> RuntimeMessage:
        if isinstance(message, AppRequest):
            # Request ids are unique only within one host.
            self._requests += 1
            self._asked[self._requests] = (runtime, message.request_id)
            return msgspec.structs.replace(message, request_id=self._requests)
        if isinstance(message, DelayedMessages):
            noted = tuple(self._noted(each, runtime) for each in message.messages)
            return msgspec.structs.replace(message, messages=noted)
        if isinstance(message, InvocationEnded):
            self._invoked.pop(message.invocation_id, None)
        return message
