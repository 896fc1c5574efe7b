"""Filters choose records by type, queue, event and outcome, through the lineage."""

from __future__ import annotations

import pytest

from forge_emu.control.filters import RecordFilter
from forge_emu.errors import UserError
from forge_emu.records import RECORD_TYPES
from tests.control.fakes import sample_records


def chosen(**wanted: object) -> list[str]:
    """What a filter lets through, by type and whom it concerns."""
    keep = RecordFilter(**wanted)  # type: ignore[arg-type]
    found = []
    for record in sample_records():
        if keep.add_record(record):
            body = record.body
            who = getattr(body, "invocation_id", None) or getattr(body, "event_id", "")
            found.append(f"{record.type} {who}".strip())
    return found


def test_without_wishes_everything_passes() -> None:
    """All of the story."""
    assert len(chosen()) == len(sample_records())


@pytest.mark.parametrize(
    ("types", "kinds"),
    [
        (["kvs.done"], {"kvs.done"}),
        (["kvs"], {"kvs.done", "kvs.refused"}),
        (["kvs.*"], {"kvs.done", "kvs.refused"}),
        (["kvs.done, retry"], {"kvs.done", "retry.scheduled"}),
        (["event"], {"event.pushed", "event.succeeded"}),
    ],
)
def test_types_by_name_or_first_part(types: list[str], kinds: set[str]) -> None:
    """`event` means events, not product events."""
    assert {x.split()[0] for x in chosen(types=types)} == kinds


def test_a_queue_has_its_invocations_calls_and_lines() -> None:
    """Records that name only an invocation belong to its queue."""
    assert chosen(queue="slow") == [
        "event.pushed trigger1",
        "invocation.started consumer1",
        "kvs.done consumer1",
        "log consumer1",
        "invocation.finished consumer1",
        "event.succeeded event1",
    ]


def test_an_event_has_its_own_records() -> None:
    """By id, by the start of one, by job."""
    own = [x for x in chosen(event_id="event2") if "2" in x]
    assert own == chosen(event_id="event2")
    assert "kvs.refused consumer2" in own
    assert "retry.scheduled event2" in own


@pytest.mark.parametrize("id", ["product1", "EMU-1"])
def test_a_product_event_has_all_that_comes_of_it(id: str) -> None:
    """Its trigger's invocation, the pushed event, the consumer's."""
    found = chosen(event_id=id)
    assert found[0] == "product_event.sent"
    assert "kvs.done consumer1" in found
    assert "event.succeeded event1" in found
    assert not [x for x in found if "2" in x]


@pytest.mark.parametrize(
    ("outcome", "found"),
    [
        ("retry_requested", ["invocation.finished consumer2"]),
        ("succeeded", ["event.succeeded event1"]),
        ("refused", ["kvs.refused consumer2"]),
        ("dropped", []),
        ("expired", []),
    ],
)
def test_outcomes(outcome: str, found: list[str]) -> None:
    """Of invocations, of events, and refusals."""
    assert chosen(outcome=outcome) == found


@pytest.mark.parametrize(
    ("wish", "word"),
    [
        ({"types": ["kvs.refuse"]}, "kvs.refused"),
        ({"outcome": "good"}, "succeeded"),
        ({"event_id": "ev"}, "4 characters"),
    ],
)
def test_unknown_words_are_errors_with_a_way_out(wish: dict[str, object], word: str) -> None:
    """The nearest type, the outcomes there are."""
    with pytest.raises(UserError) as error:
        RecordFilter(**wish)  # type: ignore[arg-type]
    assert word in str(error.value.hint)


def test_every_type_of_record_can_be_asked_for() -> None:
    """The list is the records' own."""
    assert {"app.loaded", "event.deferred", "request.unsupported"} <= set(RECORD_TYPES)
