"""Puts the parts of a run together, and takes them apart again."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from forge_emu.appdir import LoadedApp
from forge_emu.clock import fresh_token, monotonic_seconds, wall_ms
from forge_emu.control.addresses import JWKS_PATH
from forge_emu.control.session import FOLDER, write_private_file
from forge_emu.emulator.emulator import Emulator
from forge_emu.emulator.initial_state.exported import check_in_memory, exported_state
from forge_emu.emulator.initial_state.site_files import fill_site, read_site_file
from forge_emu.emulator.initial_state.store_values import fill_store, read_store_file
from forge_emu.emulator.persistence import close_persistence
from forge_emu.emulator.runtimes import runtime_for
from forge_emu.emulator.shutdown import Stop, wait_first
from forge_emu.emulator.starting.late import import_late
from forge_emu.emulator.starting.settings import merged_settings
from forge_emu.emulator.starting.terminal import Terminal
from forge_emu.emulator.starting.tools import AppTools
from forge_emu.emulator.startup import announce_ready, load_code, record_unheard
from forge_emu.emulator.state import (
    chance_for_run,
    clock_for_run,
    state_for_run,
)
from forge_emu.emulator.variables import Variables
from forge_emu.emulator.views.missing_mocks import with_mocks_file, write_missing_mocks
from forge_emu.engine.faults.rules import merge_fault_rules
from forge_emu.errors import ExitCode, Problem
from forge_emu.model import Instant, iso8601
from forge_emu.records import RecordBatch
from forge_emu.reporting import Reports
from forge_emu.run.beginning import BegunRun
from forge_emu.run.bundler_check import BundlerCheck
from forge_emu.run.chosen_output import import_output, output_for
from forge_emu.run.json_output import Output
from forge_emu.run.live_page.live_page import LivePage
from forge_emu.run.live_page.serving import ServeApi, serve_with_page
from forge_emu.run.options import OutputKind, RunOptions, exposure_warning
from forge_emu.runtime.node.forge_bundler import find_forge_bundler
from forge_emu.runtime.remote.tokens import TokenSigner, kept_signer, new_signer
from forge_emu.store.gc_pause import gc_paused


@dataclass
class StartedRun:
    """A run whose app is loaded, and which answers the control API; `last_at`: its last record."""

    options: RunOptions
    terminal: Terminal
    stop: Stop
    emulator: Emulator
    reports: Reports
    variables: Variables
    problems: tuple[Problem, ...]
    page: LivePage
    last_at: Instant | None = None


async def run_begun(
    options: RunOptions, terminal: Terminal, begun: BegunRun, stack: AsyncExitStack
) -> ExitCode:
    """Run an app until it is asked to stop; `stack` ends everything in the opposite order.

    Raises UserError when it cannot start.
    """
    stop = Stop()
    with gc_paused(freeze=True):
        started = await _start(options, terminal, stop, begun, stack)
    ready = f"ready in {1000 * (monotonic_seconds() - begun.began):,.0f} ms"
    output = output_for(
        options.output, started.emulator, terminal, stop, started.page, options.root
    )
    if options.output == "json":
        ready += f" at {started.emulator.url}, seed {started.emulator.seed}"
    terminal.print_message(ready)
    if options.output != "console" and not options.until_idle:
        terminal.print_message(f"live page: {started.page.shown_link}")
    code = await _run_to_end(started, output)
    if stop.failure:
        raise stop.failure
    if not stop.force.is_set():
        code = _finish(started, output, code)
    return code


async def _start(
    options: RunOptions, terminal: Terminal, stop: Stop, begun: BegunRun, stack: AsyncExitStack
) -> StartedRun:
    """Load the app, and serve."""
    addresses, loaded, variables = begun.addresses, begun.loaded, begun.variables
    emulator = await _new_emulator(options, terminal, stop, loaded, variables)
    stack.callback(close_persistence, emulator.persistence, terminal.print_message)
    reports = stack.enter_context(_reports_for(options, emulator, variables, loaded))
    stop.install_signal_handlers()
    runtime = runtime_for(
        loaded,
        begun.tools,
        emulator,
        begun.build_dir,
        variables.environment,
        options.layout,
        begun.early,
    )
    stack.push_async_callback(runtime.close)
    emulator.loop.attach_runtime(runtime)
    # While esbuild and Node.js are at work, there is time for what is slow to import.
    importing = asyncio.create_task(asyncio.to_thread(_import_rest, options.output))
    problems = await load_code(loaded, runtime, emulator)
    serve_api = await importing
    folder = None if options.ephemeral else loaded.root / FOLDER
    page = await stack.enter_async_context(
        serve_with_page(serve_api, emulator, addresses, options.port, reports.run_info, folder)
    )
    if loaded.app.remotes or loaded.app.services:
        # Read or made now, so that what is wrong with it is said before anything is sent.
        emulator.token_signer()
        terminal.print_message(
            f"remotes verify their tokens with the keys at {emulator.url}{JWKS_PATH}"
        )
    emulator.loop.services.web_triggers.origin = page.url
    begun.lock.write_session(page.url, emulator.token, iso8601(wall_ms()))
    if addresses.exposed:
        terminal.print_message(exposure_warning(options.host, page.url))
    check = await _bundler_check(options, loaded, begun.tools, emulator, begun.build_dir)
    if check is not None:
        stack.push_async_callback(check.stop)
    if options.watch:
        from forge_emu.run.reload import Reloader

        reloader = Reloader(loaded, emulator, runtime, check.begin if check else None)
        reloader.start()
        stack.push_async_callback(reloader.stop)
    return StartedRun(options, terminal, stop, emulator, reports, variables, problems, page)


def _import_rest(output: OutputKind) -> ServeApi:
    import_output(output)
    from forge_emu.control.server import serve_api

    return serve_api


async def _bundler_check(
    options: RunOptions, loaded: LoadedApp, tools: AppTools, emulator: Emulator, build_dir: Path
) -> BundlerCheck | None:
    """Forge's bundler at work beside the run; not in virtual time, whose records depend on nothing
    but the app and the seed."""
    if options.bundler != "auto" or emulator.clock.virtual:
        return None
    if tools.node is None or loaded.app.package is not None:
        return None
    bundler = await asyncio.to_thread(find_forge_bundler, loaded.root, tools.node)
    if bundler is None:
        return None
    check = BundlerCheck(loaded.root, build_dir / "forge", bundler, tools.node, emulator)
    check.begin(emulator.app)
    return check


async def _new_emulator(
    options: RunOptions, terminal: Terminal, stop: Stop, loaded: LoadedApp, variables: Variables
) -> Emulator:
    """The emulator, which goes on from its state if it has one."""
    settings = merged_settings(loaded, options.preset, options.overrides)
    # Virtual time keeps nothing, so that a seed repeats a run.
    in_memory = options.ephemeral or options.speed is None
    check_in_memory(options.kvs, options.state, options.site, in_memory=in_memory)
    site_files = [read_site_file(path, "--site") for path in options.site]
    faults = merge_fault_rules(loaded.faults, options.faults)
    store_values = [each for path in options.kvs for each in read_store_file(path, "--kvs")]
    state = await state_for_run(
        loaded, settings, terminal.print_message, in_memory=in_memory, recover=options.recover
    )
    with exported_state(options.state, settings) as initial_state:
        clock = clock_for_run(options.speed, state, initial_state)
        emulator = Emulator(
            loaded.app,
            settings,
            clock,
            chance_for_run(options.seed, state or initial_state),
            token=fresh_token(),
            on_failure=stop.fail,
            faults=faults,
            mocks=loaded.mocks,
            network="offline" if options.offline else "announced",
            keeps_payloads=True,
            state=state,
            initial_state=initial_state,
            secrets=variables.secrets(),
            signer=_signer_for(loaded.root / FOLDER, kept=not options.ephemeral),
        )
    fill_store(store_values, emulator.engine, clock.now())
    fill_site(emulator.engine, clock.now(), loaded.site, site_files)
    if options.state is not None and clock.virtual:
        # Until the orders of the run are added, which happen before what the state holds.
        clock.stop(clock.now())
    return emulator


def _signer_for(folder: Path, *, kept: bool) -> Callable[[], TokenSigner]:
    """What signs tokens: with the key pair in the emulator's folder, unless nothing is kept."""
    if not kept:
        return partial(new_signer, wall_ms)
    return partial(kept_signer, folder, wall_ms, write_private_file)


