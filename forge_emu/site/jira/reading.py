"""Reads the values of payloads, which may lack or misname anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from forge_emu.model import Json
from forge_emu.site.collection import Collection
from forge_emu.site.jira import entities as e
from forge_emu.site.jira.jira_site import JiraSite
from forge_emu.site.values import account_id, id_of, text_of

T = TypeVar("T", bound=msgspec.Struct)


def catalogued(
    collection: Collection[Any], value: Json, new: Callable[[str, dict[str, Json]], Any]
) -> str | None:
    """The id of a thing of a catalogue; one that the site does not have is added."""
    id = id_of(value)
    if id is not None and id not in collection:
        collection.put(new(id, value))
    return None if id is None else collection.own_id(id)


def new_issue_type(id: str, value: dict[str, Json]) -> e.IssueType:
    """An issue type that a payload tells of."""
    level = -1 if value.get("subtask") is True else 0
    return e.IssueType(id, *_name_and_description(id, value), level)


def new_status(id: str, value: dict[str, Json]) -> e.Status:
    """A status that a payload tells of."""
    category = value.get("statusCategory")
    key = text_of(category.get("key")) if isinstance(category, dict) else None
    name, description = _name_and_description(id, value)
    return e.Status(id, name, key or "undefined", description)


def new_named(id: str, value: dict[str, Json]) -> e.NamedThing:
    """A priority or a resolution that a payload tells of."""
    return e.NamedThing(id, *_name_and_description(id, value))


def project_of(site: JiraSite, value: Json, key: str, old: e.Issue | None) -> str:
    """The id of an issue's project, which exists from now on."""
    id = id_of(value)
    if id is None:
        known = site.projects.find(key.rpartition("-")[0])
        id = old.project if old else known.id if known else None
    if id is not None and id in site.projects:
        return site.projects.own_id(id)
    given = value if isinstance(value, dict) else {}
    project_key = text_of(given.get("key")) or key.rpartition("-")[0]
    new_id = id or site.projects.new_id()
    name = text_of(given.get("name")) or project_key
    kind = text_of(given.get("projectTypeKey")) or "software"
    site.projects.put(e.Project(new_id, project_key, name, kind))
    return new_id


def note_users(site: JiraSite, payload: dict[str, Json]) -> None:
    """Everybody whom a payload names has an account."""
    found = [payload.get("atlassianId")]
    issue = payload.get("issue")
    fields = issue.get("fields") if isinstance(issue, dict) else None
    if isinstance(fields, dict):
        found += [fields.get("creator"), fields.get("reporter"), fields.get("assignee")]
    for name in ("comment", "worklog", "attachment"):
        if isinstance(thing := payload.get(name), dict):
            found.append(thing.get("author"))
    for value in found:
        account = account_id(value)
        if account is not None and account not in site.users:
            given = value.get("displayName") if isinstance(value, dict) else None
            site.users.put(e.User(account, text_of(given) or f"User {account[-6:]}"))


def _name_and_description(id: str, value: dict[str, Json]) -> tuple[str, str]:
    return text_of(value.get("name")) or id, text_of(value.get("description")) or ""
