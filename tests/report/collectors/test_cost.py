"""What is billed, by kind, and what of it is for attempts that were made again."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import UNSET

from forge_emu.model import Instant
from forge_emu.records import KvsDone, Log, RetryScheduled
from forge_emu.report.cost_figures import CostFigure, CostFigures
from forge_emu.report.summary_builder import SummaryBuilder
from forge_emu.settings import Settings
from tests.timeline.stream import Stream

EXACT = {"cost.computing_ms": 0, "cost.gb_bytes": 1_000}
MB_512 = 0.5


class Billed:
    """Records, and what is billed for them."""

    def __init__(self, *, speed: float | None = None, **more: Any) -> None:
        loaded = more.pop("loaded", {})
        self._builder = SummaryBuilder(settings=Settings("current", {**EXACT, **more}))
        self.stream = Stream(self._builder.add_record)
        self.stream.loaded(speed=speed, **loaded)

    @property
    def cost(self) -> CostFigures:
        """What it costs so far."""
        found = self._builder.summary(now=0).cost
        assert isinstance(found, CostFigures)
        return found

    @property
    def is_free(self) -> bool:
        """Whether nothing is billed."""
        return self._builder.summary(now=0).cost is UNSET

    def part(self, kind: str) -> CostFigure:
        """What one kind costs."""
        return self.cost.parts[kind]

    def store(self, operation: str, size: int, invocation: str | None) -> None:
        """A call of the store."""
        self.stream.record(
            0, KvsDone(operation=operation, key="k", bytes=size, units=1, invocation_id=invocation)
        )

    def attempt(self, outcome: str, took: int, *, number: int = 1, writes: int = 0) -> None:
        """An attempt to deliver the product event `p1`."""
        invocation = self.stream.triggered(0, "p1", attempt=number)
        if writes:
            self.store("set", writes, invocation)
        self.stream.returned(0, invocation, "p1", outcome, took=took)

    def retry(self, at: Instant = 0) -> None:
        """The platform says that it is made again."""
        body = RetryScheduled(
            retry_count=1, retry_reason="X", retry_after_ms=1, due_at=1, asked_by="app",
            product_event_id="p1", trigger="on-created",
        )  # fmt: skip
        self.stream.record(at, body)


def test_nothing_costs_nothing() -> None:
    """There is no such field."""
    assert Billed().is_free


def test_a_function_costs_its_time_and_memory() -> None:
    """512 MB for ten seconds are five GB-seconds."""
    billed = Billed()
    billed.attempt("success", 10_000)
    assert billed.part("compute") == CostFigure(5.0, "GB-s", 0.000125, 0.0, 200_000.0)
    assert billed.cost.usd == 0.000125


def test_the_memory_is_that_of_the_manifest() -> None:
    """1 GB costs twice as much."""
    billed = Billed(loaded={"memory_mb": {"on-created": 1_024}})
    billed.attempt("success", 10_000)
    assert billed.part("compute").amount == 10.0


def test_what_is_no_function_of_the_app_is_not_billed() -> None:
    """Such as a remote that takes an event."""
    billed = Billed(loaded={"functions": ["other"]})
    billed.attempt("success", 10_000)
    assert billed.is_free


@pytest.mark.parametrize(("speed", "amount"), [(None, 0.1), (1.0, 0.05)], ids=["virtual", "real"])
def test_computing_is_added_where_it_takes_no_time(speed: float | None, amount: float) -> None:
    """In virtual time alone; in real time the handler's duration has it."""
    billed = Billed(speed=speed, **{"cost.computing_ms": 100})
    billed.attempt("success", 100)
    assert billed.part("compute").amount == amount
    assert billed.cost.computing_ms == (100.0 if speed is None else 0.0)


def test_reads_and_writes_cost_what_they_move() -> None:
    """A read that finds nothing counts as one KB; a change by the user costs nothing."""
    billed = Billed()
    for operation, size in (("get", 500), ("query_entity", 500), ("batch_get", 0)):
        billed.store(operation, size, "i1")
    for operation, size in (("set_secret", 1_000), ("transact", 2_000), ("delete", 0)):
        billed.store(operation, size, "i1")
    billed.store("set", 9_000, None)
    assert billed.part("kvs_reads") == CostFigure(2.024, "GB", 0.11132, 0.0, 0.1)
    assert billed.part("kvs_writes") == CostFigure(3.0, "GB", 3.27, 0.0, 0.1)


def test_log_lines_cost_their_bytes() -> None:
    """Those of the app; the emulator's own cost nothing."""
    billed = Billed()
    billed.stream.record(0, Log(level="info", message="ä" * 500, invocation_id="i1"))
    billed.stream.record(0, Log(level="warn", message="of the emulator"))
    assert billed.part("logs") == CostFigure(1.0, "GB", 1.005, 0.0, 1.0)


def test_an_attempt_that_is_made_again_is_what_retries_cost() -> None:
    """All that it did; the one that succeeds had to be paid anyway."""
    billed = Billed()
    for number in (1, 2):
        billed.attempt("retry_requested", 1_000, number=number, writes=100)
        billed.retry()
    billed.attempt("success", 4_000, number=3, writes=100)
    compute, writes = billed.part("compute"), billed.part("kvs_writes")
    assert (compute.amount, compute.retries_usd) == (6 * MB_512, 2 * MB_512 * 0.000025)
    assert (writes.amount, writes.retries_usd) == (0.3, 0.218)
    assert billed.cost.retries_usd == compute.retries_usd + writes.retries_usd


def test_a_failure_that_is_not_made_again_is_no_retry() -> None:
    """The event is dropped."""
    billed = Billed()
    billed.attempt("error", 1_000)
    billed.stream.product_dropped(0, "p1", "error", 1)
    assert billed.cost.usd > 0
    assert billed.cost.retries_usd == 0


def test_an_event_of_a_queue_is_known_by_its_id() -> None:
    """Its records name no trigger."""
    billed = Billed()
    billed.stream.pushed(0, "e1")
    billed.stream.finished(1_000, billed.stream.started(0, "e1"), "e1", "error", took=1_000)
    billed.stream.retry(1_000, "e1", 2_000)
    assert 0 < billed.cost.retries_usd == billed.cost.usd


def test_prices_are_settings() -> None:
    """For those of the day."""
    billed = Billed(**{"cost.usd_per_gb_written": 10, "cost.free_gb_written": 3})
    billed.store("set", 1_000, "i1")
    assert billed.part("kvs_writes") == CostFigure(1.0, "GB", 10.0, 0.0, 3.0)
