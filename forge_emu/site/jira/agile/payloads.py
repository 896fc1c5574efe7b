"""The product events that Jira Software makes of a change of a sprint.

https://developer.atlassian.com/platform/forge/events-reference/jira-software/. They have neither
`selfGenerated` nor a time of their own.
"""

from __future__ import annotations

from typing import Final

from forge_emu.model import Json
from forge_emu.site.dates import jira_time
from forge_emu.site.jira import entities as e

CREATED: Final = "avi:jira-software:created:sprint"
UPDATED: Final = "avi:jira-software:updated:sprint"
STARTED: Final = "avi:jira-software:started:sprint"
CLOSED: Final = "avi:jira-software:closed:sprint"
DELETED: Final = "avi:jira-software:deleted:sprint"


def sprint_of_event(sprint: e.Sprint) -> dict[str, Json]:
    """A sprint as payloads have it; ids are texts, and dates that it does not have left out."""
    times = {
        "createDate": sprint.created,
        "startDate": sprint.start,
        "endDate": sprint.end,
        "completeDate": sprint.completed,
    }
    return {
        "id": sprint.id,
        "originBoardId": sprint.board,
        "name": sprint.name,
        "goal": sprint.goal,
        "state": sprint.state,
        **{name: jira_time(at) for name, at in times.items() if at is not None},
    }


def sprint_event(
    name: str, sprint: e.Sprint, account: str | None, before: e.Sprint | None = None
) -> dict[str, Json]:
    """An event about a sprint. With `before`, `oldValue` has what was changed, as it was."""
    view = sprint_of_event(sprint)
    payload: dict[str, Json] = {"eventType": name, "sprint": view, "atlassianId": account}
    if before is not None:
        old = sprint_of_event(before)
        changed = [key for key in {**old, **view} if old.get(key) != view.get(key)]
        payload["oldValue"] = {key: old.get(key) for key in changed}
    return payload
