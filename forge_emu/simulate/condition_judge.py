"""Judges a run that is no simulation by conditions of `--fail-on`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from msgspec.structs import replace

from forge_emu.console.lines import LineFormatter
from forge_emu.records import RecordBatch
from forge_emu.report.summary import Summary
from forge_emu.simulate.plan.comparison import ComparedRun
from forge_emu.simulate.plan.conditions import (
    NOT_JUDGED,
    FailCondition,
    evaluate_condition,
    parse_conditions,
)
from forge_emu.simulate.plan.figures import RunOutcome
from forge_emu.simulate.plan.matching_records import MatchingRecords
from forge_emu.simulate.plan.verdicts import condition_verdicts, verdict_line
from forge_emu.timeline.lineage import Lineage


class ConditionJudge:
    """Give it every record, then the summary. Raises UserError for a condition that is none."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._conditions = parse_conditions(texts)
        self._records = MatchingRecords(self._conditions)
        self._lineage = Lineage()
        self._counts: Counter[str] = Counter()
        self.lines = [NOT_JUDGED]
        """A line for each condition; of those that held, the first records that made them hold."""
        self.failed = False
        """Whether a condition held."""

    def add_batch(self, batch: RecordBatch) -> None:
        """Read the records of a turn."""
        for record in batch.records:
            self._counts[record.type] += 1
            self._lineage.add_record(record)
            self._records.add_record(record)

    def judged(self, summary: Summary) -> Summary:
        """The summary of the whole run with what came of the conditions."""
        outcome = RunOutcome(summary, self._counts)
        results = tuple(evaluate_condition(condition, outcome) for condition in self._conditions)
        verdicts = condition_verdicts(self._conditions, [ComparedRun(None, 0, outcome, results)])
        self.lines = [verdict_line(verdict) for verdict in verdicts]
        for result in results:
            if result.holds:
                self.failed = True
                self.lines += ["", *self._failure(result.condition, result.value)]
        return replace(summary, conditions=verdicts)

    def _failure(self, condition: FailCondition, value: float | None) -> list[str]:
        shown = condition.value_text(value)
        writer = LineFormatter(lineage=self._lineage)
        records = self._records.records_for(condition)
        return [
            f"failed: {condition.text}: {condition.figure.name} is {shown}",
            *(f"  {writer.format_record(record).plain}" for record in records),
        ]
