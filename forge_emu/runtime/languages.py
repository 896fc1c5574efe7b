"""One runtime made of several: each function's invocations go to the one of its language."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import msgspec

from forge_emu.errors import Problem
from forge_emu.model import App, Instant, Invocation
from forge_emu.ports import (
    AppRequest,
    AppResponse,
    BuildResult,
    DelayedMessages,
    InvocationEnded,
    MessageSink,
    Runtime,
    RuntimeMessage,
)
from forge_emu.runtime.remote.runtime import LANGUAGE as REMOTE
from forge_emu.runtime.remote.runtime import RemoteRuntime

RuntimeFactory: TypeAlias = Callable[[MessageSink], Awaitable[Runtime]]
"""Creates a runtime, which may need tools. Raises UserError where they are missing."""


def _all_unloaded(app: App, language: str, build: BuildResult) -> dict[str, Problem]:
    """The functions of a language of which nothing loads, with the first error."""
    error = next(p for p in build.problems if p.severity == "error")
    return {key: error for key, f in app.functions.items() if f.language == language}


def _joined(parts: Iterable[tuple[str, ...] | None]) -> tuple[str, ...] | None:
    """All parts together; None if one is not known."""
    known = list(parts)
    if any(part is None for part in known):
        return None
    return tuple(name for part in known for name in part or ())


class LanguageRuntimes:
    """Implements `ports.Runtime`; a runtime is made when an app first has a handler for it.

    Requests and invocations are routed back to their runtime. In virtual time messages are
    forwarded when all runtimes are idle, in the order of `factories`, so that no race shows.
    """

    def __init__(
        self,
        factories: Mapping[str, RuntimeFactory],
        sink: MessageSink,
        *,
        build_dir: Path,
        virtual: bool,
    ) -> None:
        self._factories = factories
        self._sink = sink
        self._build_dir = build_dir
        self._virtual = virtual
        self._runtimes: dict[str, Runtime] = {}
        self._function_languages: dict[int, dict[str, str]] = {}
        self._runtime_by_invocation: dict[str, Runtime] = {}
        self._requests: dict[int, tuple[Runtime, int]] = {}
        self._last_request_id = 0
        self._pending_messages: dict[str, list[RuntimeMessage]] = {
            language: [] for language in factories
        }

    async def load_app(self, app: App, generation: int) -> BuildResult:
        """Build and load each language's part; if nothing of any loads, nothing is loaded."""
        languages = self._languages_of(app)
        runtimes = [await self._runtime_for(language) for language in languages]
        self._function_languages[generation] = {
            **{key: f.language for key, f in app.functions.items()},
            **dict.fromkeys(app.endpoints, REMOTE),
        }
        builds = await asyncio.gather(*(r.load_app(app, generation) for r in runtimes))
        problems = tuple(p for b in builds for p in b.problems)
        # An app of endpoints alone has nothing to load; remotes do not make up for broken code.
        code = [b for language, b in zip(languages, builds, strict=True) if language != REMOTE]
        if code and not any(b.ok for b in code):
            self.retire_generation(generation)
            self.flush()
            return BuildResult(generation, problems, {}, _joined(b.inputs for b in builds))
        unloaded: dict[str, Problem] = {}
        for language, build in zip(languages, builds, strict=True):
            unloaded |= build.unloaded if build.ok else _all_unloaded(app, language, build)
        return BuildResult(
            generation,
            problems,
            unloaded,
            _joined(b.inputs for b in builds),
            _joined(b.sources for b in builds),
        )

    def invoke(self, invocation: Invocation) -> None:
        """Run a handler in the runtime of its language."""
        language = self._function_languages[invocation.generation][invocation.function]
        runtime = self._runtimes[language]
        self._runtime_by_invocation[invocation.invocation_id] = runtime
        runtime.invoke(invocation)

    def respond(self, request_id: int, response: AppResponse) -> None:
        """Answer a request of the app."""
        request = self._requests.pop(request_id, None)
        if request is None:
            return
        runtime, host_request_id = request
        remote = self._runtimes.get(REMOTE)
        is_call = response.remote is not None and runtime is not remote
        if is_call and isinstance(remote, RemoteRuntime) and response.remote is not None:
            # Its answer comes later, under the same number.
            self._requests[request_id] = request
            remote.send_call(request_id, response.remote)
        else:
            runtime.respond(host_request_id, response)

    def lose_request(self, request_id: int) -> None:
        """Have the runtime forget a request."""
        if (request := self._requests.pop(request_id, None)) is not None:
            runtime, host_request_id = request
            runtime.lose_request(host_request_id)

    def abort_invocation(self, invocation_id: str) -> None:
        """End an invocation that the engine has timed out."""
        runtime = self._runtime_by_invocation.pop(invocation_id, None)
        if runtime is not None:
            runtime.abort_invocation(invocation_id)

    def retire_generation(self, generation: int) -> None:
        """Unload a generation of the code in every runtime."""
        self._function_languages.pop(generation, None)
        for runtime in self._runtimes.values():
            runtime.retire_generation(generation)

    def renew_instances(self, generation: int) -> None:
        """Let a generation begin with new instances in every runtime."""
        for runtime in self._runtimes.values():
            runtime.renew_instances(generation)

    def flush(self) -> None:
        """Send what has been collected."""
        for runtime in self._runtimes.values():
            runtime.flush()

    @property
    def busy(self) -> bool:
        """Whether any of the runtimes is busy."""
        return any(runtime.busy for runtime in self._runtimes.values())

    @property
    def tells_begin(self) -> bool:
        """Whether hosts say when a handler begins: in real time."""
        return not self._virtual

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
        """End every host process."""
        await asyncio.gather(*(runtime.close() for runtime in self._runtimes.values()))
        # Not every language has built something there.
        shutil.rmtree(self._build_dir, ignore_errors=True)

    def _languages_of(self, app: App) -> Sequence[str]:
        used = app.languages | ({REMOTE} if app.remotes or app.services else set())
        return [language for language in self._factories if language in used]

    async def _runtime_for(self, language: str) -> Runtime:
        if language not in self._runtimes:

            def sink(messages: Sequence[RuntimeMessage]) -> None:
                self._receive(language, messages)

            self._runtimes[language] = await self._factories[language](sink)
        return self._runtimes[language]

    def _receive(self, language: str, messages: Sequence[RuntimeMessage]) -> None:
        runtime = self._runtimes[language]
        self._pending_messages[language] += [
            self._renumber(message, runtime) for message in messages
        ]
        if self._virtual and self.busy:
            return
        pending = [message for each in self._pending_messages.values() for message in each]
        for each in self._pending_messages.values():
            each.clear()
        self._sink(pending)

    def _renumber(self, message: RuntimeMessage, runtime: Runtime) -> RuntimeMessage:
        if isinstance(message, AppRequest):
            # Request ids are unique only within one host.
            self._last_request_id += 1
            self._requests[self._last_request_id] = (runtime, message.request_id)
            return msgspec.structs.replace(message, request_id=self._last_request_id)
        if isinstance(message, DelayedMessages):
            renumbered = tuple(self._renumber(each, runtime) for each in message.messages)
            return msgspec.structs.replace(message, messages=renumbered)
        if isinstance(message, InvocationEnded):
            self._runtime_by_invocation.pop(message.invocation_id, None)
        return message
