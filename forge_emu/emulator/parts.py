"""The pieces that every way to run an app is put together from."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from forge_emu import appdir
from forge_emu import settings as s
from forge_emu.appdir import LoadedApp
from forge_emu.emulator.emulator import Emulator
from forge_emu.emulator.reload import loaded_fields
from forge_emu.engine.faults import idle_faults
from forge_emu.errors import ManifestError, Problem, UserError
from forge_emu.ports import Clock
from forge_emu.records import AppLoaded, Log
from forge_emu.runtime.node import NodeRuntime
from forge_emu.runtime.packages import install_packages, missing_packages
from forge_emu.runtime.tools import Tools, find_tools
from forge_emu.settings import Preset, Settings, Value


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


def settings_of(
    loaded: LoadedApp, preset: Preset | None, overrides: Mapping[str, Value]
) -> Settings:
    """The command line goes before `forge-emu.yml`."""
    return Settings(preset or loaded.preset or "current", {**loaded.overrides, **overrides})


async def tools_for(
    loaded: LoadedApp, clock: Clock, install: bool | None, terminal: Terminal
) -> Tools:
    """Node, esbuild, and the app's own packages. Raises UserError where one is missing."""
    tools = await asyncio.to_thread(find_tools, loaded.root, terminal.say)
    if clock.virtual and tools.fake_timers is None:
        raise UserError(
            "virtual time needs @sinonjs/fake-timers, which could not be installed",
            "Check the network and npm's registry setting, then start again.",
        )
    if missing := missing_packages(loaded.root):
        names = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if missing[3:] else "")
        wanted = install
        if wanted is None and terminal.ask is not None:
            wanted = terminal.ask(f"{names} not installed. Run `npm install --ignore-scripts`?")
        if not wanted:
            raise UserError(
                f"the app's packages are not installed: {names}",
                f"Run `npm install` in {loaded.root}, or add --install to this command.",
            )
        await asyncio.to_thread(install_packages, loaded.root, tools, terminal.say)
    return tools


def runtime_for(
    loaded: LoadedApp,
    tools: Tools,
    emulator: Emulator,
    build_dir: Path,
    variables: Mapping[str, str] | None = None,
) -> NodeRuntime:
    """A runtime that talks to `emulator`; its handlers see `variables` besides the user's own."""
    return NodeRuntime(
        loaded.root,
        tools,
        emulator.pump.receive,
        build_dir=build_dir,
        seed=emulator.handler_seed,
        epoch_ms=emulator.started_at,
        clock=emulator.clock,
        variables=variables,
        stuck_seconds=emulator.settings[s.DELIVERY_STUCK_SECONDS],
        io_seconds=emulator.settings[s.DELIVERY_IO_SECONDS],
    )


async def load_code(
    loaded: LoadedApp, runtime: NodeRuntime, emulator: Emulator
) -> tuple[Problem, ...]:
    """Load the app's code; answers the warnings. Raises ManifestError."""
    generation = emulator.engine.generation
    build = await runtime.load(loaded.app, generation)
    if not build.ok:
        raise ManifestError(build.problems)
    emulator.pump.loaded(generation)
    return (*loaded.app.warnings, *appdir.diagnose(loaded), *build.problems)


def announce(emulator: Emulator, problems: tuple[Problem, ...]) -> None:
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
    now = emulator.clock.now()
    emulator.engine.note(body, now)
    for message in idle_faults(emulator.engine.faults.rules, emulator.settings):
        emulator.engine.note(Log(level="warn", message=message), now)
    emulator.pump.turn()
