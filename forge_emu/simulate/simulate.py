"""`forge-emu simulate`: one run or many in virtual time, and what they come to."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import msgspec
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from forge_emu import appdir
from forge_emu.clock import VirtualClock
from forge_emu.console import render_summary
from forge_emu.emulator.runtimes import tools_for
from forge_emu.emulator.shutdown import Stop
from forge_emu.emulator.startup import Terminal, settings_of
from forge_emu.emulator.variables import Variables, variables_of
from forge_emu.engine.faults.rules import idle_fault_warnings
from forge_emu.errors import ExitCode
from forge_emu.model import Instant
from forge_emu.simulate.artifacts import Outlets, write
from forge_emu.simulate.comparison_view import render_comparison
from forge_emu.simulate.one_run import Played, Stage
from forge_emu.simulate.plan.comparison import compare
from forge_emu.simulate.request import Asked, Request, read_request
from forge_emu.simulate.results import Findings
from forge_emu.simulate.what_if import with_tries


async def simulate(asked: Asked, terminal: Terminal) -> ExitCode:
    """Do what the command line asks. Raises UserError where it makes no sense."""
    request = read_request(asked)
    loaded = appdir.load(request.root.resolve())
    variables = variables_of(loaded.declared, os.environ, request.variables)
    asked, request = _discreet(asked, request, variables)
    tools = await tools_for(loaded, VirtualClock(), asked.install, terminal)
    stop = Stop()
    stop.listen()
    with ExitStack() as stack:
        outlets = Outlets(asked, stack)
        bar = stack.enter_context(_Bar(terminal, request))
        stage = Stage(loaded, tools, request, stop, bar.move if bar.shown else None)
        played = await _all(stage, bar, outlets)
        if played and asked.with_tries(terminal.out.is_terminal) and not stop.asked.is_set():
            played = [await with_tries(stage, run, bar.begin) for run in played]
        if played:
            outlets.finish(played[0].trial.outcome.summary, terminal)
    if not played:
        return ExitCode.INTERRUPTED
    _print(asked, request, played, terminal)
    for message in idle_fault_warnings(request.faults, settings_of(loaded, None, request.overrides)):
        terminal.say(message)
    if variables.warning:
        terminal.say(variables.warning)
    findings = Findings(asked, request, played, interrupted=stop.asked.is_set())
    findings.say(terminal)
    if asked.junit is not None:
        write(asked.junit, findings.junit(loaded.app.name or loaded.root.name), "--junit")
    if stop.asked.is_set():
        return ExitCode.INTERRUPTED
    return ExitCode.CONDITION_FAILED if findings.failed else ExitCode.OK


def _discreet(asked: Asked, request: Request, variables: Variables) -> tuple[Asked, Request]:
    """The same without secret values in what is shown of them: the words typed, and a sweep."""
    words = variables.shown(asked.words, variables.secrets())
    sweep = request.sweep
    if sweep is not None and sweep.variable is not None and variables.is_secret(sweep.variable):
        request = replace(request, sweep=sweep.hidden())
    return replace(asked, words=tuple(words)), request


async def _all(stage: Stage, bar: _Bar, outlets: Outlets) -> list[Played]:
    """Every run, one after the other: each has a host of its own, so that nothing leaks."""
    request = stage.request
    played: list[Played] = []
    for value in request.sweep.values if request.sweep else (None,):
        for seed in request.seeds:
            bar.begin(f"{request.sweep.name}={value}" if request.sweep else "", seed)
            run = await stage.play(value, seed, outlets.attach)
            if stage.stop.asked.is_set() and request.several:
                return played
            played.append(run)
    return played


def _print(asked: Asked, request: Request, played: list[Played], terminal: Terminal) -> None:
    """The result on stdout."""
    trials = [run.trial for run in played]
    result: Any
    if request.several:
        result = comparison = compare(trials, request.sweep)
        shown = render_comparison(comparison, terminal.out.width)
    else:
        result = summary = trials[0].outcome.summary
        shown = render_summary(summary, terminal.out.width)
    if asked.as_json:
        terminal.out.file.write(msgspec.json.encode(result).decode() + "\n")
        terminal.out.file.flush()
    else:
        terminal.out.print(shown)


class _Bar:
    """How far the simulation is, on stderr where that is a terminal."""

    def __init__(self, terminal: Terminal, request: Request) -> None:
        self._runs = len(request.seeds) * len(request.sweep.values if request.sweep else "1")
        self._begun = 0
        self.shown = terminal.talk.is_terminal
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[clock]}"),
            TextColumn("{task.fields[run]}"), console=terminal.talk, transient=True,
            disable=not self.shown,
        )  # fmt: skip
        self._task: TaskID = self._bar.add_task("", total=request.total, clock="", run="")

    def __enter__(self) -> _Bar:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def begin(self, what: str, seed: int) -> None:
        """The next run: what is special about it."""
        self._begun += 1
        run = f"run {self._begun} of {self._runs}" if 1 < self._runs >= self._begun else ""
        words = f"{what}, seed {seed}" if what else f"seed {seed}"
        self._bar.update(self._task, completed=0, description=words, clock="", run=run)

    def move(self, now: Instant, over: int) -> None:
        """So far in emulated time, so many product events over with."""
        hours, rest = divmod(now // 1000, 3600)
        clock = f"{hours}:{rest // 60:02d}:{rest % 60:02d} emulated"
        self._bar.update(self._task, completed=over, clock=clock)
