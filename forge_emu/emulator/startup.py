"""The pieces that every way to run an app is put together from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from forge_emu import appdir
from forge_emu.appdir import LoadedApp
from forge_emu.emulator.emulator import Emulator
from forge_emu.emulator.variables import Variables
from forge_emu.engine.faults.rules import idle_fault_warnings
from forge_emu.engine.journal.masking import mask_problem
from forge_emu.errors import ManifestError, Problem
from forge_emu.model import App
from forge_emu.ports import Runtime
from forge_emu.records import AppLoaded, Log
from forge_emu.settings import Preset, Settings, SettingValue


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
    loaded: LoadedApp, preset: Preset | None, overrides: Mapping[str, SettingValue]
) -> Settings:
    """The command line goes before `forge-emu.yml`."""
    return Settings(preset or loaded.preset or "current", {**loaded.overrides, **overrides})


async def load_code(loaded: LoadedApp, runtime: Runtime, emulator: Emulator) -> tuple[Problem, ...]:
    """Load the app's code; answers the warnings. Raises ManifestError."""
    generation = emulator.engine.generation
    build = await runtime.load_app(loaded.app, generation)
    if not build.ok:
        raise ManifestError([mask_problem(p, emulator.engine.secrets) for p in build.problems])
    emulator.pump.loaded(generation)
    return (*loaded.app.warnings, *appdir.diagnose(loaded), *build.problems)


def announce(emulator: Emulator, problems: tuple[Problem, ...], variables: Variables) -> None:
    """The sign of being ready, and what is to be said of faults and `variables` at once."""
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
    emulator.engine.record(body, now)
    warnings: list[str] = []
    if held := emulator.engine.queue_admin.pauses.snapshot:
        warnings.append(
            f"{_queues(held)} still paused since the last run: `forge-emu queue resume`"
        )
    if emulator.hands.stopped:
        warnings.append("time stands still since the last run: `forge-emu clock resume`")
    warnings += idle_fault_warnings(emulator.engine.faults.rules, emulator.settings)
    if variables.warning:
        warnings.append(variables.warning)
    for message in warnings:
        emulator.engine.record(Log(level="warn", message=message), now)
    emulator.pump.turn()


def loaded_fields(app: App) -> dict[str, Any]:
    """What the records of a load say of the app."""
    return {
        "app_id": app.id,
        "functions": sorted(app.functions),
        "consumers": {c.queue: c.key for c in app.consumers},
        "triggers": {t.key: [s.event for s in t.subscriptions] for t in app.triggers},
    }


def _queues(held: Sequence[str]) -> str:
    return "all delivery" if "*" in held else ", ".join(held)
