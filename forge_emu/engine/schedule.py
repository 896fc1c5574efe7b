"""What is due when, as data: it can be listed, shown, moved and taken back. Never a closure."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import Final, Generic, TypeVar

import msgspec

from forge_emu.model import Instant

T = TypeVar("T")

_FEW: Final = 64
"""So many entries that were taken back may lie in a heap, however few others there are."""


class ScheduleEntry(msgspec.Struct, Generic[T], order=True):
    """One item and its due time. `live` is False once it was taken or taken back.

    Entries are compared by their fields in this order; no two of a schedule have one `number`.
    """

    due_at: Instant
    tie: float
    number: int
    item: T
    live: bool = True


class Schedule(Generic[T]):
    """Items in the order of their due times; among equals in the order of `tie`, then of adding."""

    def __init__(self) -> None:
        self._heap: list[ScheduleEntry[T]] = []
        self._added = 0
        self._live = 0

    def __len__(self) -> int:
        return self._live

    def add(self, due_at: Instant, item: T, tie: float = 0.0) -> ScheduleEntry[T]:
        """Put `item` in; the entry can be taken back with `remove`."""
        self._added += 1
        self._live += 1
        entry = ScheduleEntry(due_at, tie, self._added, item)
        heappush(self._heap, entry)
        return entry

    def remove(self, entry: ScheduleEntry[T]) -> None:
        """Take `entry` back; does nothing when it is no longer in."""
        if entry.live:
            entry.live = False
            self._live -= 1
            # Most timeouts are taken back long before they are due: they must not pile up.
            if len(self._heap) > 2 * self._live + _FEW:
                self._heap = [each for each in self._heap if each.live]
                heapify(self._heap)

    def next_due(self) -> Instant | None:
        """When the first item is due."""
        self._skip_removed()
        return self._heap[0].due_at if self._heap else None

    def pop_due(self, now: Instant) -> T | None:
        """The first item whose time has come, taken out."""
        heap = self._heap
        while heap and heap[0].due_at <= now:
            entry = heappop(heap)
            if entry.live:
                return self._take(entry)
        return None

    def pop(self) -> T | None:
        """The first item, due or not, taken out."""
        heap = self._heap
        while heap:
            entry = heappop(heap)
            if entry.live:
                return self._take(entry)
        return None

    def peek(self) -> T | None:
        """The first item, left in."""
        heap = self._heap
        if heap and not heap[0].live:
            self._skip_removed()
        return heap[0].item if heap else None

    def _take(self, entry: ScheduleEntry[T]) -> T:
        entry.live = False
        self._live -= 1
        return entry.item

    def _skip_removed(self) -> None:
        heap = self._heap
        while heap and not heap[0].live:
            heappop(heap)
