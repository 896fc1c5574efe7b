"""What differs between two simulations, in lines."""

from __future__ import annotations

from msgspec.structs import replace

from forge_emu.report.summary import Advice
from forge_emu.simulate.plan.changes import Played, change_lines
from forge_emu.simulate.plan.comparison import ComparedRun, compare
from forge_emu.simulate.plan.conditions import evaluate_condition, parse_conditions
from forge_emu.simulate.plan.figures import RunOutcome
from forge_emu.simulate.plan.sweep import Sweep
from forge_emu.simulate.plan.verdicts import condition_verdicts
from tests.simulate.plan.runs import outcome, outcome_with_drops

CONDITIONS = parse_conditions(["dropped>0", "p95>1h"])
RATE = Advice("kvs_rate", "40 calls refused", {"limit": "a", "refused": 40}, ["src/index.js:3"])


def played(*found: RunOutcome, advice: tuple[Advice, ...] = (), value: str | None = None) -> Played:
    """A simulation with these outcomes, one for each seed."""
    runs = [
        ComparedRun(value, seed, each, tuple(evaluate_condition(c, each) for c in CONDITIONS))
        for seed, each in enumerate(found, 1)
    ]
    comparison = compare(runs, Sweep("env.X", (value,)) if value else None)
    return Played(replace(comparison, conditions=condition_verdicts(CONDITIONS, runs)), advice)


def test_what_is_alike_has_no_line() -> None:
    """Neither a figure nor a condition nor a finding."""
    one = played(outcome(), advice=(RATE,))
    assert change_lines(one, one) == []


def test_figures_and_conditions_that_are_others_have_one() -> None:
    """Before and after."""
    assert change_lines(played(outcome_with_drops(2)), played(outcome(ended_at=60_000))) == [
        "dropped   2 → 0",
        "duration  10 min → 1 min",
        "✗ → ✓  dropped == 0",
    ]


def test_of_several_seeds_the_median_and_what_lies_around_it() -> None:
    """A seed that came nearer to the others changes it."""
    before = played(outcome(), outcome_with_drops(4))
    after = played(outcome_with_drops(2), outcome_with_drops(2))
    assert change_lines(before, after) == ["dropped  2 (0 to 4) → 2"]


def test_values_are_compared_with_themselves() -> None:
    """One that is new has nothing to be compared with."""
    before = played(outcome_with_drops(1), value="5")
    assert change_lines(before, played(outcome_with_drops(3), value="5")) == [
        "env.X=5: dropped  1 → 3"
    ]
    assert change_lines(before, played(outcome_with_drops(3), value="6")) == []


def test_findings_come_and_go() -> None:
    """Though not for other numbers or another line."""
    moved = replace(RATE, message="9 calls refused", detail={"limit": "a"}, places=["src/a.js:9"])
    other = replace(RATE, detail={"limit": "b"}, places=[])
    assert change_lines(played(outcome(), advice=(RATE,)), played(outcome(), advice=(moved,))) == []
    assert change_lines(played(outcome(), advice=(RATE,)), played(outcome(), advice=(other,))) == [
        "new: kvs_rate: 40 calls refused",
        "gone: kvs_rate: 40 calls refused (src/index.js:3)",
    ]


def test_a_condition_that_has_no_figure_any_more_is_told() -> None:
    """It did not hold, which is no success."""
    nothing = outcome(time_to_success=type(outcome().summary.time_to_success)())
    assert "✓ → –  p95 <= 1h" in change_lines(played(outcome()), played(nothing))
