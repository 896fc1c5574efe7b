"""The things of a run by their numbers: what exists, and what the next events are about."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from forge_emu.errors import UserError
from forge_emu.events.things import KINDS, Children, Pick, Role, ThingPlan


class ThingNumbers(msgspec.Struct):
    """The things of a run: by kind, how many were made, and up to which number they are gone.

    It is saved with the state.
    """

    made: dict[str, int] = {}
    gone: dict[str, int] = {}
    children: dict[str, list[Children]] = {}

    def plan(self, things: Mapping[str, Role], count: int, number: int | None = None) -> ThingPlan:
        """Which things `count` events are about, the first kind first.

        An event about a thing that exists gets one of those of the run, one after the other and
        then again; where there is none, it gets a new one. `number` picks that of the first kind.
        """
        anchor = next(iter(things))
        picks: dict[str, Pick] = {}
        owners: dict[str, str] = {}
        for kind, role in things.items():
            parent = KINDS[kind].parent
            if parent not in things:
                chosen = number if kind == anchor else None
                picks[kind] = self._take(kind, role, count, chosen)
        for kind, role in things.items():
            parent = KINDS[kind].parent
            if parent is None or parent not in things:
                continue
            pick = None if role == "new" else self._existing_child(kind, role, count, number)
            if pick is None:
                pick = self._take(kind, "new", count, None)
                row = Children(pick.first, count, picks[parent])
                self.children.setdefault(kind, []).append(row)
            elif number is None:
                owners[parent] = kind
            picks[kind] = pick
        rows = {kind: list(self.children[kind]) for kind in owners.values()}
        return ThingPlan(anchor, picks, owners=owners, children=rows)

    def copy(self) -> ThingNumbers:
        """The things as they are now, whatever comes later."""
        children = {kind: list(rows) for kind, rows in self.children.items()}
        return ThingNumbers(dict(self.made), dict(self.gone), children)

    @classmethod
    def after_issue(cls, next_issue: int) -> ThingNumbers:
        """The things of a state that knows no more than the number of its next issue."""
        return cls(made={"issue": next_issue - 1, "page": next_issue - 1})

    def note_made(self, kind: str, number: int) -> None:
        """A thing of that number exists, whoever made it."""
        self.made[kind] = max(self.made.get(kind, 0), number)

    @property
    def next_issue(self) -> int:
        """The number of the next issue that is made."""
        return self.made.get("issue", 0) + 1

    def _take(self, kind: str, role: Role, count: int, number: int | None) -> Pick:
        if number is not None:
            pick = Pick(number, 0 if role == "new" else 1)
            self.note_made(kind, number + count - 1 if role == "new" else number)
            return pick
        made, gone = self.made.get(kind, 0), self.gone.get(kind, 0)
        if role == "new":
            pick = Pick(made + 1)
        elif role == "gone":
            pick = Pick(gone + 1)
            self.gone[kind] = gone + count
        elif made > gone:
            return Pick(gone + 1, made - gone)
        elif KINDS[kind].has_first:
            return Pick(0, 1)
        else:
            pick = Pick(made + 1)
        self.note_made(kind, pick.first + count - 1)
        return pick

    def _existing_child(self, kind: str, role: Role, count: int, number: int | None) -> Pick | None:
        """One of the things of a kind that belongs to others; None where there is none."""
        made, gone = self.made.get(kind, 0), self.gone.get(kind, 0)
        if number is not None:
            return self._child_of(kind, number, gone)
        if made <= gone:
            return None
        cycle = made - gone
        if role == "gone":
            cycle = min(cycle, count)
            self.gone[kind] = gone + cycle
        return Pick(gone + 1, cycle)

    def _child_of(self, kind: str, parent_number: int, gone: int) -> Pick | None:
        for row in self.children.get(kind, []):
            for index in range(min(row.count, row.parents.cycle or row.count)):
                child = row.first + index
                if child > gone and row.parents.number(index) == parent_number:
                    return Pick(child, 1)
        return None


def number_of(kind: str, key: str) -> int:
    """The number of the thing that a user calls `key`: `EMU-7`, an id, or its number.

    Raises UserError where no thing of that kind is called so.
    """
    found, text = KINDS[kind], key.strip()
    if found.key and text.upper().startswith(found.key):
        text = text[len(found.key) :] or "0"
        if text.isdecimal() and len(text) < 9:
            return int(text)
    elif text.isdecimal() and len(text) < 12:
        number = int(text)
        return number - found.first_id if found.first_id and number > found.first_id else number
    example = f"{found.key}7" if found.key else str(found.first_id + 7)
    raise UserError(
        f"no {kind} of the emulated site is called {key!r}",
        f"Write one such as {example}; anything else goes in with --set.",
    )
