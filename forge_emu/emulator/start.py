"""Puts the parts of a run together, and takes them apart again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from rich.console import Console

from forge_emu import appdir
from forge_emu import settings as s
from forge_emu.appdir import LoadedApp
from forge_emu.clock import Chance, RealClock, VirtualClock, fresh_seed, fresh_token, wall_ms
from forge_emu.control.server import serve
from forge_emu.control.session import claim
from forge_emu.emulator.emulator import Emulator, Show
from forge_emu.emulator.faces import face_for
from forge_emu.emulator.options import RunOptions
from forge_emu.emulator.reload import Reloader, loaded_fields
from forge_emu.emulator.stopping import Stop, first_of
from forge_emu.engine.faults import FaultRule
from forge_emu.errors import ExitCode, ManifestError, Problem, UserError
from forge_emu.model import iso8601
from forge_emu.records import AppLoaded, Record
from forge_emu.reporting import Reports, places_of
from forge_emu.runtime.node import NodeRuntime
from forge_emu.runtime.packages import install_packages, missing_packages
from forge_emu.runtime.tools import Tools, find_tools
from forge_emu.settings import Settings


@dataclass(frozen=True)
class Terminal:
    """Where a run talks: `out` is stdout, `talk` is stderr, `ask` puts a question to the user.

    `ask` is None where nobody can answer.
    """

    out: Console
    talk: Console
    ask: Callable[[str], bool] | None

    def say(self, message: str) -> None:
        """One line of talk."""
        self.talk.print(message, markup=False, highlight=False, soft_wrap=True)


async def run(options: RunOptions, terminal: Terminal) -> ExitCode:
    """Run an app until it is asked to stop. Raises UserError when it cannot start."""
    stop = Stop()
    loaded = appdir.load(options.root.resolve())
    async with AsyncExitStack() as stack:
        session = stack.enter_context(claim(loaded.root))
        tools = await _tools_for(loaded, options, terminal)
        if options.speed is None and tools.fake_timers is None:
            raise UserError(
                "virtual time needs @sinonjs/fake-timers, which could not be installed",
                "Check the network and npm's registry setting, then start again.",
            )
        chance = Chance(fresh_seed() if options.seed is None else options.seed)
        emulator = Emulator(
            loaded.app,
            _settings(loaded, options),
            VirtualClock() if options.speed is None else RealClock(options.speed),
            chance,
            token=fresh_token(),
            failed=stop.fail,
            faults=faults_in_force(loaded, options.faults),
        )
        emulator.summary_builder.places = places_of(loaded.app, loaded.root)
        reports = stack.enter_context(_reports(options, emulator))
        stop.listen()
        runtime = NodeRuntime(
            loaded.root,
            tools,
            emulator.pump.receive,
            build_dir=loaded.root / ".forge-emu" / "build",
            seed=chance.seed,
            epoch_ms=emulator.started_at,
            clock=emulator.clock,
            stuck_seconds=emulator.settings[s.DELIVERY_STUCK_SECONDS],
            io_seconds=emulator.settings[s.DELIVERY_IO_SECONDS],
        )
        stack.push_async_callback(runtime.close)
        emulator.pump.attach(runtime)
        problems = await _load(loaded, runtime, emulator)
        emulator.url = await stack.enter_async_context(serve(emulator, options.port))
        session.publish(emulator.url, emulator.token, iso8601(wall_ms()))
        if options.watch:
            reloader = Reloader(loaded.root, emulator, runtime)
            reloader.start()
            stack.push_async_callback(reloader.stop)
        face = face_for(options.output, emulator, terminal.out, stop)
        emulator.show = _each(reports.feed, face.show)
        if options.output == "json":
            terminal.say(f"ready at {emulator.url}, seed {emulator.seed}")
        face.start()
        try:
            _announce(emulator, problems)
            code = await _until_the_end(emulator, options, stop)
        finally:
            await face.stop()
            emulator.pump.stop()
        if stop.failure:
            raise stop.failure
        if not stop.urged.is_set():
            summary = emulator.summary()
            face.summarise(summary)
            for path in reports.finish(summary):
                terminal.say(f"wrote {path}")
    return code


def _reports(options: RunOptions, emulator: Emulator) -> Reports:
    return Reports(
        options.report,
        options.trace,
        emulator.settings,
        emulator.app,
        command=options.command,
        seed=emulator.seed,
        epoch_ms=emulator.started_at,
    )


def _each(*readers: Show) -> Show:
    """Hand records to several readers, in this order."""

    def show(records: Sequence[Record]) -> None:
        for read in readers:
            read(records)

    return show


def _settings(loaded: LoadedApp, options: RunOptions) -> Settings:
    """The command line goes before `forge-emu.yml`."""
    preset = options.preset or loaded.preset or "current"
    return Settings(preset, {**loaded.overrides, **options.overrides})


def faults_in_force(loaded: LoadedApp, asked: tuple[FaultRule, ...]) -> tuple[FaultRule, ...]:
    """Those of the command line; they replace those of `forge-emu.yml` that strike the same."""
    replaced = {rule.what for rule in asked}
    return (*(rule for rule in loaded.faults if rule.what not in replaced), *asked)


async def _tools_for(loaded: LoadedApp, options: RunOptions, terminal: Terminal) -> Tools:
    """Node, esbuild, and the app's own packages. Raises UserError where one is missing."""
    tools = await asyncio.to_thread(find_tools, loaded.root, terminal.say)
    if missing := missing_packages(loaded.root):
        names = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if missing[3:] else "")
        wanted = options.install
        if wanted is None and terminal.ask is not None:
            wanted = terminal.ask(f"{names} not installed. Run `npm install --ignore-scripts`?")
        if not wanted:
            raise UserError(
                f"the app's packages are not installed: {names}",
                f"Run `npm install` in {options.root}, or add --install to this command.",
            )
        await asyncio.to_thread(install_packages, loaded.root, tools, terminal.say)
    return tools


async def _load(loaded: LoadedApp, runtime: NodeRuntime, emulator: Emulator) -> tuple[Problem, ...]:
    """Load the app's code; answers the warnings. Raises ManifestError."""
    generation = emulator.engine.generation
    build = await runtime.load(loaded.app, generation)
    if not build.ok:
        raise ManifestError(build.problems)
    emulator.pump.loaded(generation)
    return (*loaded.app.warnings, *appdir.diagnose(loaded), *build.problems)


def _announce(emulator: Emulator, problems: tuple[Problem, ...]) -> None:
    """The sign of being ready."""
    body = AppLoaded(
        **loaded_fields(emulator.app),
        generation=emulator.engine.generation,
        seed=emulator.seed,
        speed=emulator.clock.speed,
        limits=emulator.settings.preset,
        faults=[rule.text for rule in emulator.engine.faults.rules],
        # In virtual time the same run has the same records, whatever port it got.
        url=None if emulator.clock.virtual else emulator.url,
        problems=list(problems),
    )
    emulator.engine.note(body, emulator.clock.now())
    emulator.pump.turn()


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
