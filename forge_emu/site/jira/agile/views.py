"""Boards and sprints as the REST API of Jira Software shows them.

https://developer.atlassian.com/cloud/jira/software/rest/api-group-board/
"""

from __future__ import annotations

from typing import Final

from forge_emu.model import Json, iso8601
from forge_emu.site.jira import entities as e
from forge_emu.site.jira.agile.sprints import sprints_of
from forge_emu.site.jira.jira_site import JiraSite
from forge_emu.site.jira.views import BASE

_STORY_POINTS: Final = {"fieldId": "customfield_10016", "displayName": "Story point estimate"}
_RANK_FIELD: Final = 10_019
_MOST_DIGITS: Final = 16


def agile_url(path: str) -> str:
    """The address of a thing, such as `board/1`."""
    return f"{BASE}/rest/agile/1.0/{path}"


def board_view(site: JiraSite, board: e.Board) -> dict[str, Json]:
    """A board with its project."""
    view: dict[str, Json] = {
        "id": as_number(board.id),
        "self": agile_url(f"board/{board.id}"),
        "name": board.name,
        "type": board.type,
    }
    if project := site.projects.get(board.project):
        view["location"] = {
            "projectId": as_number(project.id),
            "displayName": f"{project.name} ({project.key})",
            "projectName": project.name,
            "projectKey": project.key,
            "projectTypeKey": project.type_key,
            "avatarURI": f"{BASE}/rest/api/2/universal_avatar/view/type/project/avatar/10400",
            "name": f"{project.name} ({project.key})",
        }
    return view


def configuration_view(site: JiraSite, board: e.Board) -> dict[str, Json]:
    """How a board is set up: a column for each status. An emulator choice."""
    project = site.projects.get(board.project)
    return {
        "id": as_number(board.id),
        "name": board.name,
        "type": board.type,
        "self": agile_url(f"board/{board.id}/configuration"),
        "location": project
        and {"type": "project", "id": project.id, "key": project.key, "name": project.name},
        "columnConfig": {
            "columns": [
                {
                    "name": status.name,
                    "statuses": [
                        {"id": status.id, "self": f"{BASE}/rest/api/2/status/{status.id}"}
                    ],
                }
                for status in site.statuses
            ],
            "constraintType": "none",
        },
        "estimation": {"type": "field", "field": dict(_STORY_POINTS)},
        "ranking": {"rankCustomFieldId": _RANK_FIELD},
    }


def sprint_view(sprint: e.Sprint) -> dict[str, Json]:
    """A sprint; dates that it does not have are left out."""
    view: dict[str, Json] = {
        "id": as_number(sprint.id),
        "self": agile_url(f"sprint/{sprint.id}"),
        "state": sprint.state,
        "name": sprint.name,
    }
    times = {
        "startDate": sprint.start,
        "endDate": sprint.end,
        "completeDate": sprint.completed,
        "createdDate": sprint.created,
    }
    view |= {name: iso8601(at) for name, at in times.items() if at is not None}
    return {**view, "originBoardId": as_number(sprint.board), "goal": sprint.goal}


def sprint_values(site: JiraSite, issue: e.Issue) -> Json:
    """The field Sprint of an issue; None where it was in none."""
    found = []
    for sprint in sprints_of(site, issue):
        view = sprint_view(sprint)
        view["boardId"] = view.pop("originBoardId")
        found.append({name: value for name, value in view.items() if name != "self"})
    return found or None


def as_number(id: str) -> Json:
    """An id as the API has it: a number. A payload by hand may have any text."""
    return int(id) if id.isdecimal() and len(id) < _MOST_DIGITS else id
