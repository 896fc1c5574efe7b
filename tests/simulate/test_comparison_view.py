"""Runs side by side on a terminal."""

from __future__ import annotations

from pathlib import Path

from forge_emu.report.summary import DurationFigures
from forge_emu.simulate.comparison_view import render_comparison
from forge_emu.simulate.plan.comparison import ComparedRun, compare
from forge_emu.simulate.plan.conditions import evaluate_condition, parse_condition
from forge_emu.simulate.plan.sweep import Sweep
from tests.console.golden import check_golden, plain_text
from tests.simulate.plan.runs import REFUSED, outcome, outcome_with_drops

GOLDEN = Path(__file__).parent / "golden"


def test_one_column_per_value() -> None:
    """Medians with what lies around them, losses that stand out, and the verdict."""
    slow = DurationFigures(10, 2_000, 180_000, 240_000)
    lost = outcome_with_drops(2, refusals=REFUSED)
    failed = evaluate_condition(parse_condition("dropped>0"), lost)
    runs = [
        ComparedRun("5", 1, lost, (failed,)),
        ComparedRun("5", 2, outcome()),
        ComparedRun("20", 1, outcome(time_to_success=slow, ended_at=900_000)),
        ComparedRun("20", 2, outcome(time_to_success=DurationFigures())),
    ]
    shown = render_comparison(compare(runs, Sweep("env.BASE_DELAY", ("5", "20"))), 80)
    check_golden("comparison-values", plain_text(shown, 80), GOLDEN)


def test_one_column_per_rank_among_seeds() -> None:
    """Least, median, most, and the seed to look at."""
    runs = [ComparedRun(None, seed, outcome_with_drops(n)) for seed, n in ((1, 0), (2, 5), (3, 1))]
    shown = render_comparison(compare(runs, None), 80)
    check_golden("comparison-seeds", plain_text(shown, 80), GOLDEN)
