"""What of one part of the engine has changed since it was last saved."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


class DirtySet(Generic[T]):
    """Items that are new, have changed or are gone, in the order in which they first did.

    Nothing is collected before `enabled` is set: without a state on disk nobody would drain it.
    """

    __slots__ = ("_items", "enabled")

    def __init__(self) -> None:
        self.enabled = False
        # A dictionary keeps the order; a set would not.
        self._items: dict[T, None] = {}

    def mark(self, item: T) -> None:
        """Note that `item` has changed."""
        if self.enabled:
            self._items[item] = None

    def drain(self) -> list[T]:
        """The marked items, which are unmarked by that."""
        items = list(self._items)
        self._items.clear()
        return items
