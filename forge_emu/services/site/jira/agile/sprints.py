"""Sprints: read, planned, started, completed, deleted; a change makes its product event.

https://developer.atlassian.com/cloud/jira/software/rest/api-group-sprint/
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec import structs

from forge_emu.model import Json
from forge_emu.services.site.call import Answer, SiteCall, SiteEvent
from forge_emu.services.site.jira.agile.finding import check_sprints, find_sprint
from forge_emu.services.site.jira.agile.issue_pages import issue_page
from forge_emu.services.site.jira.errors import bad_request
from forge_emu.site.dates import read_time
from forge_emu.site.jira import entities as e
from forge_emu.site.jira.agile import payloads
from forge_emu.site.jira.agile.absorb import remove_sprint
from forge_emu.site.jira.agile.sprints import issues_of_sprint
from forge_emu.site.jira.agile.views import sprint_view
from forge_emu.site.values import text_of

_CHANGES: Final = {("future", "active"): payloads.STARTED, ("active", "closed"): payloads.CLOSED}
"""The changes of a state that are allowed, and the event that each makes."""


def get_sprint(call: SiteCall) -> Answer:
    """`GET /rest/agile/1.0/sprint/{sprintId}`."""
    return Answer(body=sprint_view(find_sprint(call)))


def sprint_issues(call: SiteCall) -> Answer:
    """`GET /rest/agile/1.0/sprint/{sprintId}/issue`."""
    return issue_page(call, issues_of_sprint(call.site.jira, find_sprint(call)))


def create_sprint(call: SiteCall) -> Answer:
    """`POST /rest/agile/1.0/sprint`: a future one."""
    site, body = call.site.jira, call.object()
    board = site.boards.get(text_of(body.get("originBoardId")) or "")
    if board is None:
        raise bad_request(originBoardId="The board does not exist, or none is named.")
    check_sprints(board)
    new = e.Sprint("", board.id, _name(body.get("name")), created=call.now_ms)
    new = _with_values(new, body, ("goal", "startDate", "endDate"))
    sprint = site.sprints.put(structs.replace(new, id=site.sprints.new_id()))
    payload = payloads.sprint_event(payloads.CREATED, sprint, call.account)
    return Answer(201, sprint_view(sprint), [SiteEvent(payloads.CREATED, payload)])


def update_sprint(call: SiteCall) -> Answer:
    """`POST /rest/agile/1.0/sprint/{sprintId}`: the values that the body has."""
    return _update(call, find_sprint(call), call.object())


def replace_sprint(call: SiteCall) -> Answer:
    """`PUT /rest/agile/1.0/sprint/{sprintId}`: what the body lacks is emptied."""
    sprint, body = find_sprint(call), call.object()
    if "state" not in body:
        raise bad_request(state="The state of the sprint is required.")
    return _update(call, sprint, {**dict.fromkeys(("name", *_OPTIONAL)), **body})


def delete_sprint(call: SiteCall) -> Answer:
    """`DELETE /rest/agile/1.0/sprint/{sprintId}`: its issues are in the backlog afterwards."""
    sprint = find_sprint(call)
    remove_sprint(call.site.jira, sprint.id)
    payload = payloads.sprint_event(payloads.DELETED, sprint, call.account)
    return Answer(204, None, [SiteEvent(payloads.DELETED, payload)])


_OPTIONAL: Final = ("goal", "startDate", "endDate")


def _update(call: SiteCall, before: e.Sprint, body: dict[str, Json]) -> Answer:
    """A closed sprint takes a name and a goal alone; other values are passed over."""
    sprint = structs.replace(before, name=_name(body["name"])) if "name" in body else before
    closed = before.state == "closed"
    sprint = _with_values(sprint, body, ("goal",) if closed else _OPTIONAL)
    state = text_of(body.get("state")) or before.state
    name = payloads.UPDATED
    if state != before.state:
        sprint, name = _in_state(sprint, state, call.now_ms)
    site = call.site.jira
    if sprint == before:
        return Answer(body=sprint_view(sprint))
    site.sprints.put(sprint)
    told = before if name == payloads.UPDATED else None
    payload = payloads.sprint_event(name, sprint, call.account, told)
    return Answer(200, sprint_view(sprint), [SiteEvent(name, payload)])


def _in_state(sprint: e.Sprint, state: str, now_ms: int) -> tuple[e.Sprint, str]:
    """The sprint started or completed, and the event of that."""
    name = _CHANGES.get((sprint.state, state))
    if name is None:
        raise bad_request(state=f"A sprint that is {sprint.state} cannot become '{state}'.")
    if name == payloads.CLOSED:
        return structs.replace(sprint, state=state, completed=now_ms), name
    if sprint.start is None or sprint.end is None:
        raise bad_request("A sprint needs a startDate and an endDate to be started.")
    return structs.replace(sprint, state=state), name


def _name(value: Json) -> str:
    if not isinstance(value, str) or not value.strip():
        raise bad_request(name="The name of the sprint is required.")
    return value.strip()


def _with_values(sprint: e.Sprint, body: dict[str, Json], names: tuple[str, ...]) -> e.Sprint:
    """The sprint with those of the values that the body has."""
    places: dict[str, tuple[str, Callable[[str, Json], Json]]] = {
        "goal": ("goal", lambda name, value: text_of(value) or ""),
        "startDate": ("start", _instant),
        "endDate": ("end", _instant),
    }
    given = [name for name in names if name in body]
    values = {places[name][0]: places[name][1](name, body[name]) for name in given}
    changed = structs.replace(sprint, **values)
    if changed.start is not None and changed.end is not None and changed.end < changed.start:
        raise bad_request("The start date of a sprint must be before the end date.")
    return changed


def _instant(name: str, value: Json) -> int | None:
    found = read_time(value) if isinstance(value, str) else None
    if found is None and value is not None:
        raise bad_request(**{name: f"'{value}' is no date: write 2026-01-05T08:00:00.000Z."})
    return found
