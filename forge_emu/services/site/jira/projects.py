"""Projects, and what they have."""

from __future__ import annotations

from collections.abc import Sequence

from forge_emu.model import Json
from forge_emu.services.site.call import Answer, SiteCall
from forge_emu.services.site.jira.finding import find_project
from forge_emu.services.site.paging import cut, page_bean, page_bounds
from forge_emu.site.jira import views
from forge_emu.site.jira.views import self_url


def list_projects(call: SiteCall) -> Answer:
    """`GET /rest/api/3/project`."""
    site = call.site.jira
    return _counted([views.project_view(site, each) for each in site.projects])


def search_projects(call: SiteCall) -> Answer:
    """`GET /rest/api/3/project/search`."""
    site, word = call.site.jira, (call.param("query") or "").lower()
    keys, ids = call.params("keys"), call.params("id")
    details = bool(call.params("expand"))
    found = [
        views.project_view(site, each, details=details)
        for each in site.projects
        if word in f"{each.key} {each.name}".lower()
        and (not keys or each.key in keys)
        and (not ids or each.id in ids)
    ]
    start, size = page_bounds(call, 50, 100)
    body = page_bean(found, start, size, self=self_url("project/search"))
    return Answer(body=body, objects=len(cut(found, start, size)))


def get_project(call: SiteCall) -> Answer:
    """`GET /rest/api/3/project/{projectIdOrKey}`."""
    return Answer(body=views.project_view(call.site.jira, find_project(call), details=True))


def project_statuses(call: SiteCall) -> Answer:
    """`GET /rest/api/3/project/{projectIdOrKey}/statuses`: by issue type."""
    find_project(call)
    statuses = [views.status_view(each) for each in call.site.jira.statuses]
    found = [
        {
            "self": self_url(f"issuetype/{each.id}"),
            "id": each.id,
            "name": each.name,
            "subtask": each.level < 0,
            "statuses": statuses,
        }
        for each in call.site.jira.issue_types
    ]
    return _counted(found)


def project_versions(call: SiteCall) -> Answer:
    """`GET /rest/api/3/project/{projectIdOrKey}/versions`."""
    found = call.site.jira.versions.children(find_project(call).id)
    return _counted([views.part_view(each, "version") for each in found])


def project_components(call: SiteCall) -> Answer:
    """`GET /rest/api/3/project/{projectIdOrKey}/components`."""
    found = call.site.jira.components.children(find_project(call).id)
    return _counted([views.part_view(each, "component") for each in found])


def _counted(found: Sequence[Json]) -> Answer:
    return Answer(body=list(found), objects=len(found))
