"""What is left of a run."""

from __future__ import annotations

from msgspec.structs import replace

from forge_emu.simulate.plan.comparison import ComparedRun
from forge_emu.simulate.plan.run_result import RunResult
from tests.simulate.plan.runs import outcome


def test_a_run_with_another_summary_is_the_same_run() -> None:
    """All but the summary stays."""
    run = RunResult(
        ComparedRun("9", 7, outcome()), {"dropped>0": ["x"]}, True, ("a",), ("b",), (b"c",)
    )
    summary = replace(run.compared.outcome.summary, seed=99)
    other = run.with_summary(summary)

    assert other.compared.outcome.summary.seed == 99
    assert other.with_summary(run.compared.outcome.summary) == run
