"""Boards, and what is on them.

https://developer.atlassian.com/cloud/jira/software/rest/api-group-board/
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from forge_emu.model import Json
from forge_emu.services.site.call import Answer, SiteCall
from forge_emu.services.site.jira.agile.finding import find_board, find_scrum_board, find_sprint
from forge_emu.services.site.jira.agile.issue_pages import issue_page
from forge_emu.services.site.jira.errors import bad_request
from forge_emu.services.site.paging import cut, page_bean, page_bounds
from forge_emu.site.jira import views
from forge_emu.site.jira.agile.sprints import backlog_of, issues_of_board, issues_of_sprint
from forge_emu.site.jira.agile.views import board_view, configuration_view, sprint_view

_STATES: Final = ("closed", "active", "future")
"""In the order of a list."""


def list_boards(call: SiteCall) -> Answer:
    """`GET /rest/agile/1.0/board`, by `type`, `name` and `projectKeyOrId`."""
    site, types, name = call.site.jira, call.params("type"), call.param("name") or ""
    project = call.param("projectKeyOrId")
    wanted = site.projects.find(project) if project else None
    if project and wanted is None:
        raise bad_request(f"No project could be found with key or id '{project}'")
    found = [
        board_view(site, each)
        for each in site.boards
        if (not types or each.type in types)
        and name.lower() in each.name.lower()
        and (wanted is None or each.project == wanted.id)
    ]
    return _page(call, found)


def get_board(call: SiteCall) -> Answer:
    """`GET /rest/agile/1.0/board/{boardId}`."""
    return Answer(body=board_view(call.site.jira, find_board(call)))


def get_configuration(call: SiteCall) -> Answer:
    """`GET /rest/agile/1.0/board/{boardId}/configuration`."""
    return Answer(body=configuration_view(call.site.jira, find_board(call)))


def board_projects(call: SiteCall) -> Answer:
    """`GET /rest/agile/1.0/board/{boardId}/project`: the one that it has."""
    site = call.site.jira
    project = site.projects.get(find_board(call).project)
    return _page(call, [views.project_view(site, project)] if project else [])


def board_issues(call: SiteCall) -> Answer:
    """`GET /rest/agile/1.0/board/{boardId}/issue`: those of its project."""
    return issue_page(call, issues_of_board(call.site.jira, find_board(call)))


def board_backlog(call: SiteCall) -> Answer:
    """`GET /rest/agile/1.0/board/{boardId}/backlog`."""
    return issue_page(call, backlog_of(call.site.jira, find_board(call)))


def board_sprints(call: SiteCall) -> Answer:
    """`GET /rest/agile/1.0/board/{boardId}/sprint`, by `state`; closed ones come first."""
    board, wanted = find_scrum_board(call), call.params("state")
    for state in wanted:
        if state not in _STATES:
            raise bad_request(f"Invalid sprint state '{state}': it is one of {', '.join(_STATES)}")
    found = call.site.jira.sprints.children(board.id)
    found.sort(key=lambda sprint: _STATES.index(sprint.state))
    return _page(call, [sprint_view(x) for x in found if not wanted or x.state in wanted])


def board_sprint_issues(call: SiteCall) -> Answer:
    """`GET /rest/agile/1.0/board/{boardId}/sprint/{sprintId}/issue`."""
    site, board, sprint = call.site.jira, find_scrum_board(call), find_sprint(call)
    found = [each for each in issues_of_sprint(site, sprint) if each.project == board.project]
    return issue_page(call, found)


def _page(call: SiteCall, found: Sequence[Json]) -> Answer:
    start, size = page_bounds(call, 50, 50)
    return Answer(body=page_bean(found, start, size), objects=len(cut(found, start, size)))
