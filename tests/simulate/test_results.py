"""Which conditions held, why, and how to see it again: for people, and for CI systems."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from msgspec import UNSET

from forge_emu.simulate.options import SimulateOptions
from forge_emu.simulate.plan.comparison import ComparedRun
from forge_emu.simulate.plan.conditions import NOT_JUDGED, evaluate_condition, parse_conditions
from forge_emu.simulate.plan.figures import RunOutcome
from forge_emu.simulate.plan.run_result import RunResult
from forge_emu.simulate.plan.steps import Step
from forge_emu.simulate.plan.sweep import Sweep
from forge_emu.simulate.request import SimulatePlan
from forge_emu.simulate.results import SimulateResults
from tests.emulator.emulator_harness import text_of, text_terminal
from tests.engine.world import CREATED
from tests.simulate.plan.runs import outcome, outcome_with_drops

DROPPED, SLOW = parse_conditions(["dropped>0", "p95>1h"])
SEEDS = (1, 2)
PASSED = ["✓ dropped == 0", "✓ p95 <= 1h: 1:30 min"]


def run(
    found: RunOutcome, seed: int = 1, *, value: str | None = None, cut_short: bool = False
) -> RunResult:
    """A run with this outcome, judged by both conditions."""
    judged = tuple(evaluate_condition(condition, found) for condition in (DROPPED, SLOW))
    lines = {j.condition.text: [f"{seed}: {j.condition.text}"] for j in judged if j.holds}
    return RunResult(ComparedRun(value, seed, found, judged), lines, cut_short)


def results(*runs: RunResult, interrupted: bool = False, **plan: Any) -> SimulateResults:
    """The results of these runs."""
    fields: dict[str, Any] = {"seeds": (1,), "conditions": (DROPPED, SLOW), "until": 7_200_000}
    given = SimulatePlan(Path("app"), (Step(CREATED, 1),), **{**fields, **plan})
    options = SimulateOptions(argv=("app", "issue-created", "--seeds", "2"))
    return SimulateResults(options, given, list(runs), interrupted)


def printed(results: SimulateResults) -> list[str]:
    """What is printed of the conditions."""
    terminal = text_terminal(width=200)
    results.print_conditions(terminal)
    assert text_of(terminal.stdout) == ""
    return text_of(terminal.stderr).splitlines()


def test_a_condition_that_did_not_hold_has_a_line() -> None:
    """It says what was required, and how near the failure was."""
    sound = results(run(outcome()))
    assert sound.failed_conditions == []
    assert printed(sound) == PASSED


def test_without_a_condition_nothing_is_said() -> None:
    """Nobody has to read it."""
    assert printed(results(run(outcome()), conditions=())) == []


def test_a_condition_that_held_is_told_with_its_records() -> None:
    """And the command that repeats the run."""
    failed = results(run(outcome_with_drops()))
    assert failed.failed_conditions == [DROPPED]
    assert printed(failed) == [
        "✗ dropped == 0: 2",
        "✓ p95 <= 1h: 1:30 min",
        "",
        "failed: dropped>0: dropped is 2",
        "  1: dropped>0",
        "again: forge-emu simulate app issue-created --seed 1",
    ]


def test_of_several_runs_the_worst_is_told() -> None:
    """With its seed and its value, and in how many of them it held."""
    runs = [run(outcome_with_drops(n), seed) for seed, n in ((1, 1), (2, 5), (3, 0))]
    failed = printed(results(*runs, seeds=(1, 2, 3)))
    assert failed[0] == "✗ dropped == 0: 5 at worst, failed in 2 of 3 runs"
    assert failed[3] == "failed: dropped>0: dropped is 5 with seed 2; it holds in 2 of 3 runs"
    assert failed[-1].endswith("--seed 2")
    sweep = Sweep("env.X", ("5", "20"))
    swept = [run(outcome(), value="5"), run(outcome_with_drops(), value="20")]
    failed = printed(results(*swept, sweep=sweep))
    assert "dropped is 2 with env.X=20 and seed 1; it holds in 1 of 2 runs" in failed[3]
    assert failed[-1].endswith("--seed 1 --set env.X=20")


def test_several_sound_runs_name_the_worst_of_them() -> None:
    """It is where to look next."""
    slow = run(outcome(ended_at=9_000_000), 2)
    assert printed(results(run(outcome(), 1), slow, seeds=SEEDS)) == [
        "✓ dropped == 0: 0 at worst of 2 runs",
        "✓ p95 <= 1h: 1:30 min at worst of 2 runs",
        "the worst run again: forge-emu simulate app issue-created --seed 2",
    ]


def test_a_figure_that_no_run_has_is_told() -> None:
    """A condition on it never held, which is no success."""
    nothing = outcome(time_to_success=type(outcome().summary.time_to_success)())
    assert printed(results(run(nothing)))[1:] == ["– p95 <= 1h: no run has this figure"]
    assert printed(results(run(nothing), run(outcome(), 2), seeds=SEEDS))[1:-1] == [
        "✓ p95 <= 1h: 1:30 min at worst of 2 runs"
    ]


def test_an_end_that_came_too_early_is_told() -> None:
    """Where the user did not bring it about."""
    assert printed(results(run(outcome(), cut_short=True))) == [
        *PASSED,
        "not everything had ended when the simulation did, at 2h; --until sets another time",
    ]


@pytest.mark.parametrize("found", [outcome(), outcome_with_drops()])
@pytest.mark.parametrize("plan", [{}, {"seeds": SEEDS}])
def test_an_interrupted_simulation_is_not_judged(found: RunOutcome, plan: dict[str, Any]) -> None:
    """Nothing has passed, wherever it stands, and what the rest had brought is not known."""
    runs = (run(found, cut_short=True), run(found, 2))[: len(plan.get("seeds", (1,)))]
    ended = results(*runs, interrupted=True, **plan)
    assert printed(ended)[0] == NOT_JUDGED
    assert not [line for line in printed(ended) if line[0] in "✓✗–" or "failed" in line]
    assert (ended.verdicts, ended.comparison.conditions) == ([], UNSET)
    cases = ElementTree.fromstring(ended.junit_report("my-app")).iter("testcase")
    assert [case.findtext("failure") for case in cases] == [NOT_JUDGED, NOT_JUDGED]


def test_a_report_for_ci_has_a_case_for_each_condition() -> None:
    """A failed one says what people read of it."""
    report = results(run(outcome_with_drops())).junit_report("my-app")
    root = ElementTree.fromstring(report)
    dropped, slow = root.iter("testcase")
    assert (dropped.get("name"), slow.get("name")) == ("dropped>0", "p95>1h")
    failure = dropped.find("failure")
    assert failure is not None
    assert failure.get("message") == "failed: dropped>0: dropped is 2"
    assert "again: forge-emu simulate" in (failure.text or "")
    assert slow.find("failure") is None
