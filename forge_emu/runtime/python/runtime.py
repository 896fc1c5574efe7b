"""The Python runtime: runs the app's Python modules, each instance in a process of its own."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import msgspec

from forge_emu.errors import Problem
from forge_emu.model import App
from forge_emu.ports import BuildResult, Clock, MessageSink
from forge_emu.runtime.host import wire
from forge_emu.runtime.host.missing_variables import unset_variables, with_missing_variables
from forge_emu.runtime.host.options import HostOptions
from forge_emu.runtime.host.process import HostProcess, Listener
from forge_emu.runtime.host.runtime import HostRuntime
from forge_emu.runtime.host.settings import HostSettings
from forge_emu.runtime.host.spawning import spawn_host
from forge_emu.runtime.host.threads import InstanceThreads
from forge_emu.runtime.python.load_errors import python_load_problem
from forge_emu.runtime.tool import Tool

PROGRAM = Path(__file__).parent / "program" / "__main__.py"


class PythonRuntime(HostRuntime):
    """Runs an app's Python handlers with `python`. `options` are those of HostOptions."""

    language = "python"
    program = "Python"

    def __init__(
        self, root: Path, python: Tool, sink: MessageSink, *, clock: Clock, **options: Any
    ) -> None:
        # One answer to a load: modules are tried out in one process, whatever the instances.
        super().__init__(
            root,
            sink,
            clock=clock,
            threads=1,
            placed_on=InstanceThreads(),
            # The order of sets of texts.
            options=HostOptions(
                **options, own_variables={"PYTHONHASHSEED": str(options["seed"] % 2**32)}
            ),
        )
        self._python = python
        self._source = root

    async def load_app(self, app: App, generation: int) -> BuildResult:
        """Evaluate the app's modules once; nothing has to be built."""
        self._source = self._root / _source_folder(app)
        load = self._loads.load_order(app, generation, self._source)
        files = await asyncio.to_thread(_scripts, self._source)
        sources = tuple(os.path.relpath(file, self._root).replace(os.sep, "/") for file in files)
        built = BuildResult(generation, (), sources=sources)
        result = await self._evaluate_modules(app, load, built)
        unset = await asyncio.to_thread(unset_variables, self._root, sources, self._environment)
        if result.ok and unset is not None:
            result = msgspec.structs.replace(result, problems=(*result.problems, unset))
        return result

    def _load_problem(self, failure: wire.LoadFailure) -> Problem:
        problem = python_load_problem(failure, self._source, self._python.path)
        return with_missing_variables(problem, self._root, self._environment)

    async def _start_program(self, listener: Listener) -> HostProcess:
        settings = self._host_settings()

        def argument(pipes: tuple[int, int]) -> bytes:
            return msgspec.json.encode(msgspec.structs.replace(settings, pipes=pipes))

        command = str(self._python.path), "-B", "-X", "utf8", str(PROGRAM)
        spawned = spawn_host(command, argument, self._root, self._environment)
        return await HostProcess.start(spawned, listener)

    def _host_settings(self) -> HostSettings:
        return self._options.host_settings(
            self._clock, threads=1, first_incarnation=self._supervisor.first_incarnation
        )


def _source_folder(app: App) -> str:
    """The folder that handlers are relative to (`src`)."""
    function = next(f for f in app.functions.values() if f.language == "python")
    module = function.handler.rpartition(".")[0]
    return function.file.removesuffix(f"/{module}.py")


def _scripts(folder: Path) -> list[Path]:
    """The Python files below a folder, which its modules may import."""
    return sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)
