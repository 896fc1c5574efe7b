"""Fields, issue types, statuses, priorities and the like; the server and its configuration."""

from __future__ import annotations

from forge_emu.model import Json
from forge_emu.services.site.call import Answer, SiteCall
from forge_emu.services.site.jira.errors import not_found
from forge_emu.services.site.paging import cut, page_bean, page_bounds
from forge_emu.site.dates import jira_time
from forge_emu.site.jira import entities as e
from forge_emu.site.jira import views
from forge_emu.site.jira.defaults import CATEGORIES
from forge_emu.site.jira.field_catalogue import NOT_SETTABLE
from forge_emu.site.jira.issue_view import NOT_NAVIGABLE, link_type_view
from forge_emu.site.jira.views import BASE


def list_fields(call: SiteCall) -> Answer:
    """`GET /rest/api/3/field`."""
    return _counted([_field_view(each) for each in call.site.jira.fields])


def search_fields(call: SiteCall) -> Answer:
    """`GET /rest/api/3/field/search`."""
    word, kinds = (call.param("query") or "").lower(), call.params("type")
    found = [
        {"id": each.id, "name": each.name, "schema": each.schema, "description": each.description}
        for each in call.site.jira.fields
        if word in each.name.lower() and (not kinds or ("custom" in kinds) == each.custom)
    ]
    start, size = page_bounds(call, 50, 100)
    return Answer(body=page_bean(found, start, size), objects=len(cut(found, start, size)))


def list_issue_types(call: SiteCall) -> Answer:
    """`GET /rest/api/3/issuetype`."""
    return _counted([views.issue_type_view(each) for each in call.site.jira.issue_types])


def issue_types_of_project(call: SiteCall) -> Answer:
    """`GET /rest/api/3/issuetype/project?projectId=`: those of every project."""
    if call.site.jira.projects.get(call.param("projectId") or "") is None:
        raise not_found("The project does not exist.")
    return list_issue_types(call)


def get_issue_type(call: SiteCall) -> Answer:
    """`GET /rest/api/3/issuetype/{id}`."""
    found = call.site.jira.issue_types.get(call.names["id"])
    if found is None:
        raise not_found("The issue type could not be found.")
    return Answer(body=views.issue_type_view(found))


def list_statuses(call: SiteCall) -> Answer:
    """`GET /rest/api/3/status`."""
    return _counted([views.status_view(each) for each in call.site.jira.statuses])


def get_status(call: SiteCall) -> Answer:
    """`GET /rest/api/3/status/{idOrName}`."""
    name = call.names["id"]
    for each in call.site.jira.statuses:
        if name in (each.id, each.name):
            return Answer(body=views.status_view(each))
    raise not_found(f"Status with id or name '{name}' does not exist.")


def list_categories(call: SiteCall) -> Answer:
    """`GET /rest/api/3/statuscategory`."""
    return _counted([views.category_view(key) for key in CATEGORIES])


def list_priorities(call: SiteCall) -> Answer:
    """`GET /rest/api/3/priority`."""
    return _counted([views.named_view(x, "priority") for x in call.site.jira.priorities])


def search_priorities(call: SiteCall) -> Answer:
    """`GET /rest/api/3/priority/search`."""
    found = [views.named_view(each, "priority") for each in call.site.jira.priorities]
    start, size = page_bounds(call, 50, 50)
    return Answer(body=page_bean(found, start, size), objects=len(found))


def list_resolutions(call: SiteCall) -> Answer:
    """`GET /rest/api/3/resolution`."""
    return _counted([views.named_view(x, "resolution") for x in call.site.jira.resolutions])


def list_link_types(call: SiteCall) -> Answer:
    """`GET /rest/api/3/issueLinkType`."""
    found = [link_type_view(each) for each in call.site.jira.link_types]
    return Answer(body={"issueLinkTypes": found}, objects=len(found))


def list_labels(call: SiteCall) -> Answer:
    """`GET /rest/api/3/label`."""
    words = {w for issue in call.site.jira.issues for w in issue.fields.get("labels") or ()}
    start, size = page_bounds(call, 1_000, 1_000)
    return Answer(body=page_bean(sorted(words), start, size), objects=len(words))


def server_info(call: SiteCall) -> Answer:
    """`GET /rest/api/3/serverInfo`."""
    body = {
        "baseUrl": BASE,
        "displayUrl": BASE,
        "version": "1001.0.0-SNAPSHOT",
        "versionNumbers": [1001, 0, 0],
        "deploymentType": "Cloud",
        "buildNumber": 100_000,
        "serverTime": jira_time(call.now_ms),
        "scmInfo": "forge-emu",
        "serverTitle": "Jira",
        "defaultLocale": {"locale": "en_US"},
        "serverTimeZone": "Etc/UTC",
    }
    return Answer(body=body)


def configuration(call: SiteCall) -> Answer:
    """`GET /rest/api/3/configuration`: everything is on. An emulator choice."""
    del call
    body: dict[str, Json] = {
        "votingEnabled": True,
        "watchingEnabled": True,
        "unassignedIssuesAllowed": True,
        "subTasksEnabled": True,
        "issueLinkingEnabled": True,
        "timeTrackingEnabled": True,
        "attachmentsEnabled": True,
        "timeTrackingConfiguration": {
            "workingHoursPerDay": 8.0,
            "workingDaysPerWeek": 5.0,
            "timeFormat": "pretty",
            "defaultUnit": "minute",
        },
    }
    return Answer(body=body)


def _field_view(field: e.Field) -> Json:
    system = not field.custom
    return {
        "id": field.id,
        "key": field.id,
        "name": field.name,
        "custom": field.custom,
        "orderable": not system or field.id not in NOT_SETTABLE,
        "navigable": field.id not in NOT_NAVIGABLE,
        "searchable": True,
        "clauseNames": list(field.clause_names),
        "schema": field.schema,
    }


def _counted(found: list[Json]) -> Answer:
    return Answer(body=found, objects=len(found))
