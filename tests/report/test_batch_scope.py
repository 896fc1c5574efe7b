"""Which records a `trigger` command's own summary counts, and what is remembered for that."""

from __future__ import annotations

import sys

from forge_emu.records import Record
from forge_emu.report.batch_scope import BatchScope
from tests.timeline.stream import Stream


def _play(scope: BatchScope, times: int) -> list[bool]:
    """Events with many attempts each."""
    owned: list[bool] = []

    def read(record: Record) -> None:
        owned.append(scope.add_record(record))

    stream = Stream(read)
    stream.sent(0, "p", batch="mine")
    by = stream.triggered(0, "p")
    stream.pushed(1, "e", by=by)
    stream.returned(2, by, "p")
    for n in range(times):
        invocation = stream.started(n, "e")
        stream.finished(n, invocation, "e", "retry_requested")
        stream.retry(n, "e", n)
    return owned


def test_an_invocation_is_remembered_while_it_runs() -> None:
    """However often an event is tried, all of it counts, and the memory for it stays small."""
    scope = BatchScope("mine")
    assert all(_play(scope, 2_000))
    # The product event, the event, and no invocation.
    assert sys.getsizeof(scope._ids) <= sys.getsizeof(set(range(5)))


def test_of_a_batch_that_has_ended_nothing_is_remembered() -> None:
    """A hundred orders of a hundred thousand events are kept for their figures alone."""
    scope = BatchScope("mine")
    _play(scope, 1)
    scope.close()
    assert not scope._ids
