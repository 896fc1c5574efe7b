"""The fields that every issue has, as `GET /rest/api/3/field` lists them."""

from __future__ import annotations

from typing import Final

from forge_emu.model import Json
from forge_emu.site.jira.defaults import SPRINT_FIELD
from forge_emu.site.jira.entities import Field

# Id, name, type, type of a list's items, further names in JQL.
# fmt: off
_SYSTEM: Final[tuple[tuple[str, str, str, str, tuple[str, ...]], ...]] = (
    ("summary", "Summary", "string", "", ()),
    ("description", "Description", "string", "", ()),
    ("issuetype", "Issue Type", "issuetype", "", ("type",)),
    ("project", "Project", "project", "", ()),
    ("status", "Status", "status", "", ()),
    ("statusCategory", "Status Category", "statusCategory", "", ()),
    ("priority", "Priority", "priority", "", ()),
    ("resolution", "Resolution", "resolution", "", ()),
    ("labels", "Labels", "array", "string", ()),
    ("assignee", "Assignee", "user", "", ()),
    ("reporter", "Reporter", "user", "", ()),
    ("creator", "Creator", "user", "", ()),
    ("created", "Created", "datetime", "", ("createdDate",)),
    ("updated", "Updated", "datetime", "", ("updatedDate",)),
    ("resolutiondate", "Resolved", "datetime", "", ("resolutiondate", "resolved")),
    ("duedate", "Due date", "date", "", ("due",)),
    ("environment", "Environment", "string", "", ()),
    ("components", "Components", "array", "component", ("component",)),
    ("fixVersions", "Fix versions", "array", "version", ("fixVersion",)),
    ("versions", "Affects versions", "array", "version", ("affectedVersion",)),
    ("parent", "Parent", "issuelink", "", ()),
    ("subtasks", "Sub-tasks", "array", "issuelinks", ()),
    ("issuelinks", "Linked Issues", "array", "issuelinks", ()),
    ("attachment", "Attachment", "array", "attachment", ("attachments",)),
    ("comment", "Comment", "comments-page", "", ()),
    ("worklog", "Log Work", "array", "worklog", ()),
    ("watches", "Watchers", "watches", "", ("watchers",)),
    ("votes", "Votes", "votes", "", ()),
    ("timespent", "Time Spent", "number", "", ()),
    ("workratio", "Work Ratio", "number", "", ()),
)
# fmt: on

NOT_SETTABLE: Final = frozenset(
    {"status", "statusCategory", "creator", "created", "updated", "resolutiondate", "subtasks",
     "issuelinks", "attachment", "comment", "worklog", "watches", "votes", "timespent",
     "workratio", "resolution", "project"}
)  # fmt: skip
"""What an edit of an issue cannot set: no screen has them."""


def _field(id: str, name: str, type_: str, items: str, names: tuple[str, ...]) -> Field:
    schema: dict[str, Json] = {"type": type_, "system": id}
    if items:
        schema = {"type": type_, "items": items, "system": id}
    return Field(id, name, schema, (id, *names) if id not in names else names)


SYSTEM_FIELDS: Final = tuple(_field(*row) for row in _SYSTEM)

_SPRINT_TYPE: Final = "com.pyxis.greenhopper.jira:gh-sprint"
CUSTOM_FIELDS: Final = (
    Field(
        SPRINT_FIELD,
        "Sprint",
        {"type": "array", "items": "json", "custom": _SPRINT_TYPE, "customId": 10020},
        ("cf[10020]", "Sprint"),
        custom=True,
    ),
)
"""The custom fields that every site with Jira Software has, as far as they are known here."""
