"""What can be set when an issue is made or edited: `createmeta` and `editmeta`.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/. Every issue type has
every field, which is an emulator choice: a site of Jira has screens.
"""

from __future__ import annotations

from typing import Final

from forge_emu.model import Json
from forge_emu.services.site.call import Answer, SiteCall
from forge_emu.services.site.jira.errors import not_found
from forge_emu.services.site.jira.finding import find_issue, find_project
from forge_emu.services.site.paging import cut, page_bounds
from forge_emu.services.site.routes import Route
from forge_emu.site.jira import entities as e
from forge_emu.site.jira import views
from forge_emu.site.jira.field_catalogue import NOT_SETTABLE

_REQUIRED: Final = ("summary", "issuetype", "project")


def list_types(call: SiteCall) -> Answer:
    """`GET /rest/api/3/issue/createmeta/{projectIdOrKey}/issuetypes`."""
    find_project(call)
    found = [views.issue_type_view(each) for each in call.site.jira.issue_types]
    return _page(call, "issueTypes", list(found))


def list_type_fields(call: SiteCall) -> Answer:
    """`GET /rest/api/3/issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}`."""
    project = find_project(call)
    if call.names["type"] not in call.site.jira.issue_types:
        raise not_found("The issue type could not be found.")
    return _page(call, "fields", list(_fields(call, project).values()))


def old_create_meta(call: SiteCall) -> Answer:
    """`GET /rest/api/3/issue/createmeta`: by project and issue type; fields where expanded."""
    site, expand = call.site.jira, ",".join(call.params("expand"))
    keys, ids = call.params("projectKeys"), call.params("projectIds")
    kinds, names = call.params("issuetypeIds"), call.params("issuetypeNames")
    found: list[Json] = []
    for project in site.projects:
        if (keys or ids) and project.key not in keys and project.id not in ids:
            continue
        types = [
            {
                **views.issue_type_view(each),
                "expand": "fields",
                **({"fields": _fields(call, project)} if "fields" in expand else {}),
            }
            for each in site.issue_types
            if not (kinds or names) or each.id in kinds or each.name in names
        ]
        view = views.project_view(site, project)
        found.append({**view, "expand": "issuetypes", "issuetypes": types})
    return Answer(body={"expand": "projects", "projects": found}, objects=len(found))


def edit_meta(call: SiteCall) -> Answer:
    """`GET /rest/api/3/issue/{issueIdOrKey}/editmeta`."""
    project = call.site.jira.projects.get(find_issue(call).project)
    fields = _fields(call, project)
    fields.pop("project", None)
    return Answer(body={"fields": fields})


def _page(call: SiteCall, name: str, found: list[Json]) -> Answer:
    start, size = page_bounds(call, 50, 200)
    page = list(cut(found, start, size))
    body = {"startAt": start, "maxResults": size, "total": len(found), name: page}
    return Answer(body=body, objects=len(page))


def _fields(call: SiteCall, project: e.Project | None) -> dict[str, Json]:
    settable = [x for x in call.site.jira.fields if x.id not in NOT_SETTABLE or x.id == "project"]
    return {each.id: _field(call, each, project) for each in settable}


def _field(call: SiteCall, field: e.Field, project: e.Project | None) -> Json:
    is_list = field.schema.get("type") == "array"
    view: dict[str, Json] = {
        "required": field.id in _REQUIRED,
        "schema": field.schema,
        "name": field.name,
        "key": field.id,
        "fieldId": field.id,
        "hasDefaultValue": field.id == "priority",
        "operations": ["add", "set", "remove"] if is_list else ["set"],
    }
    if (allowed := _allowed(call, field.id, project)) is not None:
        view["allowedValues"] = allowed
    return view


def _allowed(call: SiteCall, id: str, project: e.Project | None) -> list[Json] | None:
    """The values that a field can have, where it has a list of them."""
    site = call.site.jira
    of_project = project.id if project else ""
    if id == "priority":
        return [views.named_view(each, "priority") for each in site.priorities]
    if id == "issuetype":
        return [views.issue_type_view(each) for each in site.issue_types]
    if id == "project" and project is not None:
        return [views.project_view(site, project)]
    if id == "components":
        return [views.part_view(x, "component") for x in site.components.children(of_project)]
    if id in ("fixVersions", "versions"):
        return [views.part_view(x, "version") for x in site.versions.children(of_project)]
    return None


_META: Final = "/rest/api/{version}/issue/createmeta"
_READ: Final = ("read:jira-work", "read:issue-meta:jira")

ROUTES: Final = (
    Route("GET", _META, old_create_meta, _READ),
    Route("GET", f"{_META}/{{project}}/issuetypes", list_types, _READ),
    Route("GET", f"{_META}/{{project}}/issuetypes/{{type}}", list_type_fields, _READ),
    Route("GET", "/rest/api/{version}/issue/{issue}/editmeta", edit_meta, _READ),
)
"""Operations that tell which fields can be set."""
