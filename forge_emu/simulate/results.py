"""The results of a simulation's conditions, for people and for CI systems."""

from __future__ import annotations

import shlex
from functools import cached_property

import msgspec
from msgspec.structs import replace as replace_fields

from forge_emu.console.payload_lines import payload_lines
from forge_emu.durations import duration_argument
from forge_emu.emulator.starting.terminal import Terminal
from forge_emu.report.summary import ConditionVerdict
from forge_emu.simulate.options import SimulateOptions
from forge_emu.simulate.plan.comparison import Comparison, compare, worst_run
from forge_emu.simulate.plan.conditions import NOT_JUDGED, FailCondition
from forge_emu.simulate.plan.repeating import repeat_command, shared_arguments
from forge_emu.simulate.plan.run_result import RunResult
from forge_emu.simulate.plan.verdicts import condition_verdicts, verdict_line
from forge_emu.simulate.request import SimulatePlan


class SimulateResults(msgspec.Struct, frozen=True, dict=True):
    """The runs and the conditions that held in them; an interrupted simulation is not judged."""

    options: SimulateOptions
    plan: SimulatePlan
    runs: list[RunResult]
    interrupted: bool = False

    @cached_property
    def verdicts(self) -> list[ConditionVerdict]:
        """What came of each condition."""
        if self.interrupted:
            return []
        return condition_verdicts(self.plan.conditions, [run.compared for run in self.runs])

    @cached_property
    def comparison(self) -> Comparison:
        """The runs side by side, with what came of the conditions."""
        found = compare([run.compared for run in self.runs], self.plan.sweep)
        return replace_fields(found, conditions=self.verdicts) if self.verdicts else found

    @property
    def worst(self) -> RunResult:
        """The run to look at first."""
        return self._worst_of(self.runs)

    @property
    def failed_conditions(self) -> list[FailCondition]:
        """The conditions that held in some run."""
        if self.interrupted:
            return []
        return [c for c in self.plan.conditions if self._failing_runs(c)]

    def print_conditions(self, terminal: Terminal) -> None:
        """Print a line for each condition; of those that held why, and the command that repeats
        the run."""
        if self.interrupted and self.plan.conditions:
            terminal.print_message(NOT_JUDGED)
        for verdict in self.verdicts:
            terminal.print_message(verdict_line(verdict))
        for condition in self.failed_conditions:
            terminal.print_message("")
            terminal.print_message(self.failure_text(condition))
        if any(run.cut_short for run in self.runs) and not self.interrupted:
            terminal.print_message(
                f"not everything had ended when the simulation did, at "
                f"{duration_argument(self.plan.until)}; --until sets another time"
            )
        if self.plan.has_several_runs and not self.failed_conditions:
            terminal.print_message(f"the worst run again: {self.repeat_worst_command}")

    @property
    def repeat_worst_command(self) -> str:
        """The command that repeats the run to look at first."""
        return self._repeat_command(self.worst)

    def junit_report(self, app: str) -> bytes:
        """One test case per condition."""
        from forge_emu.simulate.plan.junit import JUnitCase, junit_xml

        cases = [JUnitCase(c.text, self._junit_failure(c)) for c in self.plan.conditions]
        seeds = ", ".join(str(seed) for seed in self.plan.seeds)
        return junit_xml(f"forge-emu simulate: {app}", cases, f"seed {seeds}")

    def _junit_failure(self, condition: FailCondition) -> str | None:
        if self.interrupted:
            return NOT_JUDGED
        return self.failure_text(condition) if condition in self.failed_conditions else None

    def page(self, app: str) -> bytes:
        """The comparison of several runs as a page."""
        from forge_emu.simulate.plan.comparison_page import comparison_page

        command = shlex.join(["forge-emu", "simulate", *shared_arguments(self.options.argv)])
        worst = self.worst
        return comparison_page(
            app,
            command,
            self.comparison,
            worst.compared.outcome.summary.advice,
            self.repeat_worst_command,
            [_event_text(text) for text in worst.payloads] if self.plan.keeps_payloads else None,
        )

    def failure_text(self, condition: FailCondition) -> str:
        """The condition, its value, its first records, and the command that repeats the run."""
        failing = self._failing_runs(condition)
        run = self._worst_of(failing)
        where = ""
        if self.plan.has_several_runs:
            where = (
                f" with {self._run_name(run)}; it holds in {len(failing)} of {len(self.runs)} runs"
            )
        shown = condition.value_text(_figure_value(run, condition))
        lines = [f"failed: {condition.text}: {condition.figure.name} is {shown}{where}"]
        lines += [f"  {line}" for line in run.record_lines[condition.text]]
        return "\n".join([*lines, f"again: {self._repeat_command(run)}"])

    def _failing_runs(self, condition: FailCondition) -> list[RunResult]:
        return [run for run in self.runs if condition.text in run.record_lines]

    def _worst_of(self, runs: list[RunResult]) -> RunResult:
        chosen = worst_run([run.compared for run in runs])
        return next(run for run in runs if run.compared is chosen)

    def _run_name(self, run: RunResult) -> str:
        sweep = self.plan.sweep
        value = f"{sweep.name}={run.compared.value} and " if sweep else ""
        return f"{value}seed {run.compared.seed}"

    def _repeat_command(self, run: RunResult) -> str:
        sweep, value = self.plan.sweep, run.compared.value
        change = (sweep.name, value) if sweep and value is not None else None
        return repeat_command(self.options.argv, seed=run.compared.seed, change=change)


def _event_text(payload: bytes) -> str:
    """What is in an event, as `queue show --payload` prints it; its first line names it."""
    lines = payload_lines(msgspec.json.decode(payload))
    return "\n".join(line.plain.rstrip() for line in lines)


def _figure_value(run: RunResult, condition: FailCondition) -> float | None:
    return next(v.value for v in run.compared.condition_results if v.condition == condition)
