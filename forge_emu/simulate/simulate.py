"""`forge-emu simulate`: what takes longest is at work while the rest of forge-emu is imported.

Once plan, app and tools are known, Node.js starts and esbuild builds for the first run, each in a
process of its own. Meanwhile a thread imports what a run is made of.
"""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from msgspec.structs import replace

from forge_emu import appdir
from forge_emu.appdir import LoadedApp
from forge_emu.emulator.life_cycle.begin import hears_installation
from forge_emu.emulator.shutdown import Stop
from forge_emu.emulator.starting.early import begin_early, new_build_folder
from forge_emu.emulator.starting.settings import merged_settings
from forge_emu.emulator.starting.terminal import Terminal
from forge_emu.emulator.starting.tools import tools_for
from forge_emu.emulator.variables import Variables, variables_of
from forge_emu.errors import ExitCode, ManifestError, UserError
from forge_emu.runtime.node.starting.early_host import EarlyHost
from forge_emu.simulate.begun import BegunSimulation
from forge_emu.simulate.github_actions import GitHubActions
from forge_emu.simulate.options import SimulateOptions
from forge_emu.simulate.plan.app_check import check_steps
from forge_emu.simulate.request import SimulatePlan, first_step_hint, make_plan
from forge_emu.store.gc_pause import gc_paused

if TYPE_CHECKING:
    from forge_emu.simulate.results import SimulateResults

_PlayBegun: TypeAlias = Callable[
    [BegunSimulation, Terminal, Stop, GitHubActions],
    "Awaitable[tuple[ExitCode, SimulateResults | None]]",
]


async def simulate(
    options: SimulateOptions, terminal: Terminal, early_host: EarlyHost | None = None
) -> ExitCode:
    """Run a simulation, in `early_host` if that is what it needs, and print its results.

    Raises UserError for invalid options.
    """
    code, _ = await play(options, terminal, Stop(), early_host)
    return code


async def play(
    options: SimulateOptions, terminal: Terminal, stop: Stop, early_host: EarlyHost | None = None
) -> tuple[ExitCode, SimulateResults | None]:
    """The same until `stop`, with its results; None where no run has ended."""
    github = GitHubActions.of(os.environ)
    try:
        return await _play(options, terminal, stop, github, early_host)
    except ManifestError as error:
        root = Path(options.arguments[0] if options.arguments else ".")
        github.annotate_problems(error.problems, root, terminal)
        raise


async def _play(
    options: SimulateOptions,
    terminal: Terminal,
    stop: Stop,
    github: GitHubActions,
    early_host: EarlyHost | None,
) -> tuple[ExitCode, SimulateResults | None]:
    async with AsyncExitStack() as stack:
        # What an earlier play of --watch has left is garbage, and is to be found.
        with gc_paused(freeze=not gc.get_freeze_count()):
            begun = await _begin(options, terminal, stack, early_host)
            play_begun = await asyncio.to_thread(_import_playing)
        return await play_begun(begun, terminal, stop, github)


async def _begin(
    options: SimulateOptions,
    terminal: Terminal,
    stack: AsyncExitStack,
    early_host: EarlyHost | None,
) -> BegunSimulation:
    """Check plan and app, and begin the build of a single run; `stack` ends what is left of it."""
    plan = make_plan(options)
    loaded = appdir.load_app(
        plan.root.resolve(), {**plan.file_variables, **plan.variables}, plan.remotes
    )
    _check_something_happens(plan, loaded)
    check_steps(plan.steps, loaded.app)
    variables = variables_of(
        loaded.variables,
        os.environ,
        plan.variables,
        plan.file_variables,
        network=plan.network,
    )
    options, plan = _without_secrets(options, plan, variables)
    tools = await tools_for(
        loaded,
        options.install,
        terminal,
        virtual=True,
        node_major=options.node,
        bundler=options.bundler,
    )
    if plan.has_several_runs:
        return BegunSimulation(options, plan, loaded, variables, tools)
    build_dir = new_build_folder(loaded.root)
    stack.callback(shutil.rmtree, build_dir, ignore_errors=True)
    early = begin_early(
        loaded,
        tools,
        variables.environment,
        build_dir,
        plan.layout,
        stack,
        early_host,
        virtual=True,
    )
    return BegunSimulation(options, plan, loaded, variables, tools, build_dir, early)


def _import_playing() -> _PlayBegun:
    from forge_emu.simulate.playing import play_begun

    return play_begun


def _check_something_happens(plan: SimulatePlan, loaded: LoadedApp) -> None:
    """Raises UserError where neither an event, nor a schedule, nor a state begins anything."""
    settings = merged_settings(loaded, plan.preset, plan.overrides)
    by_itself = loaded.app.scheduled_triggers or hears_installation(loaded.app, settings)
    if not (plan.steps or by_itself or plan.state_file):
        raise UserError(
            "there is nothing to simulate: no event is named, and the app has no schedules",
            first_step_hint(plan.root),
        )


def _without_secrets(
    options: SimulateOptions, plan: SimulatePlan, variables: Variables
) -> tuple[SimulateOptions, SimulatePlan]:
    """Options and plan without secret values in what is printed of them: argv, and a sweep."""
    argv = variables.mask_arguments(options.argv, variables.secrets())
    sweep = plan.sweep
    if sweep is not None and sweep.variable is not None and variables.is_secret(sweep.variable):
        plan = replace(plan, sweep=sweep.with_hidden_values())
    return replace(options, argv=tuple(argv)), plan