async def _run_to_end(started: StartedRun, output: Output) -> ExitCode:
    """Show what happens until all has settled or a stop is requested; then drain."""
    emulator, reports, judge = started.emulator, started.reports, started.options.judge

    def show_batch(batch: RecordBatch) -> None:
        reports.add_records(batch.records)
        if judge is not None:
            judge.add_batch(batch)
        if batch.records:
            started.last_at = batch.records[-1].at
        output.show_batch(batch)

    output.start()
    try:
        emulator.set_record_listener(show_batch)
        announce_ready(emulator, started.problems, started.variables)
        if not emulator.clock.virtual:
            asyncio.get_running_loop().run_in_executor(None, import_late)
        return await _wait_for_end(emulator, started.options, started.stop)
    finally:
        await output.stop()
        emulator.loop.stop()


def _finish(started: StartedRun, output: Output, code: ExitCode) -> ExitCode:
    """Show the summary, write the reports, and judge a run that was not interrupted."""
    root, judge = started.options.root.resolve(), started.options.judge
    # A timer that a handler has left behind, and that does nothing, makes the run no longer.
    settled = started.options.until_idle and code is ExitCode.OK and started.emulator.clock.virtual
    summary = started.emulator.summary(ended_at=started.last_at if settled else None)
    if not started.options.ephemeral:
        summary = with_mocks_file(summary, write_missing_mocks(root, [summary]))
    if judge is not None and code is ExitCode.OK:
        summary = judge.judged(summary)
    output.show_summary(summary)
    for path in started.reports.write_files(summary):
        started.terminal.print_message(f"wrote {path}")
    if judge is None:
        return code
    for line in judge.lines:
        started.terminal.print_message(line)
    return ExitCode.CONDITION_FAILED if judge.failed else code


