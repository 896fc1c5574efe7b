"""The things that product events are about: which there are, and which of them an event is about.

Every kind of thing is numbered from 1 in a run. Id, key and name of a thing follow from its number
alone, so all payloads of a run agree about it. The numbers are an emulator choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

Role = Literal["new", "existing", "gone"]
"""What an event does with a thing: it makes it, it is about one that exists, or it is its last."""


class ThingKind(msgspec.Struct, frozen=True):
    """A kind of thing. Number n has the id `first_id` + n; `key` is what its key begins with.

    `has_first` says that every site has one already, number 0. `parent` is the kind of thing that
    it belongs to.
    """

    first_id: int = 0
    key: str = ""
    has_first: bool = False
    parent: str | None = None

    def attribute(self, name: str, n: int) -> str:
        """`n`, `id`, `key`, `suffix` (of a name), `dashed` (of a slug) or `hex` (12 digits)."""
        match name:
            case "id":
                return str(self.first_id + n)
            case "key":
                return f"{self.key}{n or ''}"
            case "suffix":
                return f" {n}" if n else ""
            case "dashed":
                return f"-{n}" if n else ""
            case "hex":
                return f"{n:012x}"
        return str(n)


ATTRIBUTES: Final = ("n", "id", "key", "suffix", "dashed", "hex")

KINDS: Final[Mapping[str, ThingKind]] = {
    "issue": ThingKind(10_000, key="EMU-"),
    "comment": ThingKind(10_000, parent="issue"),
    "worklog": ThingKind(10_000, parent="issue"),
    "attachment": ThingKind(10_000, parent="issue"),
    "issuelink": ThingKind(10_000, parent="issue"),
    "issuetype": ThingKind(10_100),
    "field": ThingKind(10_050),
    "context": ThingKind(10_200, parent="field"),
    "version": ThingKind(10_000),
    "project": ThingKind(10_000, key="EMU", has_first=True),
    "component": ThingKind(10_000),
    "user": ThingKind(),
    "filter": ThingKind(10_000),
    "change": ThingKind(),
    # Ids of Confluence are of one sequence, whatever has them.
    "page": ThingKind(10_000),
    "blogpost": ThingKind(20_000_000),
    "page-comment": ThingKind(30_000_000, parent="page"),
    "page-attachment": ThingKind(40_000_000, parent="page"),
    "custom-content": ThingKind(50_000_000, parent="page"),
    "whiteboard": ThingKind(60_000_000),
    "database": ThingKind(70_000_000),
    "embed": ThingKind(80_000_000),
    "folder": ThingKind(90_000_000),
    "task": ThingKind(parent="page"),
    "label": ThingKind(1_000_000, parent="page"),
    "space": ThingKind(65_537, key="EMU", has_first=True),
    "group": ThingKind(),
    "search": ThingKind(),
    "repository": ThingKind(has_first=True),
    "pullrequest": ThingKind(),
    "pullrequest-comment": ThingKind(400_000_000, parent="pullrequest"),
    "commit": ThingKind(),
    "commit-comment": ThingKind(70_000, parent="commit"),
    "build": ThingKind(),
    "deployment": ThingKind(),
    "compass-component": ThingKind(),
    "board": ThingKind(1, has_first=True),
    "sprint": ThingKind(),
    "request-type": ThingKind(10_000),
    "request-type-group": ThingKind(10_000),
    "service-desk": ThingKind(10_000),
    "portal": ThingKind(10_000),
}


class Pick(msgspec.Struct, frozen=True, array_like=True):
    """The numbers of a row of events: `first` and on, again from there after `cycle` of them.

    A `cycle` of 0 has no end.
    """

    first: int
    cycle: int = 0

    def number(self, index: int) -> int:
        """The number of the event at `index`, from 0."""
        return self.first + (index % self.cycle if self.cycle else index)


class Children(msgspec.Struct, frozen=True, array_like=True):
    """Things in a row, `first` and on, and the things that they belong to."""

    first: int
    count: int
    parents: Pick


class ThingPlan(msgspec.Struct, frozen=True):
    """Which things the events of a batch are about: `anchor` is the kind that counts.

    `owners` has, by kind of parent, the kind whose things say which parent it is.
    """

    anchor: str = "issue"
    picks: dict[str, Pick] = {}
    start: int = 1
    owners: dict[str, str] = {}
    children: dict[str, list[Children]] = {}

    def numbers(self, index: int) -> dict[str, int]:
        """The number of each kind of thing for the event at `index`, from 0."""
        found = {kind: pick.number(index) for kind, pick in self.picks.items()}
        for parent, child in self.owners.items():
            found[parent] = self._parent_of(child, found[child])
        found.setdefault(self.anchor, self.start + index)
        return found

    def _parent_of(self, child: str, number: int) -> int:
        for row in self.children[child]:
            if row.first <= number < row.first + row.count:
                return row.parents.number(number - row.first)
        return number
