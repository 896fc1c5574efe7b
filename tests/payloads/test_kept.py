"""How much is kept, and what goes first."""

from __future__ import annotations

from forge_emu.payloads import PayloadsInMemory


def filled(most: int, *ids: str) -> PayloadsInMemory:
    """What is left of entries of 1,000 bytes (and 400 of overhead), one of each event."""
    kept = PayloadsInMemory(most)
    for id in ids:
        kept.add_event(id, "event", b"x" * 1_000, job=f"job-{id}")
    return kept


def test_the_oldest_go_first() -> None:
    """As many as are too many bytes."""
    kept = filled(3_000, "a", "b", "c")

    assert [event.id for event in kept.all()] == ["b", "c"]
    assert kept.bytes == 2_800
    assert kept.get("a") is None
    assert [(name.id, name.job) for name in kept.names()] == [("b", "job-b"), ("c", "job-c")]


def test_an_attempt_outlives_its_event() -> None:
    """An old event that is still tried has lost its body, and its job."""
    kept = filled(3_000, "a")
    kept.add_attempt("a", "event", b"y" * 1_000)
    kept.add_attempt("a", "event", b"z" * 1_000)

    event = kept.get("a")
    assert event is not None
    assert event.event is None
    assert [row.entry[:1] for row in event.attempts] == [b"y", b"z"]
    kept.add_attempt("a", "event", b"w" * 1_000)
    assert [row.entry[:1] for row in event.attempts] == [b"z", b"w"]
    assert event.attempts_deleted == 1


def test_what_is_larger_than_all_is_not_kept() -> None:
    """And nothing goes for it."""
    kept = filled(3_000, "a")
    kept.add_event("b", "event", b"x" * 3_000)

    assert [event.id for event in kept.all()] == ["a"]
