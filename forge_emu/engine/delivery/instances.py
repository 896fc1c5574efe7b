"""Warm copies of the app's code, one invocation at a time each, made when they are needed."""

from __future__ import annotations


class InstancePool:
    """Hands out instances: the one used last first, as a platform keeps few of them warm."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._created = 0
        self._idle: list[str] = []
        self._busy: dict[str, int] = {}
        self._generation = 0

    @property
    def busy(self) -> int:
        """How many run something now, those of older generations included."""
        return len(self._busy)

    @property
    def full(self) -> bool:
        """Whether no further invocation can start now."""
        return len(self._busy) >= self.limit

    def acquire(self) -> tuple[str, bool]:
        """An instance, and whether it starts cold."""
        cold = not self._idle
        if cold:
            self._created += 1
            instance = f"i{self._created}"
        else:
            instance = self._idle.pop()
        self._busy[instance] = self._generation
        return instance, cold

    def release(self, instance: str, *, discard: bool) -> None:
        """Return an instance to the pool; with `discard`, or of an older generation, it is not used
        again.
        """
        generation = self._busy.pop(instance)
        if not discard and generation == self._generation:
            self._idle.append(instance)

    def start_generation(self) -> None:
        """Start a new generation: idle instances go now, busy ones when they are released."""
        self._generation += 1
        self._idle.clear()
