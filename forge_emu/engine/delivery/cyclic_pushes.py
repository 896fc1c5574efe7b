"""How many pushes descend from each first invocation, for as long as more can follow."""

from __future__ import annotations

from collections import Counter

from forge_emu.engine.dirty import Dirty


class Chains:
    """Counts by the origin of a chain. One with nothing open any more is forgotten."""

    def __init__(self, touched: Dirty) -> None:
        self.pushes: dict[str, int] = {}
        self._open: Counter[str] = Counter()
        self._touched = touched

    def count(self, origin: str) -> int:
        """How many pushes descend from `origin` so far."""
        return self.pushes.get(origin, 0)

    def push(self, origin: str) -> None:
        """One more push descends from `origin`."""
        self.pushes[origin] = self.count(origin) + 1
        self._touched.origin(origin)

    def join(self, origin: str) -> None:
        """A delivery that descends from `origin` is open."""
        self._open[origin] += 1

    def leave(self, origin: str) -> None:
        """Such a delivery has ended."""
        self._open[origin] -= 1
        self.forget(origin)

    def forget(self, origin: str) -> None:
        """Count `origin` no longer, if nothing of it is open."""
        if self._open[origin] <= 0:
            del self._open[origin]
            if self.pushes.pop(origin, None) is not None:
                self._touched.origin(origin)

    def put_back(self, pushes: dict[str, int]) -> None:
        """Go on with the counts of before a restart, of what is open by now."""
        self.pushes.update(pushes)
        for origin in pushes:
            self.forget(origin)
