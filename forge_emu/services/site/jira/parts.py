"""Versions and components of projects, and the events of what changes them.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-project-versions/,
https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-project-components/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final, Literal, TypeAlias

from msgspec import structs

from forge_emu import settings as s
from forge_emu.model import Json
from forge_emu.services.site.call import Answer, SiteCall, SiteEvent
from forge_emu.services.site.jira.errors import bad_request, not_found
from forge_emu.services.site.jira.finding import find_project
from forge_emu.services.site.paging import cut, page_bean, page_bounds
from forge_emu.services.site.routes import Route
from forge_emu.site.collection import Collection
from forge_emu.site.jira import entities as e
from forge_emu.site.jira.payloads import head
from forge_emu.site.jira.views import part_view, self_url, user_view

PartKind: TypeAlias = Literal["version", "component"]

_GIVEN: Final[dict[PartKind, tuple[str, ...]]] = {
    "version": ("description", "archived", "released", "releaseDate", "startDate"),
    "component": ("description", "assigneeType"),
}
"""What of a body is kept as it is."""

_FLAGS: Final = (("released", "released", "unreleased"), ("archived", "archived", "unarchived"))
"""Flags of a version, with the verbs of the events when one is set and when it is taken back."""


def list_parts(kind: PartKind, call: SiteCall) -> Answer:
    """`GET /rest/api/3/project/{projectIdOrKey}/version` and `/component`: pages of them."""
    word = (call.param("query") or "").lower()
    project = find_project(call)
    found = [
        _view(call, kind, each)
        for each in _parts(call, kind).children(project.id)
        if word in each.name.lower()
    ]
    start, size = page_bounds(call, 50, 50)
    body = page_bean(found, start, size, self=self_url(f"project/{project.id}/{kind}"))
    return Answer(body=body, objects=len(cut(found, start, size)))


def get_part(kind: PartKind, call: SiteCall) -> Answer:
    """`GET /rest/api/3/version/{id}` and `component/{id}`."""
    return Answer(body=_view(call, kind, _find(call, kind)))


def create_part(kind: PartKind, call: SiteCall) -> Answer:
    """`POST /rest/api/3/version` and `component`."""
    body, site = call.object(), call.site.jira
    named = body.get("projectId") or body.get("project")
    project = site.projects.find(str(named or ""))
    if project is None:
        if not named:
            raise bad_request(project="Project must be specified")
        raise not_found(f"No project could be found with key '{named}'.")
    parts = _parts(call, kind)
    name = _name(kind, body, parts.children(project.id))
    part = parts.put(
        e.ProjectPart(parts.new_id(), project.id, name, _fields(call, kind, body, project))
    )
    return Answer(201, _view(call, kind, part), [_event(call, kind, "created", part)])


def edit_part(kind: PartKind, call: SiteCall) -> Answer:
    """`PUT /rest/api/3/version/{id}` and `component/{id}`."""
    old, body = _find(call, kind), call.object()
    project = call.site.jira.projects.get(old.project)
    others = [x for x in _parts(call, kind).children(old.project) if x.id != old.id]
    name = _name(kind, body, others) if "name" in body else old.name
    fields = {**old.fields, **_fields(call, kind, body, project)}
    new = _parts(call, kind).put(structs.replace(old, name=name, fields=fields))
    verbs = [] if kind == "component" else list(_flag_verbs(old, new))
    verbs = verbs or ["updated"]
    return Answer(200, _view(call, kind, new), [_event(call, kind, verb, new) for verb in verbs])


def delete_part(kind: PartKind, call: SiteCall) -> Answer:
    """`DELETE /rest/api/3/version/{id}` and `component/{id}`."""
    part = _find(call, kind)
    event = _event(call, kind, "deleted", part)
    _parts(call, kind).remove(part.id)
    return Answer(204, None, [event])


def _parts(call: SiteCall, kind: PartKind) -> Collection[e.ProjectPart]:
    return call.site.jira.versions if kind == "version" else call.site.jira.components


def _find(call: SiteCall, kind: PartKind) -> e.ProjectPart:
    found = _parts(call, kind).get(call.names["id"])
    if found is None:
        raise not_found(f"Could not find {kind} for id '{call.names['id']}'")
    return found


def _name(kind: PartKind, body: dict[str, Json], others: Sequence[e.ProjectPart]) -> str:
    """The name given. Raises SiteError (400) for none, and for one that another part has."""
    name = body.get("name")
    if not isinstance(name, str) or not name.strip():
        raise bad_request(name=f"You must specify a valid {kind} name")
    if any(each.name.lower() == name.lower() for each in others):
        raise bad_request(name=f"A {kind} with this name already exists in this project.")
    return name


def _fields(
    call: SiteCall, kind: PartKind, body: dict[str, Json], project: e.Project | None
) -> dict[str, Json]:
    fields = {name: body[name] for name in _GIVEN[kind] if name in body}
    if kind == "component":
        if isinstance(lead := body.get("leadAccountId"), str):
            fields["lead"] = user_view(call.site.jira, lead)
        if project is not None:
            fields |= {"project": project.key, "projectId": int(project.id)}
    return fields


def _flag_verbs(old: e.ProjectPart, new: e.ProjectPart) -> Iterator[str]:
    for flag, on, off in _FLAGS:
        before, after = old.fields.get(flag) is True, new.fields.get(flag) is True
        if before != after:
            yield on if after else off


def _view(call: SiteCall, kind: PartKind, part: e.ProjectPart) -> Json:
    del call
    return part_view(part, kind)


def _event(call: SiteCall, kind: PartKind, verb: str, part: e.ProjectPart) -> SiteEvent:
    name = f"avi:jira:{verb}:{kind}"
    payload = {
        **head(name, call.account, call.now_ms),
        kind: part_view(part, kind),
        "atlassianId": call.account,
    }
    return SiteEvent(name, payload)


def _routes(kind: PartKind) -> Iterator[Route]:
    scope = "project-version" if kind == "version" else "project.component"
    read = ("read:jira-work", f"read:{scope}:jira")
    write = ("manage:jira-project", "manage:jira-configuration", f"write:{scope}:jira")
    delete = (*write[:2], f"delete:{scope}:jira")
    base = f"/rest/api/{{version}}/{kind}"
    listed = f"/rest/api/{{version}}/project/{{project}}/{kind}"
    yield Route("GET", listed, partial(list_parts, kind), read)
    yield Route("POST", base, partial(create_part, kind), write, "write")
    yield Route("GET", f"{base}/{{id}}", partial(get_part, kind), read)
    burst = s.JIRA_COMPONENT_PUTS if kind == "component" else None
    yield Route("PUT", f"{base}/{{id}}", partial(edit_part, kind), write, "write", burst=burst)
    yield Route("DELETE", f"{base}/{{id}}", partial(delete_part, kind), delete, "write")


ROUTES: Final = (*_routes("version"), *_routes("component"))
"""Operations on versions and components."""
