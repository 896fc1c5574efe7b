"""Things of one kind, by their id: issues, comments, pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Generic, TypeAlias, TypeVar

import msgspec

T = TypeVar("T", bound=msgspec.Struct)

Place: TypeAlias = tuple[str, str]
"""Where a thing is saved: its kind and its id."""

FIRST_ID: Final = 10_000
"""Jira's own ids begin here."""


FIRST_OWN_ID: Final = 1_000_000
"""Ids of what the site makes by itself begin here: events that `trigger` sends use those below."""


class Collection(Generic[T]):
    """The things of one kind. A thing never changes: another one takes its place.

    `id_of` is the thing's id. `parent_of` groups things, `alias_of` is a second name (an issue's
    key). `first_id` is the first number that `new_id` gives. `mark` is told of every change.
    """

    def __init__(
        self,
        kind: str,
        of: type[T],
        mark: Callable[[Place], None],
        *,
        id_of: Callable[[T], str],
        parent_of: Callable[[T], str] | None = None,
        alias_of: Callable[[T], str] | None = None,
        first_id: int = FIRST_ID,
    ) -> None:
        self.kind = kind
        self._decoder = msgspec.json.Decoder(of)
        self._mark = mark
        self._id_of = id_of
        self._parent_of = parent_of
        self._alias_of = alias_of
        self._last_id = first_id - 1
        self._things: dict[str, T] = {}
        self._children: dict[str, dict[str, None]] = {}
        self._aliases: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._things)

    def __contains__(self, id: object) -> bool:
        return id in self._things

    def __iter__(self) -> Iterator[T]:
        """Every thing, in the order of their ids: that in which they came to be."""
        return iter([self._things[id] for id in sorted(self._things, key=id_order)])

    def ids(self) -> list[str]:
        """Every id, in no order that means anything."""
        return list(self._things)

    def get(self, id: str) -> T | None:
        """The thing with this id."""
        return self._things.get(id)

    def own_id(self, id: str) -> str:
        """`id` as the thing that has it holds it: many others that name it share one text."""
        thing = self._things.get(id)
        return id if thing is None else self._id_of(thing)

    def find(self, name: str) -> T | None:
        """The thing with this id or second name."""
        found = self._things.get(name)
        return self._things.get(self._aliases.get(name, "")) if found is None else found

    def children(self, parent: str) -> list[T]:
        """The things of a parent, in the order of their ids."""
        return [self._things[id] for id in sorted(self._children.get(parent, ()), key=id_order)]

    def count_children(self, parent: str) -> int:
        """How many things a parent has."""
        return len(self._children.get(parent, ()))

    def put(self, thing: T) -> T:
        """Add `thing`, or put it in the place of the one with its id."""
        id = self._id_of(thing)
        if (old := self._things.get(id)) is not None:
            self._unlink(id, old)
        self._things[id] = thing
        if self._parent_of is not None:
            self._children.setdefault(self._parent_of(thing), {})[id] = None
        if self._alias_of is not None:
            self._aliases[self._alias_of(thing)] = id
        if id.isdecimal():
            self._last_id = max(self._last_id, int(id))
        self._mark((self.kind, id))
        return thing

    def remove(self, id: str) -> T | None:
        """Remove the thing with this id; answers it, None where there is none."""
        thing = self._things.pop(id, None)
        if thing is not None:
            self._unlink(id, thing)
            self._mark((self.kind, id))
        return thing

    def new_id(self) -> str:
        """An id that no thing of this kind has had."""
        self._last_id += 1
        return str(self._last_id)

    @property
    def last_id(self) -> int:
        """The highest number that was ever an id here."""
        return self._last_id

    def reserve_ids(self, last: int) -> None:
        """From now on, give numbers over `last` alone."""
        self._last_id = max(self._last_id, last)

    def clear(self) -> None:
        """Remove everything; ids go on."""
        for id in list(self._things):
            self.remove(id)

    def encode(self, id: str) -> bytes | None:
        """The thing as JSON text; None where there is none."""
        thing = self._things.get(id)
        return None if thing is None else msgspec.json.encode(thing)

    def restore(self, text: bytes) -> None:
        """Put back what `encode` gave. Raises msgspec.DecodeError."""
        self.put(self._decoder.decode(text))

    def _unlink(self, id: str, thing: T) -> None:
        if self._parent_of is not None:
            siblings = self._children[self._parent_of(thing)]
            del siblings[id]
            if not siblings:
                del self._children[self._parent_of(thing)]
        if self._alias_of is not None and self._aliases.get(alias := self._alias_of(thing)) == id:
            del self._aliases[alias]


def id_order(id: str) -> tuple[int, int, str]:
    """Numbers first, by value; then texts."""
    return (0, int(id), "") if id.isdecimal() else (1, 0, id)
