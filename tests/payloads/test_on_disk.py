"""What is kept of a run with a state: how much, what goes first, and where it is found."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from forge_emu.payloads import PayloadChanges, PayloadRow, PayloadsOnDisk
from forge_emu.payloads.entries import KeptInvocation
from forge_emu.payloads.kept import KeptName


class Written:
    """A source that has what was taken, as a state has it."""

    def __init__(self) -> None:
        self.rows: dict[int, PayloadRow] = {}

    def write(self, changes: PayloadChanges | None) -> None:
        """As one turn of a run does."""
        if changes is not None:
            self.rows.update((row.number, row) for row in changes.rows)
            self.rows = {n: row for n, row in self.rows.items() if n >= changes.first}

    def payload_rows(self, event: str | None = None) -> Iterator[PayloadRow]:
        """As `PayloadSource`."""
        return (row for row in self.rows.values() if event in (None, row.event))

    def payload_names(self) -> Iterator[tuple[int, KeptName]]:
        """As `PayloadSource`."""
        for row in self.rows.values():
            yield row.number, KeptName(row.event, row.kind, row.job, row.subject)


def filled(most: int, *ids: str) -> tuple[PayloadsOnDisk, Written]:
    """What is left of entries of 1,000 bytes (and 400 of overhead); all but the last are taken."""
    written = Written()
    kept = PayloadsOnDisk(most, written)
    for id in ids:
        written.write(kept.take_changes())
        kept.add_event(id, "event", b"x" * 1_000, job=f"job-{id}")
    return kept, written


def attempt(number: int) -> bytes:
    """The entry of an attempt, of nearly 1,000 bytes."""
    given = msgspec.Raw(b'{"event":"%s"}' % (b"y" * 800))
    return msgspec.json.encode(KeptInvocation(f"i{number}", number, "listen", given))


def test_what_is_written_and_what_is_new_are_found_as_one() -> None:
    """By id, by name, and all of it: the oldest first."""
    kept, _ = filled(9_000, "a", "b", "c")
    kept.add_attempt("a", "event", attempt(1))

    assert [event.id for event in kept.all()] == ["a", "b", "c"]
    assert [tuple(name)[:3] for name in kept.names()] == [
        (id, "event", f"job-{id}") for id in "abc"
    ]
    event = kept.get("a")
    assert event is not None
    assert event.event is not None
    assert [row.number for row in (event.event, *event.attempts)] == [1, 4]
    assert event.attempts_deleted == 0
    assert kept.find(["c", "a", "x"]).keys() == {"a", "c"}
    assert kept.get("x") is None


def test_nothing_that_was_taken_stays_in_memory() -> None:
    """It is read where it was written, and only what is still kept."""
    kept, written = filled(9_000, "a", "b")
    written.write(kept.take_changes())
    written.rows.pop(2)

    assert [event.id for event in kept.all()] == ["a"]
    assert (len(kept), kept.bytes) == (2, 2_800)


def test_the_oldest_go_first() -> None:
    """As many as are too many bytes, whether they were written or not."""
    kept, written = filled(3_000, "a", "b", "c")
    assert [event.id for event in kept.all()] == ["b", "c"]
    assert (len(kept), kept.bytes) == (2, 2_800)

    kept, _ = filled(3_000)
    for id in "abc":
        kept.add_event(id, "event", b"x" * 1_000)
    changes = kept.take_changes()
    assert changes is not None
    assert ([row.event for row in changes.rows], changes.first) == (["b", "c"], 2)
    assert written.rows.keys() == {1, 2}


def test_an_attempt_outlives_its_event() -> None:
    """How many attempts before it are gone is told by its number."""
    kept, written = filled(3_000, "a")
    for number in (1, 2, 3):
        kept.add_attempt("a", "event", attempt(number))
        written.write(kept.take_changes())

    event = kept.get("a")
    assert event is not None
    assert event.event is None
    assert len(event.attempts) == 2
    assert event.attempts_deleted == 1
    assert [name.id for name in kept.names()] == ["a"]


def test_what_is_larger_than_all_is_not_kept() -> None:
    """And nothing goes for it."""
    kept, _ = filled(3_000, "a")
    kept.add_event("b", "event", b"x" * 3_000)

    assert [event.id for event in kept.all()] == ["a"]


def test_changes_are_told_once() -> None:
    """And of a file that was lost, what can still be read."""
    kept, written = filled(9_000, "a")
    changes = kept.take_changes()
    assert changes is not None
    assert ([row.event for row in changes.rows], changes.first) == (["a"], 1)
    assert kept.take_changes() is None
    kept.add_event("b", "event", b"x" * 1_000)

    everything = kept.take_changes(everything=True)
    assert everything is not None
    assert [row.event for row in everything.rows] == ["b"]
    assert (len(kept), kept.bytes) == (1, 1_400)
    written.write(everything)
    again = kept.take_changes(everything=True)
    assert again is not None
    assert [row.event for row in again.rows] == ["b"]


def test_changes_that_were_not_written_are_merged() -> None:
    """Without what was deleted in the meantime."""
    kept, _ = filled(3_000)
    for id in "ab":
        kept.add_event(id, "event", b"x" * 1_000)
    waiting = kept.take_changes() or PayloadChanges()
    kept.add_event("c", "event", b"x" * 1_000)
    waiting.merge(kept.take_changes() or PayloadChanges())

    assert ([row.event for row in waiting.rows], waiting.first) == (["b", "c"], 2)


def test_restored_rows_go_on_in_their_numbers() -> None:
    """Those that a smaller setting has no room for go."""
    _, written = filled(9_000, "a", "b", "c", "d")
    kept = PayloadsOnDisk(3_000, written)
    kept.restore((row.number, len(row.entry)) for row in written.payload_rows())
    kept.add_event("e", "event", b"")

    changes = kept.take_changes()
    assert changes is not None
    assert ([row.number for row in changes.rows], changes.first) == ([4], 3)
    written.write(changes)
    assert [event.id for event in kept.all()] == ["c", "e"]


def test_the_numbers_of_many_rows_stay_right() -> None:
    """What memory has of deleted ones is let go of from time to time."""
    kept, written = filled(14_000)
    for number in range(10_000):
        kept.add_event(str(number), "event", b"x" * 1_000)
        written.write(kept.take_changes())

    assert sorted(written.rows) == list(range(9_991, 10_001))
    assert [event.id for event in kept.all()] == [str(n) for n in range(9_990, 10_000)]
