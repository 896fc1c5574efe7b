"""Puts the parts of a run together, and takes them apart again."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from contextlib import AsyncExitStack

from forge_emu import appdir
from forge_emu.clock import fresh_token, wall_ms
from forge_emu.control.addresses import addresses_of
from forge_emu.control.server import serve
from forge_emu.control.session import FOLDER, claim
from forge_emu.emulator.emulator import Emulator, Show
from forge_emu.emulator.persistence import let_go
from forge_emu.emulator.runtimes import runtime_for, tools_for
from forge_emu.emulator.shutdown import Stop, first_of
from forge_emu.emulator.startup import Terminal, announce, load_code, settings_of
from forge_emu.emulator.state import chance_of, clock_of, leave_nothing, state_of
from forge_emu.emulator.variables import Variables, variables_of
from forge_emu.engine.faults.rules import merge_fault_rules
from forge_emu.errors import ExitCode
from forge_emu.model import iso8601
from forge_emu.records import Record
from forge_emu.reporting import Reports, source_places
from forge_emu.run.options import RunOptions
from forge_emu.run.outputs import face_for
from forge_emu.run.reload import Reloader


async def run(options: RunOptions, terminal: Terminal) -> ExitCode:
    """Run an app until it is asked to stop. Raises UserError when it cannot start."""
    stop = Stop()
    addresses = addresses_of(options.host)
    loaded = appdir.load(options.root.resolve())
    async with AsyncExitStack() as stack:
        if options.ephemeral and not (loaded.root / FOLDER).exists():
            stack.callback(leave_nothing, loaded.root / FOLDER)
        session = stack.enter_context(claim(loaded.root))
        settings = settings_of(loaded, options.preset, options.overrides)
        # Virtual time keeps nothing, so that a seed repeats a run.
        in_memory = options.ephemeral or options.speed is None
        state = await state_of(
            loaded, settings, terminal.say, in_memory=in_memory, recover=options.recover
        )
        clock = clock_of(options.speed, state)
        tools = await tools_for(loaded, clock, options.install, terminal)
        variables = variables_of(loaded.declared, os.environ, options.variables)
        emulator = Emulator(
            loaded.app,
            settings,
            clock,
            chance_of(options.seed, state),
            token=fresh_token(),
            failed=stop.fail,
            faults=merge_fault_rules(loaded.faults, options.faults),
            mocks=loaded.mocks,
            state=state,
            secrets=variables.secrets(),
        )
        stack.callback(let_go, emulator.keeping, terminal.say)
        emulator.summary_builder.places = source_places(loaded.app, loaded.root)
        reports = stack.enter_context(_reports(options, emulator, variables))
        stop.listen()
        build_dir = loaded.root / ".forge-emu" / "build"
        runtime = runtime_for(loaded, tools, emulator, build_dir, variables.environment)
        stack.push_async_callback(runtime.close)
        emulator.pump.attach(runtime)
        problems = await load_code(loaded, runtime, emulator)
        emulator.url = await stack.enter_async_context(serve(emulator, addresses, options.port))
        session.publish(emulator.url, emulator.token, iso8601(wall_ms()))
        if addresses.open:
            terminal.say(_open_door(options.host, emulator.url))
        if options.watch:
            reloader = Reloader(loaded, emulator, runtime)
            reloader.start()
            stack.push_async_callback(reloader.stop)
        face = face_for(options.output, emulator, terminal.out, stop)
        if options.output == "json":
            terminal.say(f"ready at {emulator.url}, seed {emulator.seed}")
        face.start()
        try:
            emulator.show(_each(reports.add_records, face.show))
            announce(emulator, problems, variables)
            code = await _until_the_end(emulator, options, stop)
        finally:
            await face.stop()
            emulator.pump.stop()
        if stop.failure:
            raise stop.failure
        if not stop.urged.is_set():
            summary = emulator.summary()
            face.summarise(summary)
            for path in reports.write_files(summary):
                terminal.say(f"wrote {path}")
    return code


def _open_door(host: str | None, url: str) -> str:
    port = url.rpartition(":")[2]
    return (
        f"warning: with --host {host} other machines can reach port {port}. Whoever has the token "
        "of .forge-emu/session.json controls this emulator and reads its store, and the token "
        "crosses the network unencrypted."
    )


def _reports(options: RunOptions, emulator: Emulator, variables: Variables) -> Reports:
    return Reports(
        options.report,
        options.trace,
        emulator.settings,
        emulator.app,
        command=shlex.join(variables.shown(options.words, emulator.engine.secrets)),
        seed=emulator.seed,
        epoch_ms=emulator.started_at,
    )


def _each(*readers: Show) -> Show:
    """Hand records to several readers, in this order."""

    def show(records: Sequence[Record]) -> None:
        for read in readers:
            read(records)

    return show


async def _until_the_end(emulator: Emulator, options: RunOptions, stop: Stop) -> ExitCode:
    """Run on until all has settled, or until asked to stop; then drain."""
    for order in options.orders:
        emulator.trigger(order)
    settled = False
    if options.until_idle:
        await first_of(emulator.pump.until(emulator.pump.settled), stop.asked.wait())
        settled = not stop.asked.is_set()
    else:
        await stop.asked.wait()
    await first_of(emulator.drain(), stop.urged.wait())
    if stop.urged.is_set():
        return ExitCode.INTERRUPTED
    return ExitCode.INTERRUPTED if options.until_idle and not settled else ExitCode.OK
