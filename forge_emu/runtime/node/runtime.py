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
from forge_emu.runtime.host.missing_variables import with_missing_variables
from forge_emu.runtime.host.options import HostOptions
from forge_emu.runtime.host.process import FileLimits, HostSettings
from forge_emu.runtime.host.runtime import HostRuntime
from forge_emu.runtime.host.threads import FunctionThreads
from forge_emu.runtime.node.bundle import Bundle, package_bundle
from forge_emu.runtime.node.bundler.options import options_for
from forge_emu.runtime.node.forge_bundler import forge_bundle
from forge_emu.runtime.node.global_writes import changes_globals, is_own_script
from forge_emu.runtime.node.partial_bundle import bundle_what_builds
from forge_emu.runtime.node.removed_packages import ui_kit_1_problem, without_repeated
from forge_emu.runtime.node.tools import Tools
from forge_emu.runtime.tool import Tool

PROGRAM = Path(__file__).parent / "program" / "host" / "host.cjs"

_PACKAGE_FLAGS = ("--experimental-vm-modules", "--experimental-import-meta-resolve")
"""What the loader of manual packages needs to give each instance its own ES modules."""

_HEAP_MB = 4096
"""Heap of a thread: its instances share it. What each may hold is measured in the host."""


class NodeRuntime(HostRuntime):
    """Runs an app's JavaScript handlers. `threads` are started before they are needed.

    With the layout `deploy` they run in a folder as Forge deploys it, with a /tmp of `tmp_mb` MB;
    with `source` in the app's own. `forge_bundler` builds it, esbuild without one.
    `options` are those of HostOptions.
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
        threads: int = 2,
        layout: Layout = "deploy",
        tmp_mb: int | None = 512,
        forge_bundler: Tool | None = None,
        **options: Any,
    ) -> None:
        threads = 1 if clock.virtual else threads
        self._function_threads = FunctionThreads()
        super().__init__(
            root,
            sink,
            clock=clock,
            threads=threads,
            placed_on=self._function_threads,
            # With one thread, the results of the pool come in the order of the calls.
            options=HostOptions(
                **options, own_variables={"UV_THREADPOOL_SIZE": "1"} if clock.virtual else {}
            ),
        )
        self._environment = {"NODE_ENV": "production", **self._environment}
        self._threads = threads
        self._tools = tools
        self._build_dir = build_dir
        self._layout = layout
        self._tmp_mb = tmp_mb
        self._forge_bundler = forge_bundler

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
                self._function_threads.run_apart(function)
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
        return without_repeated(result)

    async def _build(self, app: App, generation: int) -> Bundle:
        folder = self._build_dir / f"g{generation}"
        if app.package is not None:
            return await asyncio.to_thread(package_bundle, app, folder, self._root)
        if self._forge_bundler is not None:
            return await forge_bundle(app, folder, self._root, self._forge_bundler, self._tools)
        options = options_for(self._root, self._layout)
        return await bundle_what_builds(app, folder, options, self._tools)

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
        shutil.rmtree(self._build_dir / f"g{generation}", ignore_errors=True)

    def _load_problem(self, failure: wire.LoadFailure) -> Problem:
        problem = ui_kit_1_problem(self._root, failure)
        return problem or with_missing_variables(
            load_problem(failure), self._root, self._environment
        )

    def _command(self) -> Sequence[str]:
        return str(self._tools.node.path), "--no-warnings", *_PACKAGE_FLAGS, str(PROGRAM)

    def _host_settings(self, first_incarnation: int) -> HostSettings:
        timers = self._tools.fake_timers
        return self._options.host_settings(
            self._clock,
            threads=self._threads,
            first_incarnation=first_incarnation,
            heap_mb=_HEAP_MB,
            fake_timers=str(timers.path) if timers else None,
            files=FileLimits(str(self._root), self._tmp_mb) if self._layout == "deploy" else None,
        )
