"""What is printed of results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from forge_emu.errors import ExitCode
from forge_emu.simulate.github_actions import GitHubActions
from forge_emu.simulate.options import SimulateOptions
from forge_emu.simulate.output import judge_results, print_result
from forge_emu.simulate.plan.comparison import ComparedRun
from forge_emu.simulate.plan.conditions import evaluate_condition, parse_conditions
from forge_emu.simulate.plan.run_result import RunResult
from forge_emu.simulate.request import SimulatePlan
from forge_emu.simulate.results import SimulateResults
from tests.emulator.emulator_harness import text_of, text_terminal
from tests.simulate.plan.runs import outcome, outcome_with_drops

CONDITIONS = parse_conditions(["dropped>0"])


def results(*dropped: int, **options: Any) -> SimulateResults:
    """The results of runs that have dropped so many events."""
    runs = []
    for seed, count in enumerate(dropped, 1):
        found = outcome_with_drops(count) if count else outcome()
        judged = tuple(evaluate_condition(condition, found) for condition in CONDITIONS)
        lines: dict[str, list[str]] = {j.condition.text: [] for j in judged if j.holds}
        runs.append(RunResult(ComparedRun(None, seed, found, judged), lines, cut_short=False))
    seeds = tuple(range(1, len(dropped) + 1))
    plan = SimulatePlan(Path("app"), (), seeds, conditions=CONDITIONS, until=1)
    return SimulateResults(SimulateOptions(argv=("app",), **options), plan, runs)


def test_the_results_are_not_printed_where_records_are() -> None:
    """Their last line is the summary."""
    terminal = text_terminal(width=200)
    print_result(results(0, records=Path("-")), terminal)
    assert text_of(terminal.stdout) == ""


@pytest.mark.parametrize(("dropped", "type"), [((0,), "summary"), ((0, 0), "comparison")])
def test_one_run_has_a_summary_and_several_a_comparison(
    dropped: tuple[int, ...], type: str
) -> None:
    """Of several with what came of the conditions."""
    terminal = text_terminal(width=80)
    print_result(results(*dropped, as_json=True), terminal)
    found = msgspec.json.decode(text_of(terminal.stdout))
    assert found["type"] == type
    if type == "comparison":
        assert [verdict["passed"] for verdict in found["conditions"]] == [True]


@pytest.mark.parametrize(
    ("dropped", "code", "line"),
    [
        ((0, 0), ExitCode.OK, "✓ dropped == 0"),
        ((0, 2), ExitCode.CONDITION_FAILED, "✗ dropped == 0"),
    ],
)
def test_conditions_decide(
    tmp_path: Path, dropped: tuple[int, ...], code: ExitCode, line: str
) -> None:
    """They are printed, written, and the exit code."""
    terminal, file = text_terminal(width=80), tmp_path / "junit.xml"
    github = GitHubActions.of({})
    assert judge_results(results(*dropped, junit=file), "my-app", terminal, github) is code
    assert text_of(terminal.stderr).startswith(line)
    assert b"forge-emu simulate: my-app" in file.read_bytes()
