"""The entries that are kept, in bounded memory: the oldest go first."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable
from itertools import takewhile

from forge_emu.payloads.entries import Kind, PayloadChanges, PayloadRow


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


class KeptPayloads:
    """Entries of at most `most_bytes` in all. One that is larger by itself is not kept."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.bytes = 0
        self._rows: deque[PayloadRow] = deque()
        self._events: OrderedDict[str, KeptEvent] = OrderedDict()
        self._last_number = 0
        self._last_taken = 0
        """Number of the last row whose changes were taken."""

    def __len__(self) -> int:
        """How many entries are kept."""
        return len(self._rows)

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

    def _add(self, row: PayloadRow) -> None:
        if row.size <= self.most_bytes:
            self._add_row(row)

    def restore(self, rows: Iterable[PayloadRow]) -> None:
        """Add the rows of a state, in the order of their numbers."""
        for row in rows:
            self._last_number = self._last_taken = row.number
            self._add_row(row)

    def take_changes(self, *, everything: bool = False) -> PayloadChanges | None:
        """What has changed since the last call, or all there is; None for nothing."""
        first = self._rows[0].number if self._rows else self._last_number + 1
        after = 0 if everything else self._last_taken
        self._last_taken = self._last_number
        # The new ones are the last ones.
        new = list(takewhile(lambda row: row.number > after, reversed(self._rows)))
        if not (new or everything):
            return None
        return PayloadChanges(new[::-1], first)

    def get(self, id: str) -> KeptEvent | None:
        """What is kept of the event with the full id `id`."""
        return self._events.get(id)

    def all(self) -> list[KeptEvent]:
        """Every event of which something is kept, the oldest first."""
        return list(self._events.values())

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
