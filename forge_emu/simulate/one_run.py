"""One run of a simulation: an emulator of its own, run to its end, and the records it left."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from copy import deepcopy
from functools import cache
from pathlib import Path

import msgspec
from msgspec.structs import replace

from forge_emu.appdir import LoadedApp
from forge_emu.arrivals import AT_ONCE
from forge_emu.clock import wall_ms
from forge_emu.console.lines import LineFormatter
from forge_emu.control.contract import TriggerOrder
from forge_emu.control.session import emulator_folder, write_private_file
from forge_emu.emulator.emulator import Emulator, RecordListener
from forge_emu.emulator.initial_state.exported import exported_state
from forge_emu.emulator.initial_state.site_files import fill_site
from forge_emu.emulator.initial_state.store_values import fill_store
from forge_emu.emulator.payloads.showing import id_of
from forge_emu.emulator.runtimes import runtime_for
from forge_emu.emulator.shutdown import Stop, wait_first
from forge_emu.emulator.starting.early import new_build_folder
from forge_emu.emulator.starting.settings import merged_settings
from forge_emu.emulator.starting.tools import AppTools
from forge_emu.emulator.startup import (
    announce_ready,
    load_code,
    unloaded_warnings,
)
from forge_emu.emulator.state import chance_for_run, clock_for_run
from forge_emu.emulator.variables import variables_of
from forge_emu.engine.faults.rules import merge_fault_rules
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.errors import UserError
from forge_emu.model import Instant
from forge_emu.payloads.worst_events import worst_payloads
from forge_emu.records import RecordBatch
from forge_emu.runtime.node.starting.early_start import EarlyStart
from forge_emu.runtime.remote.tokens import TokenSigner, kept_signer, new_signer
from forge_emu.simulate.plan.comparison import ComparedRun
from forge_emu.simulate.plan.conditions import evaluate_condition
from forge_emu.simulate.plan.figures import RunOutcome
from forge_emu.simulate.plan.matching_records import MatchingRecords
from forge_emu.simulate.plan.run_result import RunResult
from forge_emu.simulate.plan.steps import OrderStep, Step
from forge_emu.simulate.plan.sweep import Assignments
from forge_emu.simulate.planned_orders import PlannedOrders
from forge_emu.simulate.request import SimulatePlan
from forge_emu.simulate.stalls import StallReports
from forge_emu.timeline.lineage import Lineage

ListenersFor = Callable[[Emulator], Sequence[RecordListener]]
"""Gives further listeners for the records of a run that is about to begin."""

OnProgress = Callable[[Instant, int, int], None]
"""Called with the emulated instant, how many events have ended, and how many queues have got."""


def _no_listeners(emulator: Emulator) -> Sequence[RecordListener]:
    return ()


class RunMonitor:
    """Reads the records of a run until it ends: settled, at its last instant, or interrupted.

    Code that handlers did not wait for belongs to it, as far as it goes on at all.
    """

    def __init__(
        self,
        emulator: Emulator,
        plan: SimulatePlan,
        listeners: Sequence[RecordListener],
        on_progress: OnProgress | None,
    ) -> None:
        self.matching_records = MatchingRecords(plan.conditions)
        self.lineage = Lineage()
        self._has_conditions = bool(plan.conditions)
        self._emulator = emulator
        self.until = emulator.clock.now() + plan.until
        emulator.engine.scheduled_runs.schedules.end = self.until
        self._listeners = listeners
        self._on_progress = on_progress
        self._counts: Counter[str] = Counter()
        self._outcome: RunOutcome | None = None
        self._deliveries_settled_at: Instant | None = None
        self.cut_short = False

    def add_batch(self, batch: RecordBatch) -> None:
        """Count the records of a turn, and pass them to the listeners."""
        if self._outcome is not None:
            return
        records = batch.records
        if records:
            self._deliveries_settled_at = None
        for record in records:
            self._counts[record.type] += 1
        if self._has_conditions:
            for record in records:
                self.lineage.add_record(record)
                self.matching_records.add_record(record)
        for read in self._listeners:
            read(batch)
        if self._on_progress is not None:
            so_far = self._emulator.summary_builder.progress()
            pushed = so_far["events_pushed"]
            ended = so_far["succeeded"] + so_far["dropped"] + pushed - so_far["events_pending"]
            self._on_progress(self._emulator.clock.now(), ended, pushed)

    def is_over(self) -> bool:
        """Whether the run has ended."""
        if self._outcome is None:
            driver, now = self._emulator.loop.clock_driver, self._emulator.clock.now()
            schedules = self._emulator.engine.scheduled_runs.schedules
            if not driver.deliveries_settled():
                self._deliveries_settled_at = None
            elif self._deliveries_settled_at is None:
                self._deliveries_settled_at = now
            nothing_to_come = driver.is_settled() and schedules.next_due() is None
            if nothing_to_come or now >= self.until:
                self.finish_run()
        return self._outcome is not None

    def finish_run(self) -> RunOutcome:
        """End the run now, if it has not ended, and return its outcome."""
        if self._outcome is None:
            self.cut_short = not self._emulator.loop.clock_driver.is_settled()
            # A timer that a handler has left behind, and that does nothing, makes it no longer.
            ended_at = self._deliveries_settled_at
            self._outcome = RunOutcome(self._emulator.summary(ended_at=ended_at), self._counts)
        return self._outcome


class Simulation(msgspec.Struct, frozen=True):
    """What all runs of a simulation share."""

    loaded: LoadedApp
    tools: AppTools
    plan: SimulatePlan
    stop: Stop
    on_progress: OnProgress | None
    print_message: Callable[[str], None] = lambda _: None
    signer: Callable[[], TokenSigner] | None = None
    """What signs the tokens for remotes: the same in every run."""
    early: EarlyStart | None = None
    """What has been begun for the first run."""
    build_dir: Path | None = None
    """Where that is built, and what is built after it."""

    async def run_once(
        self, value: str | None, seed: int, listeners_for: ListenersFor = _no_listeners
    ) -> RunResult:
        """One run, under one value of the sweep and one seed. Raises ManifestError."""
        sweep = self.plan.sweep
        assignments = sweep.assignments_for(value) if sweep and value is not None else Assignments()
        async with AsyncExitStack() as stack:
            given = {**self.plan.variables, **assignments.variables}
            variables = variables_of(
                self.loaded.variables,
                os.environ,
                given,
                self.plan.file_variables,
                network=self.plan.network,
            )
            emulator = self._new_emulator(assignments, seed, variables.secrets())
            fill_store(self.plan.store_values, emulator.engine, emulator.clock.now())
            fill_site(emulator.engine, emulator.clock.now(), self.loaded.site, self.plan.site_files)
            listeners = listeners_for(emulator)
            runtime = runtime_for(
                self.loaded,
                self.tools,
                emulator,
                self.build_dir or new_build_folder(self.loaded.root),
                variables.environment,
                self.plan.layout,
                self.early,
            )
            stack.push_async_callback(runtime.close)
            emulator.loop.attach_runtime(runtime)
            problems = await load_code(self.loaded, runtime, emulator)
            monitor = RunMonitor(emulator, self.plan, listeners, self.on_progress)
            emulator.set_record_listener(monitor.add_batch)
            announce_ready(emulator, problems, variables)
            await self._run_to_end(emulator, monitor)
            emulator.loop.stop()
        if self.stop.failure:
            raise self.stop.failure
        mask = variables.secrets().mask
        return replace(
            self._run_result(value, seed, monitor),
            warnings=tuple(mask(text) for text in unloaded_warnings(emulator.app)),
            inputs=tuple(emulator.inputs or ()),
            payloads=self._worst_payloads(emulator),
        )

    def _worst_payloads(self, emulator: Emulator) -> tuple[bytes, ...]:
        """Of one of several runs: a single run has all of them in its report."""
        if emulator.payload_collector is None or not self.plan.has_several_runs:
            return ()
        lost = {id_of(each.delivery) for each in emulator.engine.queue_admin.dropped}
        return tuple(worst_payloads(emulator.payload_collector, lost))

    def _run_result(self, value: str | None, seed: int, monitor: RunMonitor) -> RunResult:
        outcome = monitor.finish_run()
        results = tuple(
            evaluate_condition(condition, outcome) for condition in self.plan.conditions
        )
        writer = LineFormatter(lineage=monitor.lineage)
        lines = {
            v.condition.text: [
                writer.format_record(r).plain
                for r in monitor.matching_records.records_for(v.condition)
            ]
            for v in results
            if v.holds
        }
        return RunResult(ComparedRun(value, seed, outcome, results), lines, monitor.cut_short)

    def _new_emulator(self, assignments: Assignments, seed: int, secrets: Secrets) -> Emulator:
        plan = self.plan
        overrides = {**plan.overrides, **assignments.settings}
        settings = merged_settings(self.loaded, plan.preset, overrides)
        with exported_state(plan.state_file, settings) as state:
            emulator = Emulator(
                self.loaded.app,
                settings,
                clock_for_run(None, None, state),
                chance_for_run(seed, state),
                token="",
                on_failure=self.stop.fail,
                faults=merge_fault_rules(self.loaded.faults, plan.faults),
                mocks=self.loaded.mocks,
                network="open" if plan.network else "held_back",
                followed=False,
                keeps_payloads=plan.keeps_payloads,
                initial_state=state,
                secrets=secrets,
                signer=self.signer,
            )
        # Time goes as far as it is sent, and not beyond.
        emulator.clock.stop(emulator.clock.now())
        return emulator

    async def _run_to_end(self, emulator: Emulator, monitor: RunMonitor) -> None:
        orders = PlannedOrders(emulator)
        for step in self.plan.steps:
            if isinstance(step, OrderStep):
                orders.add_step(step)
                continue
            order = _order_of(step)
            pace = None if step.recorded and step.pace is AT_ONCE else step.pace
            batch, _ = emulator.trigger_batches.add_order(order, after=step.at, pace=pace)
            emulator.pending_batches.add(batch)
        if not self.plan.until_given:
            emulator.loop.clock_driver.end_schedules_when_settled()
        emulator.loop.move_clock_to(monitor.until)
        stalls = asyncio.create_task(StallReports(emulator, self.print_message).watch())
        try:
            await wait_first(emulator.loop.wait_until(monitor.is_over), self.stop.draining.wait())
        finally:
            stalls.cancel()


def signer_for(root: Path) -> Callable[[], TokenSigner]:
    """What signs with the key pair of the app's runs, so that an open `run` has the public half.

    Where nothing can be kept, it has a pair of its own.
    """

    @cache
    def signer() -> TokenSigner:
        try:
            folder = emulator_folder(root)
        except (OSError, UserError):
            return new_signer(wall_ms)
        return kept_signer(folder, wall_ms, write_private_file)

    return signer


def _order_of(step: Step) -> TriggerOrder:
    return TriggerOrder(
        step.event,
        step.count,
        sets=list(step.sets),
        data=step.data,
        key=step.key,
        from_status=step.from_status,
        to_status=step.to_status,
        # A run may change them; the next one has to find them as they were.
        recorded=deepcopy(list(step.recorded)),
    )
