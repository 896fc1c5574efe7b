"""What `run` and `simulate` share to start an app: terminal, settings, code, the ready record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from forge_emu import appdir
from forge_emu import settings as s
from forge_emu.appdir import LoadedApp
from forge_emu.appdir.missing_packages import with_packages_once
from forge_emu.emulator.emulator import Emulator
from forge_emu.emulator.life_cycle.begin import begin_life_cycle
from forge_emu.emulator.variables import Variables
from forge_emu.emulator.views.module_lines import module_lines
from forge_emu.engine.faults.rules import idle_fault_warnings
from forge_emu.engine.journal.masking import mask_problem
from forge_emu.errors import ManifestError, Problem
from forge_emu.events import find_template
from forge_emu.events.event_info import unheard_warning
from forge_emu.manifest.functions import DEFAULT_MEMORY_MB
from forge_emu.manifest.scheduled_triggers import schedule_number_problems
from forge_emu.model import App, UnloadedFunction
from forge_emu.ports import BuildResult, Runtime
from forge_emu.records import AppLoaded, Log
from forge_emu.reporting import source_places
from forge_emu.yamlsource.findings import join_names


async def load_code(loaded: LoadedApp, runtime: Runtime, emulator: Emulator) -> tuple[Problem, ...]:
    """Load the app's code; answers what was found. Raises ManifestError where none of it loads."""
    generation = emulator.engine.generation
    if problems := schedule_number_problems(loaded.app, emulator.settings):
        raise ManifestError(problems)
    build = await runtime.load_app(loaded.app, generation)
    if not build.ok:
        shown = with_packages_once(loaded.root, build.problems)
        raise ManifestError([mask_problem(p, emulator.engine.secrets) for p in shown])
    emulator.loop.add_generation(generation)
    emulator.inputs = build.inputs
    emulator.summary_builder.places = source_places(loaded.app, loaded.root, build.sources)
    if build.unloaded:
        emulator.app = app_as_loaded(loaded.app, build)
        emulator.engine.replace_app(emulator.app)
    emulator.engine.start_app(emulator.clock.now())
    return (*loaded.app.warnings, *appdir.package_problems(loaded), *build.problems)


def app_as_loaded(app: App, build: BuildResult) -> App:
    """The app with the functions that have loaded alone, and why the others have not."""
    unloaded = {
        key: UnloadedFunction(app.functions[key].handler, str(problem), problem.hint)
        for key, problem in build.unloaded.items()
    }
    return msgspec.structs.replace(
        app,
        functions={key: f for key, f in app.functions.items() if key not in unloaded},
        unloaded={**app.unloaded, **unloaded},
    )


def unloaded_warnings(app: App) -> list[str]:
    """A line for each function that does not load: why, and what is missing without it."""
    return [
        f"{unloaded.handler} (function {key!r}) does not load: "
        f"{unloaded.reason.splitlines()[0]}; {_without(app.modules_using(key))}"
        + (f". {unloaded.hint}" if unloaded.hint else "")
        for key, unloaded in app.unloaded.items()
    ]


def _without(modules: Sequence[str]) -> str:
    if not modules:
        return "nothing that can be triggered here needs it"
    needs, whose = ("needs", "its") if len(modules) == 1 else ("need", "their")
    return f"{join_names(modules)} {needs} it: {whose} events are dropped (not_loaded)"


def record_unheard(emulator: Emulator, name: str) -> None:
    """Record that no trigger wants an event of the command line, before it is sent."""
    wanted = emulator.app.triggers_by_event
    event = find_template(name, preferred=wanted).event
    if warning := unheard_warning(wanted, [event]):
        message = warning.removeprefix("warning: ")
        emulator.engine.record(Log(level="warn", message=message), emulator.clock.now())


def announce_ready(emulator: Emulator, problems: tuple[Problem, ...], variables: Variables) -> None:
    """Record that the app is loaded, and warnings about pauses, faults and `variables`."""
    body = AppLoaded(
        **loaded_fields(emulator.app),
        generation=emulator.engine.generation,
        seed=emulator.seed,
        # In virtual time, paced or not, the same run has the same records.
        speed=None if emulator.clock.virtual else emulator.clock.speed,
        limits=emulator.settings.preset,
        latency=str(emulator.settings[s.LATENCY_PROFILE]),
        latency_changes=dict(emulator.settings.changed_latencies),
        faults=[rule.text for rule in emulator.engine.faults.rules],
        url=None if emulator.clock.virtual else emulator.url,
        problems=list(problems),
    )
    emulator.clock.catch_up()
    now = emulator.clock.now()
    emulator.engine.record(body, now)
    for line in module_lines(emulator.app, _web_trigger_urls(emulator)):
        emulator.engine.record(Log(level="info", message=line), now)
    warnings: list[str] = []
    if held := emulator.engine.queue_admin.pauses.snapshot:
        warnings.append(
            f"{_queue_names(held)} still paused since the last run: `forge-emu queue resume`"
        )
    if asleep := [each.key for each in emulator.schedules.list_schedules() if each.paused]:
        warnings.append(
            f"{join_names(asleep)} still paused since the last run: `forge-emu schedule resume`"
        )
    if emulator.clock_control.stopped:
        warnings.append("time stands still since the last run: `forge-emu clock resume`")
    warnings += idle_fault_warnings(emulator.engine.faults.rules, emulator.settings)
    if variables.warning:
        warnings.append(variables.warning)
    warnings += unloaded_warnings(emulator.app)
    for message in warnings:
        emulator.engine.record(Log(level="warn", message=message), now)
    begin_life_cycle(emulator.engine, emulator.add_order, now)
    emulator.loop.run_turn()


def _web_trigger_urls(emulator: Emulator) -> dict[str, str]:
    """The address of each web trigger by its key; in virtual time the path alone, which is the same
    in every run of a seed. None where nothing is served."""
    if emulator.url is None:
        return {}
    listed = emulator.calls.list_web_triggers()
    urls = {each.key: each.urls[-1] for each in listed if each.urls}
    if not emulator.clock.virtual:
        return urls
    return {key: url.removeprefix(emulator.url) for key, url in urls.items()}


def loaded_fields(app: App) -> dict[str, Any]:
    """The fields that `app.loaded` and `app.reloaded` share."""
    return {
        "app_id": app.id,
        "functions": sorted(app.functions),
        "consumers": {c.queue: c.key for c in app.consumers},
        "triggers": {t.key: [s.event for s in t.subscriptions] for t in app.triggers},
        "memory_mb": _other_memory(app) or UNSET,
    }


def _other_memory(app: App) -> dict[str, int]:
    functions = app.functions.values()
    return {f.key: f.memory_mb for f in functions if f.memory_mb != DEFAULT_MEMORY_MB}


def _queue_names(paused: Sequence[str]) -> str:
    return "all delivery" if "*" in paused else ", ".join(paused)
