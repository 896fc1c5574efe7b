"""Sprints that a user writes of a site."""

from __future__ import annotations

from collections.abc import Collection as Container
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
from msgspec import structs

from forge_emu.site.dates import read_time
from forge_emu.site.jira import entities as e
from forge_emu.site.jira.agile.sprints import sprint_ids
from forge_emu.site.jira.defaults import SPRINT_FIELD
from forge_emu.site.jira.jira_site import JiraSite

_STATES: Final = ("future", "active", "closed")


class GivenSprint(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A sprint. `board` is the name of a board of the site, `issues` are keys."""

    name: str
    board: str = "EMU board"
    state: str = "future"
    goal: str = ""
    start: str | None = None
    end: str | None = None
    issues: list[str] = []


def find_mistakes(
    site: JiraSite, sprints: Sequence[GivenSprint], keys: Container[str]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The path to each mistake, and what it is. `keys` are those of issues that will be there."""
    boards = [board.name for board in site.boards]
    for n, sprint in enumerate(sprints):
        if sprint.board not in boards:
            yield ("sprints", n, "board"), f"there is no board {sprint.board!r}"
        if sprint.state not in _STATES:
            known = ", ".join(_STATES)
            yield ("sprints", n, "state"), f"there is no state {sprint.state!r}; there are: {known}"
        for place in ("start", "end"):
            text = getattr(sprint, place)
            if text is not None and read_time(text) is None:
                hint = "write 2026-11-24 or 2026-11-24T10:00:00Z"
                yield ("sprints", n, place), f"{text!r} is no time: {hint}"
        for index, key in enumerate(sprint.issues):
            if key not in keys and site.issues.find(key) is None:
                yield ("sprints", n, "issues", index), f"there is no issue {key!r}"


def add_sprints(site: JiraSite, sprints: Sequence[GivenSprint], now_ms: int) -> None:
    """Put those on the site whose name their board does not have yet."""
    boards = {board.name: board.id for board in site.boards}
    for given in sprints:
        board = boards[given.board]
        if any(each.name == given.name for each in site.sprints.children(board)):
            continue
        sprint = site.sprints.put(
            e.Sprint(
                site.sprints.new_id(), board, given.name, given.state, given.goal, now_ms,
                _instant(given.start), _instant(given.end),
                now_ms if given.state == "closed" else None,
            )
        )  # fmt: skip
        for key in given.issues:
            issue = site.issues.find(key)
            assert issue is not None  # found before
            ids = [*sprint_ids(issue.fields.get(SPRINT_FIELD)), sprint.id]
            fields = {**issue.fields, SPRINT_FIELD: ids}
            site.issues.put(structs.replace(issue, fields=fields))


def _instant(text: str | None) -> int | None:
    return None if text is None else read_time(text)
