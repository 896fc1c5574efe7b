"""A harness for Python handlers: a small app, the real host, and a platform answered by hand."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from forge_emu.clock import RealClock
from forge_emu.model import App
from forge_emu.ports import AppRequest, AppResponse, BuildResult
from forge_emu.runtime.python.interpreter import find_python
from forge_emu.runtime.python.runtime import PythonRuntime
from tests.runtime.node.harness import Reply, RuntimeHarness, app_of, write_app

T = TypeVar("T")


def default_reply(request: AppRequest) -> AppResponse:
    """What the platform says when all is well."""
    if request.path.startswith("/webhook/queue/publish"):
        return AppResponse(201, "{}")
    return AppResponse(204)


class PythonHarness(RuntimeHarness):
    """The same harness with the Python runtime."""

    def __init__(self, root: Path, reply: Reply | None = None, **options: Any) -> None:
        self._reset(reply or default_reply)
        defaults: dict[str, Any] = {"seed": 1, "epoch_ms": 0, "clock": RealClock()}
        self.runtime = PythonRuntime(
            root, find_python(root), self._receive, **{**defaults, **options}
        )


def python_app(files: dict[str, str], **options: Any) -> App:
    """An app whose functions are the `def`s of its modules that do not begin with `_`."""
    handlers = {
        name: f"{file}#{name}"
        for file, text in files.items()
        for name in re.findall(r"^(?:async )?def ([a-z]\w*)", text, re.MULTILINE)
    }
    return as_python(app_of(handlers, **options))


def as_python(app: App) -> App:
    """The app, its functions being Python."""
    functions = {
        key: msgspec.structs.replace(f, language="python") for key, f in app.functions.items()
    }
    return msgspec.structs.replace(app, functions=functions)


def run_app(
    root: Path,
    source: str | dict[str, str],
    scenario: Callable[[PythonHarness], Coroutine[Any, Any, T]],
    *,
    reply: Reply | None = None,
    memory_mb: int = 128,
    **options: Any,
) -> T:
    """Load an app of one file, whose functions are its handlers, and run `scenario` with it."""
    files = {"src/index.py": source} if isinstance(source, str) else source
    write_app(root, files)
    app = python_app({f: t for f, t in files.items() if f == "src/index.py"}, memory_mb=memory_mb)

    async def whole() -> T:
        harness = PythonHarness(root, reply, **options)
        try:
            build = await harness.runtime.load_app(app, 1)
            assert build.ok, build.problems
            return await scenario(harness)
        finally:
            await harness.runtime.close()

    return asyncio.run(whole())


def load_app(root: Path, files: dict[str, str], handlers: dict[str, str]) -> BuildResult:
    """Only load an app."""
    write_app(root, files)

    async def whole() -> BuildResult:
        harness = PythonHarness(root)
        try:
            return await harness.runtime.load_app(as_python(app_of(handlers)), 1)
        finally:
            await harness.runtime.close()

    return asyncio.run(whole())
