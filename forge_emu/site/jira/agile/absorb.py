"""What the product events of Jira Software tell of: boards and sprints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec import structs

from forge_emu.model import Json
from forge_emu.site.jira import entities as e
from forge_emu.site.jira.agile.sprints import issues_of_sprint, sprint_ids
from forge_emu.site.jira.defaults import BOARD_ID, SPRINT_FIELD
from forge_emu.site.jira.jira_site import JiraSite
from forge_emu.site.values import id_of, text_of, time_of

_Payload = dict[str, Json]


def absorb_agile_event(site: JiraSite, name: str, payload: _Payload, now_ms: int) -> None:
    """Put the board or the sprint of the payload on the site, or take it away."""
    absorb = _BY_EVENT.get(name.removeprefix("avi:jira-software:"))
    if absorb is not None:
        absorb(site, payload, now_ms)


def remove_sprint(site: JiraSite, id: str) -> None:
    """Remove a sprint; its issues are in it no more, and no event tells of that."""
    sprint = site.sprints.get(id)
    if sprint is None:
        return
    for issue in issues_of_sprint(site, sprint):
        left = [x for x in sprint_ids(issue.fields.get(SPRINT_FIELD)) if x != id]
        site.issues.put(structs.replace(issue, fields={**issue.fields, SPRINT_FIELD: left}))
    site.sprints.remove(id)


def _put_board(site: JiraSite, payload: _Payload, now_ms: int) -> None:
    del now_ms
    given = payload.get("board", payload.get("configuration"))
    if not isinstance(given, dict) or (id := id_of(given)) is None:
        return
    old = site.boards.get(id)
    named = id_of(given.get("location"))
    # The payload of a board does not say whose it is: that of the first project.
    first = next(iter(site.projects), None)
    site.boards.put(
        e.Board(
            id,
            text_of(given.get("name")) or (old.name if old else f"Board {id}"),
            text_of(given.get("type")) or (old.type if old else "scrum"),
            named or (old.project if old else first.id if first else ""),
        )
    )


def _delete_board(site: JiraSite, payload: _Payload, now_ms: int) -> None:
    del now_ms
    if id := id_of(payload.get("board")):
        site.boards.remove(id)


def _put_sprint(site: JiraSite, payload: _Payload, now_ms: int) -> None:
    given = payload.get("sprint")
    if not isinstance(given, dict) or (id := id_of(given)) is None:
        return
    old = site.sprints.get(id)
    state, was = text_of(given.get("state")), old.state if old else "future"
    site.sprints.put(
        e.Sprint(
            id=id,
            board=text_of(given.get("originBoardId")) or (old.board if old else BOARD_ID),
            name=text_of(given.get("name")) or (old.name if old else f"Sprint {id}"),
            state=state if state in ("future", "active", "closed") else was,
            goal=text_of(given.get("goal")) or (old.goal if old else ""),
            created=_time(given.get("createDate"), old.created if old else now_ms),
            start=_time(given.get("startDate"), old.start if old else None),
            end=_time(given.get("endDate"), old.end if old else None),
            completed=_time(given.get("completeDate"), old.completed if old else None),
        )
    )


def _delete_sprint(site: JiraSite, payload: _Payload, now_ms: int) -> None:
    del now_ms
    if id := id_of(payload.get("sprint")):
        remove_sprint(site, id)


def _time(value: Json, otherwise: int | None) -> int | None:
    found = time_of(value, -1)
    return otherwise if found < 0 else found


_BY_EVENT: Final[dict[str, Callable[[JiraSite, _Payload, int], None]]] = {
    "created:board": _put_board,
    "updated:board": _put_board,
    "configuration-changed:board": _put_board,
    "deleted:board": _delete_board,
    "created:sprint": _put_sprint,
    "updated:sprint": _put_sprint,
    "started:sprint": _put_sprint,
    "closed:sprint": _put_sprint,
    "deleted:sprint": _delete_sprint,
}
