"""A run that is no simulation is judged by the same conditions."""

from __future__ import annotations

import pytest

from forge_emu.errors import UserError
from forge_emu.records import RecordBatch
from forge_emu.report.summary import ConditionVerdict, Summary
from forge_emu.report.summary_builder import SummaryBuilder
from forge_emu.simulate.condition_judge import ConditionJudge
from tests.timeline.stream import Stream


def played(judge: ConditionJudge, dropped: int) -> Summary:
    """A run of three events, so many of which were dropped."""
    builder = SummaryBuilder()
    stream = Stream(builder.add_record, lambda record: judge.add_batch(RecordBatch([record])))
    stream.loaded()
    for n in range(3):
        stream.pushed(0, f"e{n}")
        stream.finished(5, stream.started(0, f"e{n}"), f"e{n}")
        if n < dropped:
            stream.dropped(10, f"e{n}")
        else:
            stream.succeeded(10, f"e{n}")
    return judge.judged(builder.summary(now=10))


def test_a_condition_that_holds_fails_the_run() -> None:
    """With the first records that made it hold."""
    judge = ConditionJudge(["dropped>0,p95>1h"])
    summary = played(judge, 2)
    assert judge.failed
    assert judge.lines[:4] == [
        "✗ dropped == 0: 2",
        "✓ p95 <= 1h: 30 ms",
        "",
        "failed: dropped>0: dropped is 2",
    ]
    assert len(judge.lines) == 6
    assert all("dropped" in line for line in judge.lines[4:])
    assert isinstance(summary.conditions, list)
    assert [verdict.passed for verdict in summary.conditions] == [False, True]


def test_conditions_that_do_not_hold_have_a_line_each() -> None:
    """And stand in the summary."""
    judge = ConditionJudge(["dropped>2"])
    summary = played(judge, 2)
    assert not judge.failed
    assert judge.lines == ["✓ dropped <= 2: 2"]
    assert summary.conditions == [ConditionVerdict("dropped>2", "dropped <= 2", True, 2, "2")]


def test_figures_that_count_records_are_there() -> None:
    """They are not in the summary."""
    judge = ConditionJudge(["kvs.calls>=0"])
    played(judge, 0)
    assert judge.failed


def test_a_condition_that_is_none_is_refused() -> None:
    """Before anything runs."""
    with pytest.raises(UserError, match="there is no figure 'droped'"):
        ConditionJudge(["droped>0"])
