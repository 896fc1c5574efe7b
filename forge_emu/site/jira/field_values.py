"""Values of fields as an app sends them, checked and brought into the form that the site keeps."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from forge_emu.model import Json
from forge_emu.site.collection import Collection
from forge_emu.site.dates import read_time
from forge_emu.site.jira import entities as e
from forge_emu.site.jira import views
from forge_emu.site.jira.adf import document_of, is_document
from forge_emu.site.jira.defaults import SPRINT_FIELD
from forge_emu.site.jira.jira_site import JiraSite

SUMMARY_LENGTH: Final = 255
"""Characters."""


class FieldError(Exception):
    """A value that a field does not take; the text is Jira's."""


def read_summary(site: JiraSite, value: Json, version: str) -> str:
    """A text of one line."""
    if not isinstance(value, str) or not value.strip():
        raise FieldError("You must specify a summary of the issue.")
    if "\n" in value or "\r" in value:
        raise FieldError("The summary is invalid because it contains newline characters.")
    if len(value) > SUMMARY_LENGTH:
        raise FieldError("Summary must be less than 255 characters.")
    return value


def read_document(site: JiraSite, value: Json, version: str) -> Json:
    """A document; in version 2 of the API a text."""
    if value is None:
        return None
    if version == "3":
        if not is_document(value):
            raise FieldError(
                "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
            )
        return value
    if not isinstance(value, str):
        raise FieldError("Operation value must be a string")
    return document_of(value)


def read_person(site: JiraSite, value: Json, version: str) -> str | None:
    """An account, as `{accountId}` or `{id}`; None for nobody."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise FieldError("data was not an object")
    account = value.get("accountId", value.get("id"))
    if account is None or account == "-1":
        return None
    if account not in site.users:
        raise FieldError(f"User '{account}' does not exist.")
    return str(account)


def read_labels(site: JiraSite, value: Json, version: str) -> list[str]:
    """Words; each once, in their order."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise FieldError("data was not an array")
    for label in value:
        if not isinstance(label, str):
            raise FieldError("string expected at index 0")
        if " " in label:
            raise FieldError(f"The label '{label}' contains spaces which is invalid.")
    return list(dict.fromkeys(value))


def read_date(site: JiraSite, value: Json, version: str) -> str | None:
    """A day: `2026-11-24`."""
    if value is None:
        return None
    if not isinstance(value, str) or read_time(value) is None:
        raise FieldError(f"Error parsing date string: {value}")
    return value[:10]


def read_parent(site: JiraSite, value: Json, version: str) -> str | None:
    """The id of the parent issue, given as `{key}` or `{id}`."""
    if value is None:
        return None
    name = value.get("key", value.get("id")) if isinstance(value, dict) else None
    found = site.issues.find(str(name))
    if found is None:
        raise FieldError("Could not find issue by id or key.")
    return found.id


def read_named(things: Collection[Any], value: Json, problem: str) -> str:
    """The id of a thing of a catalogue, given as `{id}` or `{name}`."""
    if isinstance(value, dict):
        id, name = value.get("id"), value.get("name")
        if id is not None and str(id) in things:
            return str(id)
        for thing in things:
            if id is None and name is not None and thing.name.lower() == str(name).lower():
                return str(thing.id)
    raise FieldError(problem)


def read_issue_type(site: JiraSite, value: Json, version: str) -> str:
    """The id of an issue type."""
    return read_named(site.issue_types, value, "Specify a valid issue type")


def read_priority(site: JiraSite, value: Json, version: str) -> str:
    """The id of a priority."""
    return read_named(site.priorities, value, "The priority selected is invalid.")


def _read_parts(kind: str, of: Callable[[JiraSite], Collection[e.ProjectPart]]) -> Any:
    def read(site: JiraSite, value: Json, version: str) -> list[Json]:
        if not isinstance(value, list | None):
            raise FieldError("data was not an array")
        found = []
        for each in value or ():
            name = each.get("name", each.get("id")) if isinstance(each, dict) else each
            problem = f"{kind.capitalize()} name '{name}' is not valid"
            part = of(site).get(read_named(of(site), each, problem))
            if part is not None:
                found.append(views.part_view(part, kind))
        return found

    return read


def read_sprint(site: JiraSite, value: Json, version: str) -> list[str]:
    """A sprint that is not closed, by its number; none for null."""
    if value is None:
        return []
    if not isinstance(value, int) or isinstance(value, bool):
        raise FieldError("Number value expected as the Sprint id.")
    sprint = site.sprints.get(str(value))
    if sprint is None or sprint.state == "closed":
        raise FieldError(f"The sprint with id '{value}' does not exist or is closed.")
    return [sprint.id]


def read_anything(site: JiraSite, value: Json, version: str) -> Json:
    """A value of a custom field, as it is."""
    return value


FieldReader = Callable[[JiraSite, Json, str], Json]

FIELD_READERS: Final[dict[str, FieldReader]] = {
    "summary": read_summary,
    "description": read_document,
    "environment": read_document,
    "issuetype": read_issue_type,
    "priority": read_priority,
    "assignee": read_person,
    "reporter": read_person,
    "labels": read_labels,
    "duedate": read_date,
    "parent": read_parent,
    "components": _read_parts("component", lambda site: site.components),
    "fixVersions": _read_parts("version", lambda site: site.versions),
    "versions": _read_parts("version", lambda site: site.versions),
    SPRINT_FIELD: read_sprint,
}
"""The fields that can be set; a custom field takes anything."""


def reader_of(field: str) -> FieldReader | None:
    """What reads the values of a field; None for one that cannot be set."""
    if field not in FIELD_READERS and re.fullmatch(r"customfield_\d+", field, re.A):
        return read_anything
    return FIELD_READERS.get(field)
