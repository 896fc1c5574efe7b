"""Starts the emulator of a test: its app is loaded, its state is in memory."""

from __future__ import annotations

import os
from contextlib import AsyncExitStack
from pathlib import Path

from rich.console import Console

from forge_emu import appdir
from forge_emu.clock import fresh_token
from forge_emu.emulator.emulator import Emulator, RecordListener
from forge_emu.emulator.initial_state.site_files import fill_site, read_site_file
from forge_emu.emulator.initial_state.store_values import fill_store
from forge_emu.emulator.runtimes import runtime_for
from forge_emu.emulator.shutdown import Stop
from forge_emu.emulator.starting.early import new_build_folder
from forge_emu.emulator.starting.settings import merged_settings
from forge_emu.emulator.starting.terminal import Terminal
from forge_emu.emulator.starting.tools import tools_for
from forge_emu.emulator.startup import announce_ready, load_code
from forge_emu.emulator.state import chance_for_run, clock_for_run
from forge_emu.emulator.variables import variables_of
from forge_emu.engine.faults.rules import merge_fault_rules, parse_fault
from forge_emu.ports import Runtime
from forge_emu.records import RecordBatch
from forge_emu.simulate.one_run import signer_for
from forge_emu.testing.options import (
    EmulatorOptions,
    app_folder,
    read_preset,
    read_settings,
    read_store,
)


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
    preset, settings = read_preset(options), read_settings(options)
    store, site = read_store(options), options.get("site")
    site_files = () if site is None else (read_site_file(Path(site), "site"),)
    variables = variables_of(loaded.variables, os.environ, given)
    virtual = options.get("virtual", True)
    clock = clock_for_run(None if virtual else 1, None)
    emulator = Emulator(
        loaded.app,
        merged_settings(loaded, preset, settings),
        clock,
        chance_for_run(options.get("seed", 1), None),
        token=fresh_token() if followed else "",
        on_failure=stop.fail,
        faults=merge_fault_rules(
            loaded.faults, [parse_fault(text, "faults") for text in options.get("faults", ())]
        ),
        mocks=loaded.mocks,
        network="open" if options.get("network", False) else "held_back",
        followed=followed,
        keeps_payloads=True,
        secrets=variables.secrets(),
        signer=signer_for(root),
    )
    if virtual:
        clock.stop(clock.now())
    fill_store(store, emulator.engine, clock.now())
    fill_site(emulator.engine, clock.now(), loaded.site, site_files)
    terminal = Terminal(Console(stderr=True), Console(stderr=True), None)
    tools = await tools_for(loaded, options.get("install"), terminal, virtual=clock.virtual)
    runtime = runtime_for(loaded, tools, emulator, new_build_folder(root), variables.environment)
    stack.push_async_callback(runtime.close)
    emulator.loop.attach_runtime(runtime)
    problems = await load_code(loaded, runtime, emulator)
    emulator.set_record_listener(listener if followed else _with_subjects(listener, emulator))
    # A life-cycle event of the start waits, as all does, until time is moved.
    emulator.loop.held = virtual
    announce_ready(emulator, problems, variables)
    return emulator, runtime


def _with_subjects(listener: RecordListener, emulator: Emulator) -> RecordListener:
    """A listener by which events are known by what they are about, as where others follow."""
    lineage = emulator.timeline.lineage

    def listen(batch: RecordBatch) -> None:
        for record in batch.records:
            lineage.add_record(record)
        listener(batch)

    return listen
