"""What is due when, as data: it can be listed, shown, moved and taken back. Never a closure."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import Final, Generic, TypeVar

from forge_emu.model import Instant

T = TypeVar("T")

_FEW: Final = 64
"""So many entries that were taken back may lie in a heap, however few others there are."""


class ScheduleEntry(Generic[T]):
    """One item and its due time. `live` is False once it was taken or taken back."""

    __slots__ = ("due_at", "item", "live")

    def __init__(self, due_at: Instant, item: T) -> None:
        self.due_at = due_at
        self.item = item
        self.live = True


class Schedule(Generic[T]):
    """Items in the order of their due times; among equals in the order of `tie`, then of adding."""

    def __init__(self) -> None:
        self._heap: list[tuple[Instant, float, int, ScheduleEntry[T]]] = []
        self._added = 0
        self._live = 0

    def __len__(self) -> int:
        return self._live

    def add(self, due_at: Instant, item: T, tie: float = 0.0) -> ScheduleEntry[T]:
        """Put `item` in; the entry can be taken back with `remove`."""
        entry = ScheduleEntry(due_at, item)
        self._added += 1
        self._live += 1
        heappush(self._heap, (due_at, tie, self._added, entry))
        return entry

    def remove(self, entry: ScheduleEntry[T]) -> None:
        """Take `entry` back; does nothing when it is no longer in."""
        if entry.live:
            entry.live = False
            self._live -= 1
            # Most timeouts are taken back long before they are due: they must not pile up.
            if len(self._heap) > 2 * self._live + _FEW:
                self._heap = [each for each in self._heap if each[3].live]
                heapify(self._heap)

    def next_due(self) -> Instant | None:
        """When the first item is due."""
        self._skip_removed()
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now: Instant) -> T | None:
        """The first item whose time has come, taken out."""
        self._skip_removed()
        if not self._heap or self._heap[0][0] > now:
            return None
        return self._take()

    def pop(self) -> T | None:
        """The first item, due or not, taken out."""
        self._skip_removed()
        return self._take() if self._heap else None

    def peek(self) -> T | None:
        """The first item, left in."""
        self._skip_removed()
        return self._heap[0][3].item if self._heap else None

    def _take(self) -> T:
        entry = heappop(self._heap)[3]
        entry.live = False
        self._live -= 1
        return entry.item

    def _skip_removed(self) -> None:
        heap = self._heap
        while heap and not heap[0][3].live:
            heappop(heap)
