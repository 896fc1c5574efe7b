"""Moves of issues to a sprint and to the backlog; each makes the event of its edit."""

from __future__ import annotations

from typing import Final

from forge_emu.model import Json
from forge_emu.services.site.call import Answer, SiteCall, SiteEvent
from forge_emu.services.site.jira.agile.finding import find_board, find_sprint
from forge_emu.services.site.jira.errors import bad_request
from forge_emu.services.site.jira.issue_writes import apply_edit
from forge_emu.services.site.jira.issues import texts
from forge_emu.site.jira import entities as e
from forge_emu.site.jira.agile.sprints import current_sprint
from forge_emu.site.jira.defaults import SPRINT_FIELD

MOST_MOVED_ISSUES: Final = 50
"""https://developer.atlassian.com/cloud/jira/software/rest/api-group-sprint/"""


def move_to_sprint(call: SiteCall) -> Answer:
    """`POST /rest/agile/1.0/sprint/{sprintId}/issue`: to one that is not closed."""
    sprint = find_sprint(call)
    if sprint.state == "closed":
        raise bad_request("Issues can only be moved to open or active sprints.")
    return _move(call, sprint.id)


def move_to_backlog(call: SiteCall) -> Answer:
    """`POST /rest/agile/1.0/backlog/issue`: out of future and active sprints."""
    return _move(call, None)


def move_to_backlog_of_board(call: SiteCall) -> Answer:
    """`POST /rest/agile/1.0/backlog/{boardId}/issue`."""
    find_board(call)
    return _move(call, None)


def _move(call: SiteCall, sprint_id: str | None) -> Answer:
    """Nothing is moved where one of the issues is not there; ranks are passed over."""
    events: list[SiteEvent] = []
    for issue in _issues(call):
        current = current_sprint(call.site.jira, issue)
        if (current.id if current else None) != sprint_id:
            value: Json = [] if sprint_id is None else [sprint_id]
            events += apply_edit(call, issue, {SPRINT_FIELD: value})[1]
    return Answer(204, None, events)


def _issues(call: SiteCall) -> list[e.Issue]:
    names = list(dict.fromkeys(texts(call.object(), "issues")))
    if not names:
        raise bad_request(issues="No issues have been provided.")
    if len(names) > MOST_MOVED_ISSUES:
        raise bad_request(f"The maximum number of issues that can be moved is {MOST_MOVED_ISSUES}.")
    found: list[e.Issue] = []
    for name in names:
        issue = call.site.jira.issues.find(name.upper())
        if issue is None:
            raise bad_request(f"Issue '{name}' does not exist or you do not have permission.")
        found.append(issue)
    return found
