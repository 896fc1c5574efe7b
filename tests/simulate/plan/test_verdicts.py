"""What came of each condition, in a line."""

from __future__ import annotations

import pytest

from forge_emu.report.summary import DurationFigures
from forge_emu.simulate.plan.comparison import ComparedRun
from forge_emu.simulate.plan.conditions import evaluate_condition, parse_condition
from forge_emu.simulate.plan.figures import RunOutcome
from forge_emu.simulate.plan.verdicts import condition_verdicts, verdict_line
from tests.simulate.plan.runs import outcome, outcome_with_drops


def line(text: str, *outcomes: RunOutcome) -> str:
    """The line of a condition after runs with these outcomes."""
    condition = parse_condition(text)
    runs = [
        ComparedRun(None, seed, found, (evaluate_condition(condition, found),))
        for seed, found in enumerate(outcomes, 1)
    ]
    (verdict,) = condition_verdicts([condition], runs)
    return verdict_line(verdict)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("dropped>0", "✗ dropped == 0: 2"),
        ("dropped > 2", "✓ dropped <= 2: 2"),
        ("dropped>=2", "✗ dropped < 2: 2"),
        ("succeeded<18", "✓ succeeded >= 18: 18"),
        ("dropped==3", "✓ dropped != 3: 2"),
        ("dropped!=3", "✗ dropped == 3: 2"),
        ("dropped!=2", "✓ dropped == 2"),
        ("expired>0", "✓ expired == 0"),
        ("p95>60s", "✗ p95 <= 60s: 1:30 min"),
        ("dropped>5%", "✗ dropped <= 5%: 10%"),
    ],
)
def test_the_line_says_what_was_required(text: str, said: str) -> None:
    """The opposite of the condition, and the value unless it is in the line already."""
    assert line(text, outcome_with_drops()) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("dropped>3", "✗ dropped <= 3: 5 at worst, failed in 1 of 3 runs"),
        ("dropped>9", "✓ dropped <= 9: 5 at worst of 3 runs"),
        ("dropped<1", "✗ dropped >= 1: 0 at worst, failed in 1 of 3 runs"),
        ("dropped==1", "✗ dropped != 1: 1 at worst, failed in 1 of 3 runs"),
    ],
)
def test_of_several_runs_the_worst_counts(text: str, said: str) -> None:
    """It is the one that is nearest to the failure, or farthest beyond it."""
    assert line(text, *(outcome_with_drops(n) for n in (0, 5, 1))) == said


def test_without_a_value_nothing_is_claimed() -> None:
    """The condition did not hold, which is no success."""
    nothing = outcome(time_to_success=DurationFigures())
    assert line("p95>1h", nothing) == "– p95 <= 1h: no run has this figure"
    assert line("p95>1h", nothing, outcome()) == "✓ p95 <= 1h: 1:30 min at worst of 2 runs"
