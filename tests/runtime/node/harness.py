"""A harness for handlers: a small app in the real Node, and a platform that answers it."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest

from forge_emu.clock import RealClock
from forge_emu.errors import UserError
from forge_emu.model import App, Function, Invocation, ModuleKind, Outcome
from forge_emu.ports import (
    AppRequest,
    AppResponse,
    BuildResult,
    HostNotice,
    InvocationEnded,
    LogLine,
    RuntimeMessage,
)
from forge_emu.runtime.host.runtime import HostRuntime
from forge_emu.runtime.node.runtime import NodeRuntime
from forge_emu.runtime.node.tools import Tools, find_tools

T = TypeVar("T")
Reply = Callable[[AppRequest], AppResponse | None]
TIMEOUT_SECONDS = 60.0
"""Real seconds after which a test gives up; never waited for when all is well."""


def tools_or_skip(root: Path) -> Tools:
    """Node and esbuild; without them a test fails in CI and is skipped elsewhere."""
    try:
        return find_tools(root, lambda _: None)
    except UserError as e:
        if "CI" in os.environ:
            raise
        pytest.skip(f"{e.message} {e.hint}")


def write_app(root: Path, files: dict[str, str]) -> Path:
    """Write an app's files."""
    for name, text in {"package.json": "{}", **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def app_of(
    handlers: dict[str, str],
    *,
    memory_mb: int = 128,
    timeout_ms: int = 25_000,
    package: str | None = None,
    extra_files: tuple[str, ...] = (),
) -> App:
    """An app whose functions are `{key: "src/index.js#export"}`; `package` is a manual one's."""
    functions = {}
    for line, (key, handler) in enumerate(handlers.items(), start=10):
        file, export = handler.split("#")
        name = file.removeprefix("src/").rsplit(".", 1)[0]
        functions[key] = Function(
            key, f"{name}.{export}", file, export, timeout_ms, memory_mb, line
        )
    return App(
        id="ari:cloud:ecosystem::app/3a6f1f3a-8d3c-4c49-9d40-5d5a0a0f6f10",
        name="stage",
        manifest="manifest.yml",
        runtime="nodejs22.x",
        functions=functions,
        consumers=(),
        triggers=(),
        scopes=("storage:app",),
        package=package,
        extra_files=extra_files,
    )


class RuntimeHarness:
    """A runtime with a platform that answers each request with `reply`."""

    def __init__(self, root: Path, reply: Reply | None = None, **options: Any) -> None:
        self._reset(reply or (lambda _: AppResponse(200, "{}")))
        defaults: dict[str, Any] = {"seed": 1, "epoch_ms": 0, "clock": RealClock(), "threads": 1}
        self.runtime: HostRuntime = NodeRuntime(
            root,
            tools_or_skip(root),
            self._receive,
            build_dir=root / ".forge-emu" / "build",
            **{**defaults, **options},
        )

    def _reset(self, reply: Reply) -> None:
        self.messages: list[RuntimeMessage] = []
        self.reply = reply
        self._changed = asyncio.Event()
        self._started = 0

    def _receive(self, messages: Any) -> None:
        self.messages.extend(messages)
        for message in messages:
            if isinstance(message, AppRequest) and (answer := self.reply(message)):
                self.runtime.respond(message.request_id, answer)
        self.runtime.flush()
        self._changed.set()

    def invoke(
        self, function: str, event: Any = None, *, instance: str | None = None, **fields: Any
    ) -> str:
        """Start an invocation, each on an instance of its own unless told; answers its id."""
        self._started += 1
        name = f"v{self._started}"
        values: dict[str, Any] = {
            "module": ModuleKind.TRIGGER,
            "module_key": "the-module",
            "context": {},
            "attempt": 1,
            "cold_start": True,
            "generation": 1,
            "timeout_ms": 25_000,
            "deadline": 25_000,
        }
        self.runtime.invoke(
            Invocation(
                invocation_id=name,
                function=function,
                event_text=msgspec.Raw(msgspec.json.encode(event)),
                instance=instance or f"i{self._started}",
                **{**values, **fields},
            )
        )
        self.runtime.flush()
        return name

    async def wait_until(self, condition: Callable[[], T]) -> T:
        """Wait until `condition` holds, and answer what it answers."""

        async def wait() -> T:
            while not (result := condition()):
                self._changed.clear()
                await self._changed.wait()
            return result

        return await asyncio.wait_for(wait(), TIMEOUT_SECONDS)

    async def wait_for_outcome(self, name: str) -> Outcome:
        """Wait for the end of an invocation."""
        return (
            await self.wait_until(
                lambda: [e for e in self.ended_invocations() if e.invocation_id == name]
            )
        )[0].outcome

    async def run_invocation(self, function: str, event: Any = None, **fields: Any) -> Outcome:
        """Run one invocation to its end."""
        return await self.wait_for_outcome(self.invoke(function, event, **fields))

    def kill_host(self) -> None:
        """End the process as a crash would."""
        host = self.runtime._host
        assert host is not None
        host.kill()

    def ended_invocations(self) -> list[InvocationEnded]:
        """Every end received so far."""
        return [m for m in self.messages if isinstance(m, InvocationEnded)]

    def requests(self) -> list[AppRequest]:
        """Every request of the app so far."""
        return [m for m in self.messages if isinstance(m, AppRequest)]

    def logs(self, name: str | None = "") -> list[LogLine]:
        """Every printed line so far, of one invocation if it is given."""
        lines = [m for m in self.messages if isinstance(m, LogLine)]
        return [m for m in lines if name == "" or m.invocation_id == name]

    def notices(self) -> list[HostNotice]:
        """Every notice so far."""
        return [m for m in self.messages if isinstance(m, HostNotice)]


def run_app(
    root: Path,
    source: str | dict[str, str],
    scenario: Callable[[RuntimeHarness], Coroutine[Any, Any, T]],
    *,
    reply: Reply | None = None,
    memory_mb: int = 128,
    timeout_ms: int = 25_000,
    handlers: dict[str, str] | None = None,
    **options: Any,
) -> T:
    """Load an app of one file, whose exports are its functions, and run `scenario` with it.

    The functions are the names that `source` exports by `export function` or `exports.NAME =`.
    """
    files = {"src/index.js": source} if isinstance(source, str) else source
    write_app(root, files)
    app = app_of(handlers or _exports(files), memory_mb=memory_mb, timeout_ms=timeout_ms)

    async def whole() -> T:
        stage = RuntimeHarness(root, reply, **options)
        try:
            build = await stage.runtime.load_app(app, 1)
            assert build.ok, build.problems
            return await scenario(stage)
        finally:
            await stage.runtime.close()

    return asyncio.run(whole())


def run_whole(root: Path, scenario: Callable[[RuntimeHarness], Coroutine[Any, Any, T]]) -> T:
    """Run `scenario`, which loads an app itself, with the runtime of the app at `root`."""

    async def whole() -> T:
        stage = RuntimeHarness(root)
        try:
            return await scenario(stage)
        finally:
            await stage.runtime.close()

    return asyncio.run(whole())


def load_app(
    root: Path,
    files: dict[str, str],
    handlers: dict[str, str],
    package: str | None = None,
    **options: Any,
) -> BuildResult:
    """Only load an app."""
    write_app(root, files)

    async def whole() -> BuildResult:
        stage = RuntimeHarness(root, **options)
        try:
            return await stage.runtime.load_app(app_of(handlers, package=package), 1)
        finally:
            await stage.runtime.close()

    return asyncio.run(whole())


class SharedApp:
    """An app that is loaded once, for many cases; use it as a context manager."""

    def __init__(
        self,
        root: Path,
        files: dict[str, str],
        handlers: dict[str, str],
        package: str | None = None,
        **options: Any,
    ) -> None:
        write_app(root, files)
        self._app = app_of(handlers, package=package)
        self._runner = asyncio.Runner()
        self.harness = RuntimeHarness(root, **options)

    def __enter__(self) -> SharedApp:
        build = self._runner.run(self.harness.runtime.load_app(self._app, 1))
        assert build.ok, build.problems
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self.harness.runtime.close())
        self._runner.close()

    def run_invocation(
        self, function: str, event: Any = None, **fields: Any
    ) -> tuple[Outcome, list[str]]:
        """Run one invocation; answers its outcome and what it printed."""

        async def whole() -> tuple[Outcome, list[str]]:
            name = self.harness.invoke(function, event, **fields)
            outcome = await self.harness.wait_for_outcome(name)
            return outcome, [line.message for line in self.harness.logs(name)]

        return self._runner.run(whole())


def link_packages(root: Path, installed: Path) -> None:
    """Give the app the packages of an npm installation."""
    (root / "node_modules").symlink_to(installed / "node_modules", target_is_directory=True)
    shutil.copy(installed / "package.json", root / "package.json")


def _exports(files: dict[str, str]) -> dict[str, str]:
    import re

    found = {}
    for file, text in files.items():
        for match in re.finditer(r"export (?:async )?function (\w+)|exports\.(\w+) =", text):
            name = match[1] or match[2]
            found[name] = f"{file}#{name}"
    return found
