"""The entries of a run with a state: of what is on disk, memory has numbers and sizes alone."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator
from typing import Protocol

import msgspec

from forge_emu.payloads.entries import PayloadChanges, PayloadRow, size_of
from forge_emu.payloads.kept import KeptEvent, KeptName, KeptPayloads


class PayloadSource(Protocol):
    """What reads the rows that were written. One that cannot be read is left out."""

    def payload_rows(self, event: str | None = None) -> Iterator[PayloadRow]:
        """The rows of every event, or of the one with the full id `event`, by number."""
        ...

    def payload_names(self) -> Iterator[tuple[int, KeptName]]:
        """The number of each row and the names of its event, by number."""
        ...


class PayloadsOnDisk(KeptPayloads):
    """Holds what was not taken to be written yet; `source` reads the rest when it is asked for."""

    def __init__(self, most_bytes: int, source: PayloadSource) -> None:
        super().__init__(most_bytes)
        self.source = source
        self._new: list[PayloadRow] = []
        self._kept = _NumbersAndSizes()

    def __len__(self) -> int:
        """How many entries are kept."""
        return len(self._kept)

    def restore(self, lengths: Iterable[tuple[int, int]]) -> None:
        """Count the rows of a state: their numbers, in order, and the bytes of their texts."""
        for number, length in lengths:
            self._last_number = number
            self._count(number, size_of(length))

    def take_changes(self, *, everything: bool = False) -> PayloadChanges | None:
        """What has changed since the last call, or all that can be read; None for nothing."""
        first = self._first
        new = list(self._rows()) if everything else [x for x in self._new if x.number >= first]
        self._new = []
        if everything:
            # Of a file that was lost, what was written is lost as well.
            self.bytes, self._kept = 0, _NumbersAndSizes()
            for row in new:
                self._count(row.number, row.size)
        elif not new:
            return None
        return PayloadChanges(new, first)

    def names(self) -> Iterator[KeptName]:
        """The events of which something is kept, the oldest first."""
        found: dict[str, KeptName] = {}
        first = self._first
        written = ((number, name) for number, name in self.source.payload_names())
        new = ((x.number, KeptName(x.event, x.kind, x.job, x.subject)) for x in self._new)
        for number, name in (*written, *new):
            known = found.get(name.id)
            if number >= first and (known is None or known[2:] == (None, None)):
                found[name.id] = name
        return iter(found.values())

    def find(self, ids: Collection[str] | None) -> dict[str, KeptEvent]:
        """What is kept of the events with these full ids, or of every event, the oldest first."""
        found: dict[str, KeptEvent] = {}
        wanted = None if ids is None else set(ids)
        for row in self._rows(next(iter(ids)) if ids is not None and len(ids) == 1 else None):
            if wanted is None or row.event in wanted:
                event = found.get(row.event)
                if event is None:
                    event = found[row.event] = KeptEvent(row)
                event.add(row)
        for event in found.values():
            event.attempts_deleted = _attempts_before(event)
        return found

    @property
    def _first(self) -> int:
        """Number of the oldest entry, or of the next one."""
        first = self._kept.first
        return self._last_number + 1 if first is None else first

    def _rows(self, event: str | None = None) -> Iterator[PayloadRow]:
        """All that is kept, or what is kept of one event, the oldest first."""
        first = self._first
        for row in self.source.payload_rows(event):
            if row.number >= first:
                yield row
        for row in self._new:
            if row.number >= first and event in (None, row.event):
                yield row

    def _add_row(self, row: PayloadRow) -> None:
        self._new.append(row)
        self._count(row.number, row.size)

    def _count(self, number: int, size: int) -> None:
        self._kept.append(number, size)
        self.bytes += size
        while self.bytes > self.most_bytes:
            self.bytes -= self._kept.pop_first()


class _NumbersAndSizes:
    """Numbers of rows and their sizes, in order; 16 bytes each."""

    def __init__(self) -> None:
        self._numbers, self._sizes = array("q"), array("q")
        self._start = 0
        """Where the first one is: those before it are deleted, many at a time."""

    def __len__(self) -> int:
        return len(self._numbers) - self._start

    @property
    def first(self) -> int | None:
        """The first number; None for nothing."""
        return self._numbers[self._start] if len(self) else None

    def append(self, number: int, size: int) -> None:
        """Add one at the end."""
        self._numbers.append(number)
        self._sizes.append(size)

    def pop_first(self) -> int:
        """Delete the first one; answers its size."""
        size = self._sizes[self._start]
        self._start += 1
        if self._start == _MOST_DELETED:
            del self._numbers[: self._start], self._sizes[: self._start]
            self._start = 0
        return size


_MOST_DELETED = 4_096
"""Places of deleted rows that still take memory."""


class _AttemptNumber(msgspec.Struct):
    """Which attempt of its event an entry is of, from 1."""

    attempt: int = 1


def _attempts_before(event: KeptEvent) -> int:
    """How many attempts of an event were deleted: all before the first one that is kept.

    While its own entry is kept, which is older than them, none was.
    """
    if event.event is not None or not event.attempts:
        return 0
    try:
        first = msgspec.json.decode(event.attempts[0].entry, type=_AttemptNumber)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return 0
    return max(first.attempt - 1, 0)
