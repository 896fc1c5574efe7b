"""Who a record concerns, from what earlier records said."""

from __future__ import annotations

from forge_emu.records import Log
from forge_emu.timeline.lineage import Lineage, RecordContext
from tests.timeline.stream import Stream


def test_a_log_line_belongs_to_its_event() -> None:
    """Through its invocation, with function, queue and issue."""
    lineage = Lineage()
    stream = Stream(lineage.add_record)
    stream.sent(0, "p", subject="EMU-3")
    stream.pushed(1, "e", by=stream.triggered(0, "p"))
    body = Log(level="info", message="hello", invocation_id=stream.started(500, "e"))
    record = stream.record(501, body)

    assert lineage.context_of(record) == RecordContext("e", "p", "EMU-3", "store", "snapshots")


def test_what_is_not_known_is_nobody() -> None:
    """A record of the emulator itself, or of a forgotten invocation, concerns nobody."""
    stream = Stream()
    record = stream.record(0, Log(level="info", message="hello", invocation_id="gone"))

    assert Lineage().context_of(record) == RecordContext()


def test_memory_is_bounded() -> None:
    """The oldest are forgotten first."""
    lineage = Lineage(most=2)
    stream = Stream(lineage.add_record)
    for id in ("a", "b", "c"):
        stream.sent(0, id, subject=id.upper())

    known = [lineage.context_of(record).subject for record in stream.records]
    assert known == [None, "B", "C"]
