"""The Node runtime: bundles the app's scripts and runs them in threads of a Node process."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from forge_emu.errors import Problem
from forge_emu.model import App, Layout
from forge_emu.ports import BuildResult, Clock, MessageSink
from forge_emu.runtime.host import wire
from forge_emu.runtime.host.exports import load_problem
from forge_emu.runtime.host.lines import encode_for_host
from forge_emu.runtime.host.missing_variables import unset_variables, with_missing_variables
from forge_emu.runtime.host.options import HostOptions
from forge_emu.runtime.host.process import HostProcess, Listener
from forge_emu.runtime.host.runtime import HostRuntime
from forge_emu.runtime.host.settings import FileLimits, HostSettings, SettingsOrder
from forge_emu.runtime.host.threads import FunctionThreads
from forge_emu.runtime.node.building import Builder
from forge_emu.runtime.node.bundle import Bundle
from forge_emu.runtime.node.bundler.default_imports import with_default_import
from forge_emu.runtime.node.global_writes import changes_globals, is_own_script
from forge_emu.runtime.node.removed_packages import ui_kit_1_problem, without_repeated
from forge_emu.runtime.node.starting.early_start import EarlyStart
from forge_emu.runtime.node.starting.host_start import (
    HEAP_MB,
    first_threads,
    host_environment,
    host_start,
    start_node,
)
from forge_emu.runtime.node.tools import Tools
from forge_emu.runtime.tool import Tool


class NodeRuntime(HostRuntime):
    """Runs an app's JavaScript handlers. `threads` are started before they are needed.

    With the layout `deploy` they run in a folder as Forge deploys it, with a /tmp of `tmp_mb` MB;
    with `source` in the app's own. `forge_bundler` builds it, esbuild without one. What `early` has
    begun is taken over. `options` are those of HostOptions.
    """

    language = "javascript"
    program = "Node"

    def __init__(
        self,
        root: Path,
        tools: Tools,
        sink: MessageSink,
        *,
        build_dir: Path,
        clock: Clock,
        threads: int | None = None,
        layout: Layout = "deploy",
        tmp_mb: int | None = 512,
        forge_bundler: Tool | None = None,
        early: EarlyStart | None = None,
        **options: Any,
    ) -> None:
        threads = threads or first_threads(virtual=clock.virtual)
        self._function_threads = FunctionThreads()
        super().__init__(
            root,
            sink,
            clock=clock,
            threads=threads,
            placed_on=self._function_threads,
            options=HostOptions(**options),
        )
        self._environment = host_environment(self._environment, virtual=clock.virtual)
        self._threads = threads
        self._tools = tools
        self._build_dir = build_dir
        self._layout = layout
        self._tmp_mb = tmp_mb
        self._builder = Builder(root, layout, tools, forge_bundler)
        self._build_folders: dict[int, Path] = {}
        self._early = early

    async def load_app(self, app: App, generation: int) -> BuildResult:
        """Build the app's code and evaluate it in every thread."""
        # It gets ready while esbuild is at work.
        await self._start_host()
        built = await self._build(app, generation)
        inputs = tuple(str(path) for path in built.inputs)
        if built.path is None:
            return BuildResult(generation, built.problems, {}, inputs)
        unbuilt = {
            key: built.unbuilt[f.file]
            for key, f in app.functions.items()
            if f.file in built.unbuilt
        }
        if await asyncio.to_thread(self._changes_globals, built.sources):
            for function in app.functions:
                self._function_threads.run_apart(function, keeps_state=True)
        load = self._loads.load_order(app, generation, built.path, without=unbuilt)
        deployed = str(built.deployed) if self._layout == "deploy" and built.deployed else None
        load = msgspec.structs.replace(
            load,
            packaged=load.packaged or bool(built.entries),
            deployed=deployed,
            shared=built.shared,
            entries=built.entries,
        )
        result = await self._evaluate_modules(
            app, load, BuildResult(generation, built.problems, unbuilt, inputs, built.sources)
        )
        unset = await asyncio.to_thread(
            unset_variables, self._root, built.sources, self._environment
        )
        if result.ok and unset is not None:
            result = msgspec.structs.replace(result, problems=(*result.problems, unset))
        return without_repeated(result)

    async def _build(self, app: App, generation: int) -> Bundle:
        if self._early and (begun := self._early.take_build(app)):
            self._build_folders[generation], build = begun
            return await build
        self._build_folders[generation] = folder = self._build_dir / f"g{generation}"
        return await self._builder.build(app, folder)

    def _changes_globals(self, sources: Sequence[str]) -> bool:
        """Whether the app's own code may keep state in what instances of a thread share."""
        scripts = (self._root / name for name in sources if is_own_script(name))
        return any(
            changes_globals(path.read_text("utf-8", errors="replace"))
            for path in scripts
            if path.is_file()
        )

    async def close(self) -> None:
        """End the host process, and remove what was built."""
        await super().close()
        shutil.rmtree(self._build_dir, ignore_errors=True)

    def _discard_build(self, generation: int) -> None:
        if folder := self._build_folders.pop(generation, None):
            shutil.rmtree(folder, ignore_errors=True)

    def _load_problem(self, failure: wire.LoadFailure) -> Problem:
        if problem := ui_kit_1_problem(self._root, failure):
            return problem
        problem = with_default_import(load_problem(failure), self._root)
        return with_missing_variables(problem, self._root, self._environment)

    async def _start_program(self, listener: Listener) -> HostProcess:
        timers = self._tools.fake_timers
        first_incarnation = self._supervisor.first_incarnation
        start = host_start(timers.path if timers else None, self._threads, first_incarnation)
        started = self._early.take_host(start, self._environment) if self._early else None
        if started is None:
            node = self._tools.node.path
            started = start_node(node, start, self._root, self._environment)
        host = await HostProcess.start(started.spawned, listener)
        settings = msgspec.structs.replace(
            self._host_settings(), pipes=started.spawned.pipes, variables=started.lacks
        )
        host.enqueue_line(encode_for_host(SettingsOrder(settings)))
        host.flush()
        return host

    def _host_settings(self) -> HostSettings:
        timers = self._tools.fake_timers
        return self._options.host_settings(
            self._clock,
            threads=self._threads,
            first_incarnation=self._supervisor.first_incarnation,
            heap_mb=HEAP_MB,
            fake_timers=str(timers.path) if timers else None,
            files=FileLimits(str(self._root), self._tmp_mb) if self._layout == "deploy" else None,
        )
