"""The summary of a batch is what its own records make, whether it counts them itself or not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec import structs

from forge_emu.records import KvsRefused, Log, Record
from forge_emu.report.batch_scope import BatchScope
from forge_emu.report.batch_summary import BatchSummary
from forge_emu.report.summary import Summary
from forge_emu.report.summary_builder import SummaryBuilder
from tests.timeline.stream import Stream


class Run:
    """A run's own summary, that of the batch `mine`, and the same counted record by record."""

    def __init__(self) -> None:
        self.summary = SummaryBuilder()
        self.batch: BatchSummary | None = None
        self.stream = Stream(self.add)
        self._scope = BatchScope("mine")

    def begin(self) -> None:
        """The batch is ordered."""
        self.batch = BatchSummary("mine", self.summary)
        self.expected = SummaryBuilder(self.summary)

    def add(self, record: Record) -> None:
        """The next record, for all of them."""
        if self.batch is not None:
            self.batch.add_records([record])
            if self._scope.add_record(record):
                self.expected.add_record(record)
        self.summary.add_record(record)

    def check(self, now: int = 9_000) -> Summary:
        """The summary of the batch, which is the expected one."""
        assert self.batch is not None
        found = self.batch.summary(now=now)
        assert found == structs.replace(self.expected.summary(now=now), batch="mine")
        assert self.batch.progress() == self.expected.progress()
        return found


def play(stream: Stream, product: str = "p", batch: str = "mine") -> None:
    """A product event of a batch, and what comes of it."""
    stream.sent(0, product, batch=batch)
    by = stream.triggered(0, product)
    stream.pushed(1, f"{product}-event", by=by)
    stream.push_refused(2, by=by)
    stream.returned(3, by, product)
    stream.product_succeeded(3, product)
    invocation = stream.started(500, f"{product}-event")
    stream.pushed(501, f"{product}-child", by=invocation)
    stream.finished(502, invocation, f"{product}-event", "retry_requested")
    stream.retry(502, f"{product}-event", 1_500)
    stream.dropped(900, f"{product}-child", "no_consumer")


# fmt: off
OTHERS: dict[str, Callable[[Stream], object]] = {
    "another batch": lambda stream: play(stream, "other", "else"),
    "a line of the emulator": lambda s: s.record(950, Log(level="info", message="it speaks")),
    "the app again": lambda stream: stream.loaded(),
    "a refusal": lambda s: s.record(951, KvsRefused(
        operation="get", key="k", code="E", status=429, limit="l", invocation_id="nobody")),
}
# fmt: on


def test_a_batch_counts_only_what_descends_from_it() -> None:
    """Product events of the batch, their invocations, events, and events of events."""
    run = Run()
    run.stream.loaded()
    run.begin()
    play(run.stream)
    play(run.stream, "other", "else")
    run.stream.record(950, Log(level="info", message="the emulator speaks"))
    summary = run.check()

    assert summary.batch == "mine"
    assert summary.product_events.sent == 1
    assert (summary.events.pushed, summary.events.dropped, summary.events.waiting) == (2, 1, 1)
    assert summary.refusals.push == {"limits.push.events_per_minute": 1}
    assert summary.retries.total == 1
    assert summary.logs == {}


def test_a_batch_that_is_alone_is_the_run() -> None:
    """Its summary is the run's, with its name."""
    run = Run()
    run.stream.loaded()
    run.begin()
    play(run.stream)

    assert run.check() == structs.replace(run.summary.summary(now=9_000), batch="mine")


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("when", ["before", "between", "after", "after its end"])
def test_what_else_happens_changes_nothing(other: str, when: str) -> None:
    """Whether it happens before the batch is ordered, while it runs or when it has ended."""
    run = Run()
    run.stream.loaded()
    if when == "before":
        OTHERS[other](run.stream)
    run.begin()
    play(run.stream)
    if when == "between":
        OTHERS[other](run.stream)
        play(run.stream, "second")
    if when == "after its end":
        assert run.batch is not None
        run.batch.close()
        expected = run.check()
        batch, run.batch = run.batch, None
        OTHERS[other](run.stream)
        assert batch.summary(now=9_000) == expected
        return
    if when == "after":
        OTHERS[other](run.stream)
    run.check()


def test_two_batches_that_begin_together_count_apart() -> None:
    """Neither was alone: what one has counted is not in the other."""
    run = Run()
    run.begin()
    another = BatchSummary("else", run.summary)
    run.stream = Stream(lambda record: another.add_records([record]), run.add)
    play(run.stream)
    play(run.stream, "other", "else")
    run.check()

    assert another.summary(now=1).product_events.sent == 1


def test_a_batch_of_before_a_restart_counts_what_was_recorded_then() -> None:
    """The run itself counts only what is pending of it."""
    run = SummaryBuilder()
    records: list[Record] = []
    play(Stream(records.append))
    batch = BatchSummary("mine", run)
    for record in records:
        batch.add_past_record(record)
    run.resume_from(records[0])

    assert batch.summary(now=1).events.pushed == 2
    assert run.summary(now=1).events.pushed == 0


def test_a_batch_in_the_middle_of_a_run_knows_the_app() -> None:
    """Its summary says the seed and the limits, which only the run's first record tells."""
    run = SummaryBuilder()
    stream = Stream(run.add_record)
    stream.loaded()
    play(stream, "other", "else")
    summary = BatchSummary("mine", run).summary(now=1)

    assert (summary.app_id, summary.seed, summary.limits_preset) == ("sample", 42, "current")
