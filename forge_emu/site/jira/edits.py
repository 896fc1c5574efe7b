"""Edits of issues: what an app sends, the issue that comes of it, and what its changelog says."""

from __future__ import annotations

from typing import Any, Final

from msgspec import structs

from forge_emu.model import Json
from forge_emu.site.jira import entities as e
from forge_emu.site.jira.adf import text_of_document
from forge_emu.site.jira.agile.sprints import sprint_ids
from forge_emu.site.jira.defaults import SPRINT_FIELD
from forge_emu.site.jira.field_values import FieldError, reader_of
from forge_emu.site.jira.jira_site import JiraSite

_OWN: Final = ("summary", "issuetype", "priority", "assignee", "reporter", "status", "resolution")
"""Fields of `Issue` itself; the others lie in its `fields`."""

_LISTS: Final = ("labels", "components", "fixVersions", "versions")


class EditError(Exception):
    """An edit that Jira refuses: texts by field."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(errors)
        self.errors = errors


def value_of(issue: e.Issue, field: str) -> Json:
    """What an issue has in a field, in the form that the site keeps."""
    if field == SPRINT_FIELD:
        return list(sprint_ids(issue.fields.get(field)))
    return getattr(issue, field) if field in _OWN else issue.fields.get(field)


def with_values(issue: e.Issue, values: dict[str, Json], now_ms: int) -> e.Issue:
    """The issue with new values of fields."""
    own = {name: value for name, value in values.items() if name in _OWN}
    others = {name: value for name, value in values.items() if name not in _OWN}
    fields = {**issue.fields, **others} if others else issue.fields
    return structs.replace(issue, **own, fields=fields, updated=now_ms)


def read_edit(
    site: JiraSite, issue: e.Issue | None, body: dict[str, Json], version: str
) -> dict[str, Json]:
    """The new values of the fields that `fields` and `update` of a request name.

    `issue` is the one that is edited, None for a new one. Raises EditError with every problem.
    """
    errors: dict[str, str] = {}
    values: dict[str, Json] = {}
    fields, update = body.get("fields"), body.get("update")
    for field, value in fields.items() if isinstance(fields, dict) else ():
        _read_value(site, field, value, version, values, errors)
    for field, operations in update.items() if isinstance(update, dict) else ():
        if field in ("comment", "worklog", "issuelinks"):
            continue
        if isinstance(fields, dict) and field in fields:
            errors[field] = f"Field '{field}' cannot be set. It is in both `fields` and `update`."
            continue
        before = values.get(field, value_of(issue, field) if issue else None)
        for operation in operations if isinstance(operations, list) else ():
            if isinstance(operation, dict):
                before = _operated(field, before, operation)
        _read_value(site, field, before, version, values, errors)
    if errors:
        raise EditError(errors)
    return values


def _read_value(
    site: JiraSite,
    field: str,
    value: Json,
    version: str,
    values: dict[str, Json],
    errors: dict[str, str],
) -> None:
    read = reader_of(field)
    if read is None:
        errors[field] = (
            f"Field '{field}' cannot be set. It is not on the appropriate screen, or unknown."
        )
        return
    try:
        values[field] = read(site, value, version)
    except FieldError as error:
        errors[field] = str(error)


def _operated(field: str, before: Json, operation: dict[str, Json]) -> Json:
    """The value after `{add: x}`, `{remove: x}` or `{set: x}`."""
    for verb, value in operation.items():
        if verb == "set" or verb == "edit":
            before = value
        elif field in _LISTS or isinstance(before, list):
            present = list(before) if isinstance(before, list) else []
            if verb == "add":
                before = [*present, value] if value not in present else present
            elif verb == "remove":
                before = [each for each in present if not _is_same(each, value)]
    return before


def _is_same(present: Json, given: Json) -> bool:
    if isinstance(present, dict) and isinstance(given, dict):
        return any(present.get(name) == given[name] for name in ("id", "name") if name in given)
    return bool(present == given)


def history_items(
    site: JiraSite, before: e.Issue, values: dict[str, Json]
) -> tuple[e.HistoryItem, ...]:
    """What the changelog says of an edit: an item for each field that has another value."""
    found = []
    for field, value in values.items():
        old = value_of(before, field)
        if old != value and (old or value):
            from_id, from_text = _as_texts(site, field, old)
            to_id, to_text = _as_texts(site, field, value)
            kind = "custom" if field.startswith("customfield_") else "jira"
            known = site.fields.get(field)
            name = known.name if known and kind == "custom" else field
            found.append(e.HistoryItem(name, field, kind, from_id, from_text, to_id, to_text))
    return tuple(found)


def _as_texts(site: JiraSite, field: str, value: Json) -> tuple[str | None, str | None]:
    """A value's id, where it has one, and its text."""
    if value is None:
        return None, None
    if field in ("assignee", "reporter"):
        user = site.users.get(value)
        return value, user.name if user else value
    catalogue = {
        "issuetype": site.issue_types, "priority": site.priorities,
        "status": site.statuses, "resolution": site.resolutions,
    }.get(field)  # fmt: skip
    if catalogue is not None:
        thing: Any = catalogue.get(value)  # type: ignore[attr-defined]
        return value, thing.name if thing else value
    if field == "parent":
        issue = site.issues.get(value)
        return value, issue.key if issue else value
    if field == SPRINT_FIELD:
        sprints = [site.sprints.get(id) for id in value]
        names = [sprint.name if sprint else id for sprint, id in zip(sprints, value, strict=True)]
        return ", ".join(value), ", ".join(names)
    if field == "labels":
        return None, " ".join(value)
    if field in ("description", "environment"):
        return None, text_of_document(value)
    if field == "duedate":
        return value, value
    if isinstance(value, list):
        names = [
            str(x.get("name") or x.get("value")) if isinstance(x, dict) else str(x) for x in value
        ]
        return None, ", ".join(names)
    return None, value if isinstance(value, str) else str(value)
