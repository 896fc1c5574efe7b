"""Runs side by side: ranges, the worst seed, the best value."""

from __future__ import annotations

from forge_emu.report.summary import EventFigures
from forge_emu.simulate.plan.comparison import ComparedRun, Range, compare, worst_run
from forge_emu.simulate.plan.conditions import evaluate_condition, parse_condition
from forge_emu.simulate.plan.sweep import Sweep
from tests.simulate.plan.runs import outcome, outcome_with_drops


def test_ranges_over_seeds() -> None:
    """Least, median and most of every figure."""
    runs = [ComparedRun(None, seed, outcome_with_drops(n)) for seed, n in ((1, 0), (2, 5), (3, 1))]
    (column,) = compare(runs, None).columns
    assert column.figures["dropped"] == Range(0, 1, 5)
    assert column.figures["p95_ms"] == Range(90_000, 90_000, 90_000)
    assert column.worst_seed == 2
    assert column.seeds == [1, 2, 3]


def test_the_worst_run_is_the_one_that_loses_most() -> None:
    """Conditions go before losses, losses before slowness, then the lowest seed."""
    slow = ComparedRun(None, 1, outcome(ended_at=9_000_000))
    lossier = ComparedRun(None, 2, outcome_with_drops(1))
    assert worst_run([slow, lossier]).seed == 2
    assert worst_run([ComparedRun(None, 4, outcome()), ComparedRun(None, 3, outcome())]).seed == 3
    verdict = evaluate_condition(parse_condition("duration>1h"), slow.outcome)
    failed = ComparedRun(None, 1, slow.outcome, (verdict,))
    assert worst_run([failed, lossier]).seed == 1


def test_the_best_value_loses_nothing_and_is_the_fastest() -> None:
    """A faster one that drops events is none."""
    runs = [
        ComparedRun("5", 1, outcome_with_drops(3, ended_at=60_000)),
        ComparedRun("20", 1, outcome(ended_at=600_000)),
        ComparedRun("60", 1, outcome(ended_at=900_000)),
    ]
    found = compare(runs, Sweep("env.BASE_DELAY", ("5", "20", "60")))
    assert found.best == "20"
    assert found.verdict == (
        "env.BASE_DELAY=20 drains it without a dropped event in 10 min, against 15 min with "
        "60; 5 loses 3."
    )


def test_values_that_are_as_fast_are_named_beside_the_best() -> None:
    """No difference is made where there is none."""
    ended = {"5": 60_000, "20": 60_000, "60": 90_000, "90": 60_000}
    runs = [ComparedRun(value, 1, outcome(ended_at=at)) for value, at in ended.items()]
    found = compare(runs, Sweep("env.X", tuple(ended)))
    assert found.verdict == (
        "env.X=5 drains it without a dropped event in 1 min, and so do 20, 90, against 1:30 min "
        "with 60."
    )


def test_no_value_is_best_where_every_one_loses() -> None:
    """The least bad one is named."""
    runs = [ComparedRun("5", 1, outcome_with_drops(3)), ComparedRun("20", 1, outcome_with_drops(1))]
    found = compare(runs, Sweep("env.X", ("5", "20")))
    assert found.best is None
    assert "20 comes nearest, with 1 event dropped" in (found.verdict or "")


def test_a_value_must_be_sound_under_every_seed() -> None:
    """One loss among the seeds rules it out; so does what is still pending."""
    pending = outcome(events=EventFigures(pushed=10, succeeded=9, pending=1))
    runs = [
        ComparedRun("5", 1, outcome()),
        ComparedRun("5", 2, outcome_with_drops(1)),
        ComparedRun("20", 1, outcome()),
        ComparedRun("20", 2, pending),
        ComparedRun("60", 1, outcome(ended_at=900_000)),
        ComparedRun("60", 2, outcome()),
    ]
    assert compare(runs, Sweep("env.X", ("5", "20", "60"))).best == "60"
