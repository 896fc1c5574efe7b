"""Values by key, which can be gone through in the order of their keys."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator

from forge_emu.model import StoredValue

_AFTER_ALL = "\U0010ffff"
"""Greater than any character that a key may hold."""


class SortedValues:
    """A dictionary whose keys are sorted once somebody asks for their order, and stay sorted."""

    def __init__(self) -> None:
        self._values: dict[str, StoredValue] = {}
        self._order: list[str] | None = None

    def __len__(self) -> int:
        """How many values there are, expired or not."""
        return len(self._values)

    def get(self, key: str) -> StoredValue | None:
        """The value under `key`, None where there is none."""
        return self._values.get(key)

    def put(self, value: StoredValue) -> None:
        """Store a value in the place of the one before."""
        if self._order is not None and value.key not in self._values:
            insort(self._order, value.key)
        self._values[value.key] = value

    def remove(self, key: str) -> bool:
        """Take a value out; False where there was none."""
        if self._values.pop(key, None) is None:
            return False
        if self._order is not None:
            del self._order[bisect_left(self._order, key)]
        return True

    def with_prefix(self, prefix: str, after: str | None = None) -> Iterator[StoredValue]:
        """The values whose key begins with `prefix` and comes after `after`, by key.

        Nothing may be put or removed before it has come to its end.
        """
        if self._order is None:
            self._order = sorted(self._values)
        order = self._order
        first = bisect_left(order, prefix) if after is None else bisect_right(order, after)
        for i in range(first, bisect_left(order, prefix + _AFTER_ALL)):
            yield self._values[order[i]]
