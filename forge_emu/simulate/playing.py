"""Plays a simulation that has begun to its end, and prints its results."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace as replace_fields

from forge_emu.appdir import LoadedApp
from forge_emu.emulator.shutdown import Stop
from forge_emu.emulator.starting.settings import merged_settings
from forge_emu.emulator.starting.terminal import Terminal
from forge_emu.emulator.variables import Variables
from forge_emu.emulator.views.module_lines import module_lines
from forge_emu.engine.faults.rules import idle_fault_warnings
from forge_emu.errors import ExitCode
from forge_emu.events.event_info import unheard_warning
from forge_emu.model import Instant
from forge_emu.offsets import hours_text
from forge_emu.simulate.artifacts import Artifacts
from forge_emu.simulate.begun import BegunSimulation
from forge_emu.simulate.github_actions import GitHubActions
from forge_emu.simulate.one_run import Simulation, signer_for
from forge_emu.simulate.output import judge_results, print_result
from forge_emu.simulate.plan.app_check import event_names
from forge_emu.simulate.plan.run_result import RunOrder, RunResult
from forge_emu.simulate.plan.steps import OrderStep
from forge_emu.simulate.plan.verdicts import condition_verdicts
from forge_emu.simulate.request import SimulatePlan
from forge_emu.simulate.results import SimulateResults
from forge_emu.simulate.shards.app_notes import AppNotes, with_missing_mocks
from forge_emu.simulate.what_if import with_what_if_advice

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from forge_emu.simulate.shards.shard_writer import ShardWriter


async def play_begun(
    begun: BegunSimulation, terminal: Terminal, stop: Stop, github: GitHubActions
) -> tuple[ExitCode, SimulateResults | None]:
    """Play until `stop`; without results where no run has ended."""
    options, plan, loaded = begun.options, begun.plan, begun.loaded
    heard = loaded.app.triggers_by_event
    unheard = unheard_warning(heard, event_names(plan.steps, heard))
    notes = _notes_of(plan, loaded, unheard, begun.variables)
    notes.print_before(terminal)
    shard = _shard_writer(begun, notes) if plan.shard else None
    stop.install_signal_handlers()
    runs = await _play_runs(begun, terminal, stop, shard)
    if not runs:
        return ExitCode.INTERRUPTED, None
    results = SimulateResults(options, plan, runs, interrupted=stop.draining.is_set())
    print_result(results, terminal)
    notes.print_after(runs, terminal)
    code = judge_results(results, loaded.app.name or loaded.root.name, terminal, github)
    return ExitCode.INTERRUPTED if stop.draining.is_set() else code, results


def _shard_writer(begun: BegunSimulation, notes: AppNotes) -> ShardWriter:
    from forge_emu.simulate.shards.shard_writer import ShardWriter

    assert begun.plan.shard
    return ShardWriter(begun.options, begun.plan, begun.plan.shard, begun.loaded, notes)


async def _play_runs(
    begun: BegunSimulation, terminal: Terminal, stop: Stop, shard: ShardWriter | None
) -> list[RunResult]:
    """All runs that have ended, with what was found out about them; written where asked for."""
    options, plan, loaded = begun.options, begun.plan, begun.loaded
    with ExitStack() as stack:
        artifacts = Artifacts(options, stack, several=plan.has_several_runs)
        artifacts.root = loaded.root
        bar = stack.enter_context(_ProgressBar(terminal, plan))
        simulation = Simulation(
            loaded,
            begun.tools,
            plan,
            stop,
            bar.show_progress if bar.enabled else None,
            terminal.print_message,
            signer_for(loaded.root),
            begun.early,
            begun.build_dir,
        )
        runs = await _run_all(simulation, bar, artifacts)
        if (
            runs
            and options.should_try_changes(terminal.stdout.is_terminal)
            and not stop.draining.is_set()
        ):
            runs = [await with_what_if_advice(simulation, run, bar.begin_run) for run in runs]
        if shard is not None and not stop.draining.is_set():
            shard.write(runs, terminal)
        runs = with_missing_mocks(loaded.root, runs)
        if not stop.draining.is_set():
            runs = _with_verdicts(plan, runs)
        if runs:
            artifacts.write_summary(runs[0].compared.outcome.summary, terminal)
    return runs


def _notes_of(
    plan: SimulatePlan, loaded: LoadedApp, unheard: str | None, variables: Variables
) -> AppNotes:
    settings = merged_settings(loaded, None, plan.overrides)
    after = [
        *idle_fault_warnings(plan.faults, settings),
        *([variables.warning] if variables.warning else []),
        *module_lines(loaded.app, starts=not _starts_without_events(plan, loaded)),
    ]
    return AppNotes((unheard,) if unheard else (), tuple(after))


def _starts_without_events(plan: SimulatePlan, loaded: LoadedApp) -> bool:
    """Whether steps of other kinds, or schedules, start the app."""
    others = any(isinstance(step, OrderStep) for step in plan.steps)
    return others or bool(loaded.app.scheduled_triggers)


def _with_verdicts(plan: SimulatePlan, runs: list[RunResult]) -> list[RunResult]:
    """A single run with what came of its conditions; several have it in their comparison."""
    if not plan.conditions or plan.has_several_runs:
        return runs
    verdicts = condition_verdicts(plan.conditions, [run.compared for run in runs])
    return [
        run.with_summary(replace_fields(run.compared.outcome.summary, conditions=verdicts))
        for run in runs
    ]


async def _run_all(
    simulation: Simulation, bar: _ProgressBar, artifacts: Artifacts
) -> list[RunResult]:
    """Run all: one after the other, or some at once. Each has a host of its own, so that nothing
    leaks."""
    plan = simulation.plan
    values = plan.sweep.values if plan.sweep else (None,)
    orders = [RunOrder(value, seed) for value in values for seed in plan.seeds]
    if len(orders) > 1:
        from forge_emu.simulate.parallel_runs import ParallelRuns, job_count

        jobs = job_count(plan.jobs, len(orders), plan.network or bool(plan.remotes))
        if jobs > 1:
            bar.begin_parallel_runs(jobs)
            return await ParallelRuns(simulation, jobs, bar.show_ended_runs).run_all(orders)
    runs: list[RunResult] = []
    for order in orders:
        bar.begin_run(f"{plan.sweep.name}={order.value}" if plan.sweep else "", order.seed)
        run = await simulation.run_once(order.value, order.seed, artifacts.listeners_for)
        if simulation.stop.draining.is_set() and plan.has_several_runs:
            return runs
        runs.append(run)
    return runs


class _ProgressBar:
    """How far the simulation is, on stderr where that is a terminal."""

    def __init__(self, terminal: Terminal, plan: SimulatePlan) -> None:
        self._runs = len(plan.seeds) * len(plan.sweep.values if plan.sweep else "1")
        self._runs_begun = 0
        self.enabled = terminal.stderr.is_terminal
        # Without events there is no measure of how far it is.
        self._events = plan.event_count
        self._bar = _new_bar(terminal.stderr) if self.enabled else None
        if self._bar is not None:
            self._task = self._bar.add_task("", total=self._events or None, clock="", run="")

    def __enter__(self) -> _ProgressBar:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def begin_run(self, what: str, seed: int) -> None:
        """The next run: what is special about it."""
        self._runs_begun += 1
        run = (
            f"run {self._runs_begun} of {self._runs}" if 1 < self._runs >= self._runs_begun else ""
        )
        words = f"{what}, seed {seed}" if what else f"seed {seed}"
        self._update(completed=0, description=words, clock="", run=run)

    def begin_parallel_runs(self, jobs: int) -> None:
        """All runs, `jobs` of them at once: the bar is for the runs."""
        words = f"{self._runs} runs, {jobs} at once"
        self._update(total=self._runs, completed=0, description=words)

    def show_ended_runs(self, ended: int) -> None:
        """Show how many runs have ended."""
        self._update(completed=ended)

    def show_progress(self, now: Instant, ended: int, pushed: int) -> None:
        """Show the emulated time and how many events have ended, of those `pushed` too."""
        total = self._events + pushed if self._events else None
        clock = f"{hours_text(now)} emulated"
        self._update(completed=ended, total=total, clock=clock)

    def _update(self, **what: Any) -> None:
        if self._bar is not None:
            self._bar.update(self._task, **what)


def _new_bar(console: Console) -> Progress:
    from rich.progress import BarColumn, Progress, TextColumn

    return Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[clock]}"),
        TextColumn("{task.fields[run]}"), console=console, transient=True,
    )  # fmt: skip
