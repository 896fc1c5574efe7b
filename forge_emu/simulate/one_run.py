"""One run of a simulation: an emulator of its own, played to its end, watched by a few readers."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from forge_emu.appdir import LoadedApp
from forge_emu.clock import SeededRandom, VirtualClock
from forge_emu.console import LineFormatter
from forge_emu.control.contract import TriggerOrder
from forge_emu.control.session import own_folder
from forge_emu.emulator.emulator import Emulator, Show
from forge_emu.emulator.runtimes import AppTools, runtime_for
from forge_emu.emulator.shutdown import Stop, first_of
from forge_emu.emulator.startup import announce, load_code, settings_of
from forge_emu.emulator.variables import variables_of
from forge_emu.engine.faults.rules import merge_fault_rules
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.errors import UserError
from forge_emu.model import Instant
from forge_emu.records import Record
from forge_emu.reporting import source_places
from forge_emu.simulate.plan.comparison import Trial
from forge_emu.simulate.plan.conditions import judge
from forge_emu.simulate.plan.figures import Outcome
from forge_emu.simulate.plan.matching_records import Witnesses
from forge_emu.simulate.plan.sweep import Change
from forge_emu.simulate.request import Request
from forge_emu.timeline import Lineage

Attach = Callable[[Emulator], Sequence[Show]]
"""Who else reads the records of a run that is about to begin."""

Progress = Callable[[Instant, int], None]
"""The emulated instant, and how many of the product events sent are over with."""


@dataclass(frozen=True)
class Played:
    """A run that is over. `lines` are, per condition that held, the records that made it hold."""

    trial: Trial
    lines: dict[str, list[str]]
    cut_short: bool


def _nobody(emulator: Emulator) -> Sequence[Show]:
    return ()


class Watching:
    """Reads the records of a run until it is over: settled, at its last instant, or cut off.

    What handlers do after that, such as code they did not wait for, belongs to no run.
    """

    def __init__(
        self,
        emulator: Emulator,
        request: Request,
        readers: Sequence[Show],
        progress: Progress | None,
    ) -> None:
        self.witnesses = Witnesses(request.conditions)
        self.lineage = Lineage()
        self._judged = bool(request.conditions)
        self._emulator = emulator
        self._until = request.until
        self._readers = readers
        self._progress = progress
        self._counts: Counter[str] = Counter()
        self._outcome: Outcome | None = None
        self.cut_short = False

    def show(self, records: Sequence[Record]) -> None:
        """Take in what happened."""
        if self._outcome is not None:
            return
        for record in records:
            self._counts[record.type] += 1
        if self._judged:
            for record in records:
                self.lineage.add_record(record)
                self.witnesses.feed(record)
        for read in self._readers:
            read(records)
        if self._progress is not None:
            so_far = self._emulator.summary_builder.progress()
            over = so_far["succeeded"] + so_far["dropped"] - so_far["events_pending"]
            self._progress(self._emulator.clock.now(), max(over, 0))

    def over(self) -> bool:
        """Whether the run has come to its end."""
        if self._outcome is None:
            settled = self._emulator.pump.settled()
            if settled or self._emulator.clock.now() >= self._until:
                self.close()
        return self._outcome is not None

    def close(self) -> Outcome:
        """What the run has come to by now, at the latest."""
        if self._outcome is None:
            self.cut_short = not self._emulator.pump.settled()
            self._outcome = Outcome(self._emulator.summary(), self._counts)
        return self._outcome


@dataclass(frozen=True)
class Stage:
    """What all runs of a simulation share."""

    loaded: LoadedApp
    tools: AppTools
    request: Request
    stop: Stop
    progress: Progress | None

    async def play(self, value: str | None, seed: int, attach: Attach = _nobody) -> Played:
        """One run, under one value of the sweep and one seed. Raises ManifestError."""
        sweep = self.request.sweep
        change = sweep.change(value) if sweep and value is not None else Change()
        async with AsyncExitStack() as stack:
            given = {**self.request.variables, **change.variables}
            variables = variables_of(self.loaded.declared, os.environ, given)
            emulator = self._emulator(change, seed, variables.secrets())
            readers = attach(emulator)
            folder = _build_folder(self.loaded.root)
            runtime = runtime_for(self.loaded, self.tools, emulator, folder, variables.environment)
            stack.push_async_callback(runtime.close)
            emulator.pump.attach(runtime)
            problems = await load_code(self.loaded, runtime, emulator)
            watching = Watching(emulator, self.request, readers, self.progress)
            emulator.show(watching.show)
            announce(emulator, problems, variables)
            await self._to_the_end(emulator, watching)
            emulator.pump.stop()
        if self.stop.failure:
            raise self.stop.failure
        return self._judged(value, seed, watching)

    def _judged(self, value: str | None, seed: int, watching: Watching) -> Played:
        outcome = watching.close()
        verdicts = tuple(judge(condition, outcome) for condition in self.request.conditions)
        writer = LineFormatter(lineage=watching.lineage)
        lines = {
            v.condition.text: [writer.format_record(r).plain for r in watching.witnesses.of(v.condition)]
            for v in verdicts
            if v.holds
        }
        return Played(Trial(value, seed, outcome, verdicts), lines, watching.cut_short)

    def _emulator(self, change: Change, seed: int, secrets: Secrets) -> Emulator:
        request = self.request
        overrides = {**request.overrides, **change.settings}
        emulator = Emulator(
            self.loaded.app,
            settings_of(self.loaded, request.preset, overrides),
            VirtualClock(),
            SeededRandom(seed),
            token="",
            failed=self.stop.fail,
            faults=merge_fault_rules(self.loaded.faults, request.faults),
            mocks=self.loaded.mocks,
            followed=False,
            secrets=secrets,
        )
        emulator.summary_builder.places = source_places(self.loaded.app, self.loaded.root)
        return emulator

    async def _to_the_end(self, emulator: Emulator, watching: Watching) -> None:
        for step in self.request.steps:
            order = TriggerOrder(step.event, step.count, sets=list(step.sets), data=step.data)
            batch, _ = emulator.orders.place(order, after=step.at, pace=step.pace)
            emulator.plan.add(batch)
        # Time goes as far as it is sent, and not beyond.
        emulator.clock.stop(emulator.clock.now())
        emulator.pump.move_to(self.request.until)
        await first_of(emulator.pump.until(watching.over), self.stop.asked.wait())


def _build_folder(root: Path) -> Path:
    """Where the code is built: a simulation can do without writing to the app."""
    try:
        return Path(mkdtemp(prefix="simulate-", dir=own_folder(root)))
    except (OSError, UserError):
        return Path(mkdtemp(prefix="forge-emu-"))
