"""Collectors alone and together."""

from __future__ import annotations

from collections import Counter

import msgspec

from forge_emu.records import EventPushed, Log, Record
from forge_emu.report.collectors.collector import Collector, handlers_of
from forge_emu.report.collectors.counts import NamedCounts
from forge_emu.report.summary import Summary
from forge_emu.report.summary_builder import SummaryBuilder
from tests.timeline.stream import Stream


class _Order(Collector):
    """Notes its name for every record it takes."""

    def __init__(self, name: str, notes: list[str], *kinds: type) -> None:
        self.handlers = {kind: lambda body, at: notes.append(name) for kind in kinds}


def test_a_collector_takes_records_of_its_types_alone() -> None:
    """Others change nothing."""
    logs = NamedCounts("logs", Log, lambda body: body.level)
    stream = Stream(logs.add_record)
    stream.pushed(0, "e")
    stream.record(1, Log(level="warn", message="x"))

    assert logs.result() == {"logs": {"warn": 1}}


def test_handlers_of_one_type_run_in_the_order_of_their_collectors() -> None:
    """A later one may forget what an earlier one reads."""
    notes: list[str] = []
    first, second = _Order("first", notes, Log, EventPushed), _Order("second", notes, Log)
    handlers = handlers_of([first, second])
    record = Record(seq=1, at=0, time="", body=Log(level="info", message="x"))
    for handle in handlers[Log]:
        handle(record.body, record.at)

    assert notes == ["first", "second"]
    assert len(handlers[EventPushed]) == 1


def test_names_that_an_app_makes_up_are_counted_together() -> None:
    """Beyond two hundred."""
    logs = NamedCounts("logs", Log, lambda body: body.level)
    for n in range(203):
        logs.add_record(Record(seq=n, at=0, time="", body=Log(level=f"level {n}", message="x")))

    counts = logs.result()["logs"]
    assert (len(counts), counts["other"]) == (201, 3)


def test_every_field_of_the_summary_has_one_collector() -> None:
    """But those that the builder knows itself, and what a simulation makes of the summary."""
    builder = SummaryBuilder()
    stream = Stream(builder.add_record)
    stream.loaded()
    stream.pushed(0, "e")
    fields = Counter(name for part in builder._collectors for name in part.result())
    others = {"batch", "ended_at", "limits", "advice", "conditions"}

    assert set(fields) == {field.name for field in msgspec.structs.fields(Summary)} - others
    assert set(fields.values()) == {1}
