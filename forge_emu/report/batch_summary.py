"""The summary of one `trigger` command. It costs little as long as it is that of the run."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress

from msgspec import structs

from forge_emu.model import Instant, LimitUsage
from forge_emu.records import Record
from forge_emu.report.batch_scope import BatchScope
from forge_emu.report.summary import Summary
from forge_emu.report.summary_builder import SummaryBuilder


class BatchSummary:
    """Counts what descends from the events of `batch`.

    As long as nothing else happens in the run `run`, its own summary says it. With the first record
    of something else this becomes a copy of it, which counts by itself from there.
    """

    def __init__(self, batch: str, run: SummaryBuilder) -> None:
        self._batch = batch
        self._scope = BatchScope(batch)
        self._run = run
        self._own = None if run.is_new else SummaryBuilder(run)

    def add_records(self, records: Sequence[Record]) -> None:
        """Add the next records, before the run's own summary gets them."""
        mine = list(map(self._scope.add_record, records))
        if self._own is None and all(mine):
            return
        others = (record for record, is_mine in zip(records, mine, strict=True) if not is_mine)
        if self._own is None and not any(map(self._run.counts, others)):
            return
        self.count_apart().add_records(list(compress(records, mine)))

    def add_past_record(self, record: Record) -> None:
        """Add a record of before a restart, which the run does not count."""
        own = self.count_apart()
        if self._scope.add_record(record):
            own.add_record(record)

    def count_apart(self) -> SummaryBuilder:
        """Count by itself from now on, beginning with what the run has counted."""
        self._own = self._own or self._run.copy()
        return self._own

    def close(self) -> None:
        """All of the batch has ended, and no record of it follows."""
        self.count_apart()
        self._scope.close()

    def progress(self) -> dict[str, int]:
        """The figures that a progress bar needs."""
        return (self._own or self._run).progress()

    def summary(self, *, now: Instant, usage: Sequence[LimitUsage] = ()) -> Summary:
        """The summary as of `now`; `usage` is the engine's."""
        found = (self._own or self._run).summary(now=now, usage=usage)
        return structs.replace(found, batch=self._batch)
