"""Starts the emulator of a test: its app is loaded, its state is in memory."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from forge_emu import appdir
from forge_emu.appdir import LoadedApp
from forge_emu.clock import fresh_token
from forge_emu.emulator.emulator import Emulator, RecordListener
from forge_emu.emulator.initial_state.site_files import SiteFile, fill_site, read_site_file
from forge_emu.emulator.initial_state.store_values import PlacedEntry, fill_store
from forge_emu.emulator.runtimes import runtime_for
from forge_emu.emulator.shutdown import Stop
from forge_emu.emulator.starting.early import begin_early, new_build_folder
from forge_emu.emulator.starting.settings import merged_settings
from forge_emu.emulator.starting.terminal import Terminal
from forge_emu.emulator.starting.tools import tools_for
from forge_emu.emulator.startup import announce_ready, load_code
from forge_emu.emulator.state import chance_for_run, clock_for_run
from forge_emu.emulator.variables import Variables, variables_of
from forge_emu.engine.faults.rules import FaultRule, merge_fault_rules, parse_fault
from forge_emu.ports import Runtime
from forge_emu.records import RecordBatch
from forge_emu.settings import Settings
from forge_emu.simulate.one_run import signer_for
from forge_emu.testing.options import (
    EmulatorOptions,
    app_folder,
    read_preset,
    read_settings,
    read_store,
)

if TYPE_CHECKING:
    from rich.console import Console


async def start_emulator(
    app: str | os.PathLike[str],
    options: EmulatorOptions,
    stop: Stop,
    stack: AsyncExitStack,
    listener: RecordListener,
    *,
    followed: bool = False,
) -> tuple[Emulator, Runtime]:
    """A running emulator of the app at `app`, and what runs its handlers; `stack` ends what it has
    started, `listener` gets every record. `followed` keeps the records for others too.

    Raises UserError for options that are wrong, and where the app does not load.
    """
    root = app_folder(app)
    given = dict(options.get("variables", {}))
    loaded = appdir.load_app(root, given)
    network = options.get("network", False)
    variables = variables_of(loaded.variables, os.environ, given, network=network)
    choices = _read_choices(options, loaded)
    virtual = options.get("virtual", True)
    terminal = Terminal(_console, _console, None, plain_stderr=sys.stderr)
    tools = await tools_for(loaded, options.get("install"), terminal, virtual=virtual)
    build_dir = new_build_folder(root)
    stack.callback(shutil.rmtree, build_dir, ignore_errors=True)
    early = begin_early(
        loaded, tools, variables.environment, build_dir, "deploy", stack, virtual=virtual
    )
    emulator = _new_emulator(loaded, options, choices, variables, stop, followed=followed)
    runtime = runtime_for(loaded, tools, emulator, build_dir, variables.environment, early=early)
    stack.push_async_callback(runtime.close)
    emulator.loop.attach_runtime(runtime)
    problems = await load_code(loaded, runtime, emulator)
    emulator.set_record_listener(listener if followed else _with_subjects(listener, emulator))
    # A life-cycle event of the start waits, as all does, until time is moved.
    emulator.loop.held = virtual
    announce_ready(emulator, problems, variables)
    return emulator, runtime


def _console() -> Console:
    from rich.console import Console

    return Console(stderr=True)


class _Choices(msgspec.Struct, frozen=True):
    """What the options say, checked: nothing has been started for options that are wrong."""

    settings: Settings
    faults: tuple[FaultRule, ...]
    store: Sequence[PlacedEntry]
    site_files: Sequence[SiteFile]


def _read_choices(options: EmulatorOptions, loaded: LoadedApp) -> _Choices:
    preset, settings = read_preset(options), read_settings(options)
    store, site = read_store(options), options.get("site")
    site_files = () if site is None else (read_site_file(Path(site), "site"),)
    faults = [parse_fault(text, "faults") for text in options.get("faults", ())]
    return _Choices(
        merged_settings(loaded, preset, settings),
        merge_fault_rules(loaded.faults, faults),
        store,
        site_files,
    )


def _new_emulator(
    loaded: LoadedApp,
    options: EmulatorOptions,
    choices: _Choices,
    variables: Variables,
    stop: Stop,
    *,
    followed: bool,
) -> Emulator:
    """The emulator, with what it begins with; virtual time stands still."""
    virtual = options.get("virtual", True)
    clock = clock_for_run(None if virtual else 1, None)
    emulator = Emulator(
        loaded.app,
        choices.settings,
        clock,
        chance_for_run(options.get("seed", 1), None),
        token=fresh_token() if followed else "",
        on_failure=stop.fail,
        faults=choices.faults,
        mocks=loaded.mocks,
        network="open" if options.get("network", False) else "held_back",
        followed=followed,
        keeps_payloads=True,
        secrets=variables.secrets(),
        signer=signer_for(loaded.root),
    )
    if virtual:
        clock.stop(clock.now())
    fill_store(choices.store, emulator.engine, clock.now())
    fill_site(emulator.engine, clock.now(), loaded.site, choices.site_files)
    return emulator


def _with_subjects(listener: RecordListener, emulator: Emulator) -> RecordListener:
    """A listener by which events are known by what they are about, as where others follow."""
    lineage = emulator.timeline.lineage

    def listen(batch: RecordBatch) -> None:
        for record in batch.records:
            lineage.add_record(record)
        listener(batch)

    return listen
