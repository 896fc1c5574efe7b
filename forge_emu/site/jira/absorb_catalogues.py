"""What product events tell of projects, versions, components, links, issue types and users."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec import structs

from forge_emu.model import Json
from forge_emu.site.collection import Collection
from forge_emu.site.jira import entities as e
from forge_emu.site.jira.jira_site import JiraSite
from forge_emu.site.jira.reading import new_issue_type
from forge_emu.site.values import account_id, id_of, text_of

_Payload = dict[str, Json]
_Absorb = Callable[[JiraSite, _Payload, int], None]


def _object(payload: _Payload, name: str) -> tuple[_Payload, str | None]:
    given = payload.get(name)
    return (given, id_of(given)) if isinstance(given, dict) else ({}, None)


def _put_project(site: JiraSite, payload: _Payload, now_ms: int) -> None:
    del now_ms
    given, id = _object(payload, "project")
    if id is None:
        return
    old = site.projects.get(id)
    key = text_of(given.get("key")) or (old.key if old else f"P{id}")
    site.projects.put(
        e.Project(
            id=id,
            key=key,
            name=text_of(given.get("name")) or (old.name if old else key),
            type_key=text_of(given.get("projectTypeKey")) or (old.type_key if old else "software"),
            lead=account_id(given.get("lead")) or (old.lead if old else None),
            description=text_of(given.get("description")) or (old.description if old else ""),
            simplified=given.get("simplified") is True,
        )
    )


def _archive_project(site: JiraSite, payload: _Payload, now_ms: int) -> None:
    _put_project(site, payload, now_ms)
    if project := site.projects.get(_object(payload, "project")[1] or ""):
        site.projects.put(structs.replace(project, archived=True))


def _delete_project(site: JiraSite, payload: _Payload, now_ms: int) -> None:
    del now_ms
    if id := _object(payload, "project")[1]:
        site.remove_project(id)


def _put_version(site: JiraSite, payload: _Payload, now_ms: int) -> None:
    del now_ms
    _put_part(site, site.versions, *_object(payload, "version"))


def _delete_version(site: JiraSite, payload: _Payload, now_ms: int) -> None:
    del now_ms
    site.versions.remove(_object(payload, "version")[1] or "")


def _put_component(site: JiraSite, payload: _Payload, now_ms: int) -> None:
    del now_ms
    _put_part(site, site.components, *_object(payload, "component"))


def _delete_component(site: JiraSite, payload: _Payload, now_ms: int) -> None:
    del now_ms
    site.components.remove(_object(payload, "component")[1] or "")


def _put_part(
    site: JiraSite, parts: Collection[e.ProjectPart], given: _Payload, id: str | None
) -> None:
    if id is None:
        return
    old = parts.get(id)
    named = site.projects.find(text_of(given.get("project")) or "")
    project = text_of(given.get("projectId")) or (named.id if named else None)
    own = ("id", "name", "projectId", "project", "self")
    fields = {name: value for name, value in given.items() if name not in own}
    parts.put(
        e.ProjectPart(
            id,
            project or (old.project if old else ""),
            text_of(given.get("name")) or (old.name if old else id),
            {**old.fields, **fields} if old else fields,
        )
    )


def _put_issue_type(site: JiraSite, payload: _Payload, now_ms: int) -> None:
    del now_ms
    given, id = _object(payload, "issueType")
    if id is not None:
        site.issue_types.put(new_issue_type(id, given))


def _delete_issue_type(site: JiraSite, payload: _Payload, now_ms: int) -> None:
    del now_ms
    site.issue_types.remove(_object(payload, "issueType")[1] or "")


def _put_user(site: JiraSite, payload: _Payload, now_ms: int) -> None:
    del now_ms
    given = payload.get("user")
    if isinstance(given, dict) and (account := account_id(given)):
        name = text_of(given.get("displayName")) or f"User {account[-6:]}"
        site.users.put(e.User(account, name, active=given.get("active") is not False))


def _delete_user(site: JiraSite, payload: _Payload, now_ms: int) -> None:
    del now_ms
    site.users.remove(account_id(payload.get("user")) or "")


def _put_link(site: JiraSite, payload: _Payload, now_ms: int) -> None:
    del now_ms
    id, kind = text_of(payload.get("id")), payload.get("issueLinkType")
    source, target = (text_of(payload.get(f"{end}IssueId")) for end in ("source", "destination"))
    type_id = id_of(kind)
    if id is None or source is None or target is None or type_id is None:
        return
    if type_id not in site.link_types and isinstance(kind, dict):
        inward, outward, name = (
            text_of(kind.get(word)) or "" for word in ("inward", "outward", "name")
        )
        site.link_types.put(e.LinkType(type_id, name, inward, outward))
    site.links.put(e.IssueLink(id, type_id, target, source))


def _delete_link(site: JiraSite, payload: _Payload, now_ms: int) -> None:
    del now_ms
    site.links.remove(text_of(payload.get("id")) or "")


CATALOGUE_EVENTS: Final[dict[str, _Absorb]] = {
    **dict.fromkeys(
        ("created:project", "updated:project", "unarchived:project", "restored:project"),
        _put_project,
    ),
    "archived:project": _archive_project,
    **dict.fromkeys(("deleted:project", "softdeleted:project"), _delete_project),
    **{
        f"{verb}:version": _put_version
        for verb in (
            "created",
            "updated",
            "released",
            "unreleased",
            "archived",
            "unarchived",
            "moved",
        )
    },
    **dict.fromkeys(("deleted:version", "merged:version"), _delete_version),
    **dict.fromkeys(("created:component", "updated:component"), _put_component),
    "deleted:component": _delete_component,
    **dict.fromkeys(("created:issuetype", "updated:issuetype"), _put_issue_type),
    "deleted:issuetype": _delete_issue_type,
    **dict.fromkeys(("created:user", "updated:user"), _put_user),
    "deleted:user": _delete_user,
    "created:issuelink": _put_link,
    "deleted:issuelink": _delete_link,
}
"""By the name of the event without `avi:jira:`."""
