"""Which issues are on a board and in a sprint: the field Sprint of an issue says it."""

from __future__ import annotations

from forge_emu.model import Json
from forge_emu.site.collection import id_order
from forge_emu.site.jira import entities as e
from forge_emu.site.jira.defaults import SPRINT_FIELD
from forge_emu.site.jira.jira_site import JiraSite
from forge_emu.site.values import id_of, text_of


def sprint_ids(value: Json) -> list[str]:
    """The ids of sprints that a value of the field has: numbers, texts, or objects with an id."""
    values = value if isinstance(value, list) else [value]
    found = (id_of(each) or text_of(each) for each in values)
    return [id for id in found if id]


def sprints_of(site: JiraSite, issue: e.Issue) -> list[e.Sprint]:
    """The sprints that an issue is in, or was in when they were closed."""
    found = (site.sprints.get(id) for id in sprint_ids(issue.fields.get(SPRINT_FIELD)))
    return [sprint for sprint in found if sprint is not None]


def current_sprint(site: JiraSite, issue: e.Issue) -> e.Sprint | None:
    """The future or active sprint that an issue is in."""
    return next((each for each in sprints_of(site, issue) if each.state != "closed"), None)


def with_closed_sprints(site: JiraSite, issue: e.Issue, values: dict[str, Json]) -> dict[str, Json]:
    """New values of fields: an issue that goes elsewhere keeps the sprints that are closed."""
    if SPRINT_FIELD not in values:
        return values
    new = sprint_ids(values[SPRINT_FIELD])
    closed = [each.id for each in sprints_of(site, issue) if each.state == "closed"]
    return {**values, SPRINT_FIELD: [*(id for id in closed if id not in new), *new]}


def issues_of_sprint(site: JiraSite, sprint: e.Sprint) -> list[e.Issue]:
    """The issues of a sprint, oldest first: nothing else ranks them here."""
    found = [x for x in site.issues if sprint.id in sprint_ids(x.fields.get(SPRINT_FIELD))]
    return sorted(found, key=lambda issue: id_order(issue.id))


def issues_of_board(site: JiraSite, board: e.Board) -> list[e.Issue]:
    """The issues of the board's project, oldest first."""
    return site.issues.children(board.project)


def backlog_of(site: JiraSite, board: e.Board) -> list[e.Issue]:
    """The issues that are not done and in no future or active sprint."""
    return [
        issue
        for issue in issues_of_board(site, board)
        if current_sprint(site, issue) is None
        and not ((status := site.statuses.get(issue.status)) and status.category == "done")
    ]
