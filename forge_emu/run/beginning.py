"""Begins a run: with the app and its tools, which need little of forge-emu."""

from __future__ import annotations

import os
import shutil
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec

from forge_emu import appdir
from forge_emu.appdir import LoadedApp
from forge_emu.clock import monotonic_seconds
from forge_emu.control.addresses import Addresses, addresses_of
from forge_emu.control.session import FOLDER, AppLock, lock_app, remove_empty_folder
from forge_emu.emulator.starting.early import begin_early
from forge_emu.emulator.starting.terminal import Terminal
from forge_emu.emulator.starting.tools import AppTools, tools_for
from forge_emu.emulator.variables import Variables, variables_of
from forge_emu.run.options import RunOptions
from forge_emu.runtime.node.starting.early_host import EarlyHost
from forge_emu.runtime.node.starting.early_start import EarlyStart


class BegunRun(msgspec.Struct, frozen=True):
    """A run whose app is locked. `began` is the real instant of its start, in seconds."""

    began: float
    addresses: Addresses
    loaded: LoadedApp
    lock: AppLock
    variables: Variables
    tools: AppTools
    build_dir: Path
    early: EarlyStart | None


async def begin_run(
    options: RunOptions,
    terminal: Terminal,
    stack: AsyncExitStack,
    early_host: EarlyHost | None = None,
) -> BegunRun:
    """Load and lock the app, and begin its build; `stack` ends everything in the opposite order."""
    began, virtual = monotonic_seconds(), options.speed is None
    addresses = addresses_of(options.host)
    loaded = appdir.load_app(
        options.root.resolve(), {**options.file_variables, **options.variables}, options.remotes
    )
    if not (loaded.root / FOLDER).exists():
        stack.callback(remove_empty_folder, loaded.root / FOLDER)
    lock = stack.enter_context(lock_app(loaded.root))
    variables = variables_of(
        loaded.variables,
        os.environ,
        options.variables,
        options.file_variables,
        network=not options.offline,
    )
    tools = await tools_for(
        loaded,
        options.install,
        terminal,
        virtual=virtual,
        node_major=options.node,
        bundler=options.bundler,
    )
    build_dir = loaded.root / FOLDER / "build"
    # What is there is of no use: a killed run has left it, or it came with the app.
    shutil.rmtree(build_dir, ignore_errors=True)
    stack.callback(shutil.rmtree, build_dir, ignore_errors=True)
    early = begin_early(
        loaded,
        tools,
        variables.environment,
        build_dir,
        options.layout,
        stack,
        early_host,
        virtual=virtual,
    )
    return BegunRun(began, addresses, loaded, lock, variables, tools, build_dir, early)
