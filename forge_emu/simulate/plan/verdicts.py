"""What came of each condition of `--fail-on`, over all runs."""

from __future__ import annotations

from collections.abc import Sequence

from forge_emu.report.summary import ConditionVerdict
from forge_emu.simulate.plan.comparison import ComparedRun
from forge_emu.simulate.plan.conditions import ConditionResult, FailCondition


def condition_verdicts(
    conditions: Sequence[FailCondition], runs: Sequence[ComparedRun]
) -> list[ConditionVerdict]:
    """One for each condition, in their order."""
    return [_verdict(condition, runs) for condition in conditions]


def verdict_line(verdict: ConditionVerdict) -> str:
    """`✓ dropped == 0`, `✗ p95 <= 5m: 7m12s`: what has to hold, and the value."""
    if verdict.value is None:
        return f"– {verdict.requires}: no run has this figure"
    shown = value_words(verdict)
    exact = verdict.runs == 1 and verdict.requires.endswith(f" == {verdict.value_text}")
    return f"{'✓' if verdict.passed else '✗'} {verdict.requires}{'' if exact else f': {shown}'}"


def value_words(verdict: ConditionVerdict) -> str:
    """The value with its unit; of several runs the worst, and in how many it failed."""
    if verdict.value is None or verdict.runs == 1:
        return verdict.value_text
    failed = f", failed in {verdict.failed_runs}" if verdict.failed_runs else ""
    return f"{verdict.value_text} at worst{failed} of {verdict.runs} runs"


def _verdict(condition: FailCondition, runs: Sequence[ComparedRun]) -> ConditionVerdict:
    results = [
        result for run in runs for result in run.condition_results if result.condition == condition
    ]
    failed = sum(result.holds for result in results)
    value = _worst_value(condition, results)
    return ConditionVerdict(
        condition=condition.text,
        requires=condition.requirement,
        passed=not failed,
        value=value,
        value_text=condition.value_text(value),
        runs=len(results),
        failed_runs=failed,
    )


def _worst_value(condition: FailCondition, results: Sequence[ConditionResult]) -> float | None:
    """The value that is nearest to the failure, or farthest beyond it."""
    known = [result for result in results if result.value is not None]
    values = [result.value for result in known if result.value is not None]
    if not values:
        return None
    if condition.sign in (">", ">="):
        return max(values)
    if condition.sign in ("<", "<="):
        return min(values)
    return next((result.value for result in known if result.holds), values[0])
