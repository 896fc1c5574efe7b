"""How many pushes, and product events that the app causes, descend from each first invocation.

They are counted for as long as more can follow.
"""

from __future__ import annotations

from typing import Final

from forge_emu.engine.dirty import DirtySet

_EVENTS: Final = " events"
"""Behind the origin: the count of product events, beside that of pushes."""


class PushChains:
    """Counts by the origin of a chain. One with nothing open any more is forgotten."""

    def __init__(self) -> None:
        self.push_counts: dict[str, int] = {}
        self._open_deliveries: dict[str, int] = {}
        self.dirty: DirtySet[str] = DirtySet()

    def push_count(self, origin: str) -> int:
        """How many pushes descend from `origin` so far."""
        return self.push_counts.get(origin, 0)

    def add_push(self, origin: str) -> None:
        """One more push descends from `origin`."""
        self.push_counts[origin] = self.push_count(origin) + 1
        self.dirty.mark(origin)

    def event_count(self, origin: str) -> int:
        """How many product events the writes that descend from `origin` have caused so far."""
        return self.push_counts.get(origin + _EVENTS, 0)

    def add_event(self, origin: str) -> None:
        """One more product event was caused by what descends from `origin`."""
        self.push_counts[origin + _EVENTS] = self.event_count(origin) + 1
        self.dirty.mark(origin + _EVENTS)

    def add_delivery(self, origin: str) -> None:
        """A delivery that descends from `origin` is open."""
        self._open_deliveries[origin] = self._open_deliveries.get(origin, 0) + 1

    def open_deliveries(self, origin: str) -> int:
        """How many deliveries that descend from `origin` are open."""
        return self._open_deliveries.get(origin, 0)

    def remove_delivery(self, origin: str) -> None:
        """Such a delivery has ended."""
        self._open_deliveries[origin] -= 1
        self.discard_if_idle(origin)

    def discard_if_idle(self, origin: str) -> None:
        """Count `origin` no longer, if nothing of it is open."""
        if self._open_deliveries.get(origin, 0) <= 0:
            self._open_deliveries.pop(origin, None)
            for key in (origin, origin + _EVENTS):
                if self.push_counts.pop(key, None) is not None:
                    self.dirty.mark(key)

    def restore(self, push_counts: dict[str, int]) -> None:
        """Restore the counts of before a restart, for chains with open deliveries."""
        self.push_counts.update(push_counts)
        for key in push_counts:
            self.discard_if_idle(key.removesuffix(_EVENTS))
