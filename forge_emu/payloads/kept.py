"""The entries that are kept, of a bounded size: the oldest go first."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import OrderedDict, deque
from collections.abc import Collection, Iterator
from typing import NamedTuple

from forge_emu.payloads.entries import Kind, PayloadRow


class KeptName(NamedTuple):
    """An event with the names that mean it: its id, that of its push, what it is about."""

    id: str
    kind: str
    job: str | None = None
    subject: str | None = None


class KeptEvent:
    """What is kept of one event. `event` is its own entry, `attempts` are those of its attempts."""

    __slots__ = ("attempts", "attempts_deleted", "event", "id", "job", "kind", "subject")

    def __init__(self, row: PayloadRow) -> None:
        self.id = row.event
        self.kind = row.kind
        self.job: str | None = None
        self.subject: str | None = None
        self.event: PayloadRow | None = None
        self.attempts: list[PayloadRow] = []
        self.attempts_deleted = 0

    def add(self, row: PayloadRow) -> None:
        """Add one of its entries."""
        if row.is_attempt:
            self.attempts.append(row)
        else:
            self.event = row
            self.job, self.subject = row.job, row.subject

    def delete_oldest(self, row: PayloadRow) -> bool:
        """Delete `row`, its oldest; answers whether nothing is left."""
        if row.is_attempt:
            del self.attempts[0]
            self.attempts_deleted += 1
        else:
            self.event = None
        return self.event is None and not self.attempts


class KeptPayloads(ABC):
    """Entries of at most `most_bytes` in all. One that is larger by itself is not kept."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.bytes = 0
        self._last_number = 0

    def add_event(
        self,
        event: str,
        kind: Kind,
        entry: bytes,
        *,
        original: bytes | None = None,
        job: str | None = None,
        subject: str | None = None,
    ) -> None:
        """Add the entry of an event; the oldest are deleted where there are too many bytes."""
        self._last_number += 1
        self._add(PayloadRow(self._last_number, event, kind, False, entry, original, job, subject))

    def add_attempt(self, event: str, kind: Kind, entry: bytes) -> None:
        """Add the entry of an attempt, in the same way."""
        self._last_number += 1
        self._add(PayloadRow(self._last_number, event, kind, True, entry))

    @abstractmethod
    def __len__(self) -> int:
        """How many entries are kept."""

    @abstractmethod
    def names(self) -> Iterator[KeptName]:
        """The events of which something is kept, the oldest first."""

    @abstractmethod
    def find(self, ids: Collection[str] | None) -> dict[str, KeptEvent]:
        """What is kept of the events with these full ids, or of every event, the oldest first."""

    def get(self, id: str) -> KeptEvent | None:
        """What is kept of the event with the full id `id`."""
        return self.find([id]).get(id)

    def all(self) -> list[KeptEvent]:
        """Every event of which something is kept, the oldest first."""
        return list(self.find(None).values())

    def _add(self, row: PayloadRow) -> None:
        if row.size <= self.most_bytes:
            self._add_row(row)

    @abstractmethod
    def _add_row(self, row: PayloadRow) -> None:
        """Add an entry, and delete the oldest for which there is no room."""


class PayloadsInMemory(KeptPayloads):
    """All of them are in memory: those of a run that writes no state."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__(most_bytes)
        self._rows: deque[PayloadRow] = deque()
        self._events: OrderedDict[str, KeptEvent] = OrderedDict()

    def __len__(self) -> int:
        """How many entries are kept."""
        return len(self._rows)

    def names(self) -> Iterator[KeptName]:
        """The events of which something is kept, the oldest first."""
        for each in self._events.values():
            yield KeptName(each.id, each.kind, each.job, each.subject)

    def find(self, ids: Collection[str] | None) -> dict[str, KeptEvent]:
        """What is kept of the events with these full ids, or of every event, the oldest first."""
        if ids is None:
            return dict(self._events)
        return {id: found for id in ids if (found := self._events.get(id)) is not None}

    def _add_row(self, row: PayloadRow) -> None:
        self._rows.append(row)
        self.bytes += row.size
        event = self._events.get(row.event)
        if event is None:
            event = self._events[row.event] = KeptEvent(row)
        event.add(row)
        while self.bytes > self.most_bytes:
            self._delete_oldest()

    def _delete_oldest(self) -> None:
        row = self._rows.popleft()
        self.bytes -= row.size
        if self._events[row.event].delete_oldest(row):
            del self._events[row.event]
