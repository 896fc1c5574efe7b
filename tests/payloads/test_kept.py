"""How much is kept, and what goes first."""

from __future__ import annotations

from forge_emu.payloads import KeptPayloads, PayloadChanges


def filled(most: int, *ids: str) -> KeptPayloads:
    """What is left of entries of 1,000 bytes (and 400 of overhead), one of each event."""
    kept = KeptPayloads(most)
    for id in ids:
        kept.add_event(id, "event", b"x" * 1_000, job=f"job-{id}")
    return kept


def test_the_oldest_go_first() -> None:
    """As many as are too many bytes."""
    kept = filled(3_000, "a", "b", "c")

    assert [event.id for event in kept.all()] == ["b", "c"]
    assert kept.bytes == 2_800
    assert kept.get("a") is None


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


def test_changes_are_told_once() -> None:
    """New rows that are still there, and the number of the first row of all."""
    kept = filled(3_000, "a")
    changes = kept.take_changes()
    assert changes is not None
    assert ([row.event for row in changes.rows], changes.first) == (["a"], 1)
    assert kept.take_changes() is None
    for id in "bcd":
        kept.add_event(id, "event", b"x" * 1_000)
    changes = kept.take_changes()
    assert changes is not None
    assert ([row.event for row in changes.rows], changes.first) == (["c", "d"], 3)
    everything = kept.take_changes(everything=True)
    assert everything is not None
    assert [row.event for row in everything.rows] == ["c", "d"]


def test_changes_that_were_not_written_are_merged() -> None:
    """Without what was deleted in the meantime."""
    kept = filled(3_000, "a", "b")
    waiting = kept.take_changes() or PayloadChanges()
    kept.add_event("c", "event", b"x" * 1_000)
    waiting.merge(kept.take_changes() or PayloadChanges())

    assert ([row.event for row in waiting.rows], waiting.first) == (["b", "c"], 2)


def test_restored_rows_go_on_in_their_numbers() -> None:
    """Those that a smaller setting has no room for go."""
    rows = (filled(9_000, "a", "b", "c").take_changes() or PayloadChanges()).rows
    kept = KeptPayloads(3_000)
    kept.restore(rows)
    kept.add_event("d", "event", b"")

    changes = kept.take_changes()
    assert changes is not None
    assert ([row.number for row in changes.rows], changes.first) == ([4], 3)
    assert [event.id for event in kept.all()] == ["c", "d"]


def test_a_run_in_memory_holds_no_more_than_that() -> None:
    """Nobody takes the changes there."""
    kept = filled(3_000, *map(str, range(100)))

    changes = kept.take_changes()
    assert changes is not None
    assert [row.number for row in changes.rows] == [99, 100]