def _reports_for(
    options: RunOptions, emulator: Emulator, variables: Variables, loaded: LoadedApp
) -> Reports:
    return Reports(
        options.report,
        options.trace,
        emulator.settings,
        emulator.app,
        command=shlex.join(variables.mask_arguments(options.argv, emulator.engine.secrets)),
        seed=emulator.seed,
        epoch_ms=emulator.started_at,
        payloads=emulator.payload_collector,
        with_payloads=options.with_payloads,
        root=loaded.root,
    )


async def _wait_for_end(emulator: Emulator, options: RunOptions, stop: Stop) -> ExitCode:
    """Run until all has settled or a stop is requested; then drain."""
    for order in options.orders:
        record_unheard(emulator, order.event)
        emulator.add_order(order)
    if emulator.clock.paused and not emulator.clock_control.stopped:
        emulator.clock.resume()
        emulator.loop.apply_clock_change()
    settled = False
    if options.until_idle:
        emulator.loop.clock_driver.end_schedules_when_settled()
        await wait_first(
            emulator.loop.wait_until(emulator.loop.clock_driver.is_settled), stop.draining.wait()
        )
        settled = not stop.draining.is_set()
    else:
        await stop.draining.wait()
    if not settled:
        emulator.loop.enter()
    await wait_first(emulator.drain(), stop.force.wait())
    if stop.force.is_set():
        return ExitCode.INTERRUPTED
    return ExitCode.INTERRUPTED if options.until_idle and not settled else ExitCode.OK
