"""What the conditions of a simulation came to, for people and for CI systems."""

from __future__ import annotations

from dataclasses import dataclass

from forge_emu.emulator.startup import Terminal
from forge_emu.simulate.one_run import Played
from forge_emu.simulate.plan.comparison import worst
from forge_emu.simulate.plan.conditions import Condition
from forge_emu.simulate.plan.junit import Case, junit
from forge_emu.simulate.plan.repeating import repeat_line
from forge_emu.simulate.request import Asked, Request
from forge_emu.spans import write_span


@dataclass(frozen=True)
class Findings:
    """The runs and the conditions that held in them."""

    asked: Asked
    request: Request
    played: list[Played]
    interrupted: bool = False

    @property
    def failed(self) -> list[Condition]:
        """The conditions that held in some run."""
        return [c for c in self.request.conditions if self._failing(c)]

    def say(self, terminal: Terminal) -> None:
        """Which conditions held, why, and how to repeat the run."""
        for condition in self.failed:
            terminal.say("")
            terminal.say(self._report(condition))
        for condition in self.request.conditions:
            if all(_value(run, condition) is None for run in self.played):
                terminal.say(f"{condition.text}: no run has a figure {condition.figure.name}")
        if any(run.cut_short for run in self.played) and not self.interrupted:
            terminal.say(
                f"not everything had ended when the simulation did, at "
                f"{write_span(self.request.until)}; --until sets another time"
            )
        if self.request.several and not self.failed:
            terminal.say(f"the worst run again: {self._repeat(self._worst(self.played))}")

    def junit(self, app: str) -> bytes:
        """One test case per condition."""
        failed = set(self.failed)
        cases = [
            Case(c.text, self._report(c) if c in failed else None) for c in self.request.conditions
        ]
        seeds = ", ".join(str(seed) for seed in self.request.seeds)
        return junit(f"forge-emu simulate: {app}", cases, f"seed {seeds}")

    def _report(self, condition: Condition) -> str:
        """The condition, its value, the first records, and the line that repeats the run."""
        failing = self._failing(condition)
        run = self._worst(failing)
        where = ""
        if self.request.several:
            where = (
                f" with {self._name(run)}; it holds in {len(failing)} of {len(self.played)} runs"
            )
        shown = condition.show(_value(run, condition))
        lines = [f"failed: {condition.text}: {condition.figure.name} is {shown}{where}"]
        lines += [f"  {line}" for line in run.lines[condition.text]]
        return "\n".join([*lines, f"again: {self._repeat(run)}"])

    def _failing(self, condition: Condition) -> list[Played]:
        return [run for run in self.played if condition.text in run.lines]

    def _worst(self, runs: list[Played]) -> Played:
        chosen = worst([run.trial for run in runs])
        return next(run for run in runs if run.trial is chosen)

    def _name(self, run: Played) -> str:
        sweep = self.request.sweep
        value = f"{sweep.name}={run.trial.value} and " if sweep else ""
        return f"{value}seed {run.trial.seed}"

    def _repeat(self, run: Played) -> str:
        sweep, value = self.request.sweep, run.trial.value
        change = (sweep.name, value) if sweep and value is not None else None
        return repeat_line(self.asked.words, seed=run.trial.seed, change=change)


def _value(run: Played, condition: Condition) -> float | None:
    return next(v.value for v in run.trial.verdicts if v.condition == condition)
