"""Writes of issues: create, edit, assign, delete; each makes the product's own events."""

from __future__ import annotations

from typing import Final

from forge_emu.model import Json
from forge_emu.services.site.call import Answer, SiteCall, SiteError, SiteEvent
from forge_emu.services.site.jira.comments import comment_event, new_comment
from forge_emu.services.site.jira.errors import bad_request
from forge_emu.services.site.jira.finding import api_version, find_issue
from forge_emu.site.jira import entities as e
from forge_emu.site.jira import payloads
from forge_emu.site.jira.agile.sprints import with_closed_sprints
from forge_emu.site.jira.edits import EditError, history_items, read_edit, with_values
from forge_emu.site.jira.field_values import FieldError, read_person
from forge_emu.site.jira.issue_view import issue_view, wanted_fields
from forge_emu.site.jira.views import self_url

CREATED: Final = "avi:jira:created:issue"
UPDATED: Final = "avi:jira:updated:issue"
ASSIGNED: Final = "avi:jira:assigned:issue"
DELETED: Final = "avi:jira:deleted:issue"
MOST_NEW_ISSUES: Final = 50
"""https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/ (bulk create)"""


def create_issue(call: SiteCall) -> Answer:
    """`POST /rest/api/3/issue`."""
    issue, events = _create(call, call.object())
    return Answer(201, _created_view(call, issue), events)


def create_issues(call: SiteCall) -> Answer:
    """`POST /rest/api/3/issue/bulk`: those that are right are made, errors tell of the others."""
    updates = call.object().get("issueUpdates")
    if not isinstance(updates, list) or not updates:
        raise bad_request("No issue data has been provided.")
    if len(updates) > MOST_NEW_ISSUES:
        raise bad_request(f"The maximum number of issues that can be created is {MOST_NEW_ISSUES}.")
    views: list[Json] = []
    errors: list[Json] = []
    events: list[SiteEvent] = []
    for number, each in enumerate(updates):
        try:
            issue, made = _create(call, each if isinstance(each, dict) else {})
        except SiteError as error:
            errors.append({"status": error.status, "elementErrors": error.body,
                           "failedElementNumber": number})  # fmt: skip
            continue
        views.append(_created_view(call, issue))
        events += made
    return Answer(201 if views else 400, {"issues": views, "errors": errors}, events)


def edit_issue(call: SiteCall) -> Answer:
    """`PUT /rest/api/3/issue/{issueIdOrKey}`."""
    issue, body = find_issue(call), call.object()
    version = api_version(call)
    if not any(isinstance(body.get(part), dict) for part in ("fields", "update")):
        raise bad_request("one of 'fields' or 'update' required")
    try:
        values = read_edit(call.site.jira, issue, body, version)
    except EditError as error:
        raise bad_request(**error.errors) from None
    edited, events = apply_edit(call, issue, values)
    events += _added_comments(call, edited, body)
    if call.flag("returnIssue"):
        view = issue_view(call.site.jira, edited, version, wanted_fields((), "*all"))
        return Answer(200, view, events)
    return Answer(204, None, events)


def assign_issue(call: SiteCall) -> Answer:
    """`PUT /rest/api/3/issue/{issueIdOrKey}/assignee`."""
    issue = find_issue(call)
    try:
        account = read_person(call.site.jira, call.object(), api_version(call))
    except FieldError as error:
        raise bad_request(assignee=str(error)) from None
    return Answer(204, None, apply_edit(call, issue, {"assignee": account})[1])


def delete_issue(call: SiteCall) -> Answer:
    """`DELETE /rest/api/3/issue/{issueIdOrKey}`; of what goes with it no event is made."""
    issue, site = find_issue(call), call.site.jira
    children = [
        x for x in site.issues.children(issue.project) if x.fields.get("parent") == issue.id
    ]
    subtasks = [x for x in children if (t := site.issue_types.get(x.issuetype)) and t.level < 0]
    if subtasks and not call.flag("deleteSubtasks"):
        raise bad_request(
            f"The issue '{issue.key}' has subtasks. You must specify the 'deleteSubtasks' "
            "parameter to delete this issue and all its subtasks."
        )
    payload = payloads.issue_event(site, DELETED, issue, call.account, call.now_ms)
    for each in (*subtasks, issue):
        site.remove_issue(each.id)
    return Answer(204, None, [SiteEvent(DELETED, payload)])


def apply_edit(
    call: SiteCall, issue: e.Issue, values: dict[str, Json]
) -> tuple[e.Issue, list[SiteEvent]]:
    """Put new values into an issue; answers it, and the events that this makes."""
    site = call.site.jira
    values = with_closed_sprints(site, issue, values)
    items = history_items(site, issue, values)
    edited = site.issues.put(with_values(issue, values, call.now_ms))
    if items:
        id = site.histories.new_id()
        site.histories.put(e.History(id, issue.id, call.account, call.now_ms, items))
    elif not call.unchanged_edits_tell:
        return edited, []
    updated = payloads.updated_event(site, edited, items, call.account, call.now_ms)
    events = [SiteEvent(UPDATED, updated)]
    assigned = [item for item in items if item.field_id == "assignee"]
    if assigned:
        payload = payloads.issue_event(site, ASSIGNED, edited, call.account, call.now_ms)
        payload["changelog"] = payloads.changelog(assigned)
        events.append(SiteEvent(ASSIGNED, payload))
    return edited, events


def _create(call: SiteCall, body: dict[str, Json]) -> tuple[e.Issue, list[SiteEvent]]:
    site, fields = call.site.jira, body.get("fields")
    fields = dict(fields) if isinstance(fields, dict) else {}
    errors: dict[str, str] = {}
    project = _project_of(call, fields.pop("project", None))
    if project is None:
        errors["project"] = "Specify a valid project ID or key"
    if "issuetype" not in fields:
        errors["issuetype"] = "Specify an issue type"
    if not fields.get("summary"):
        errors["summary"] = "You must specify a summary of the issue."
    values: dict[str, Json] = {}
    try:
        values = read_edit(site, None, {**body, "fields": fields}, api_version(call))
    except EditError as error:
        errors = {**error.errors, **errors}
    if errors or project is None:
        raise bad_request(**errors)
    key = site.next_issue_key(project.key)
    issue = e.Issue(
        id=site.new_issue_id(key),
        key=key,
        project=project.id,
        issuetype=values["issuetype"],
        status=next(iter(site.statuses)).id,
        summary="",
        creator=call.account,
        reporter=call.account,
        assignee=None,
        created=call.now_ms,
        updated=call.now_ms,
    )
    issue = site.issues.put(with_values(issue, values, call.now_ms))
    _put_properties(call, issue, body.get("properties"))
    payload = payloads.issue_event(site, CREATED, issue, call.account, call.now_ms)
    payload["clonedFrom"] = None
    return issue, [SiteEvent(CREATED, payload)]


def _project_of(call: SiteCall, value: Json) -> e.Project | None:
    if not isinstance(value, dict):
        return None
    return call.site.jira.projects.find(str(value.get("id") or value.get("key")))


def _put_properties(call: SiteCall, issue: e.Issue, given: Json) -> None:
    for each in given if isinstance(given, list) else ():
        if isinstance(each, dict) and isinstance(key := each.get("key"), str):
            owner = f"issue/{issue.id}"
            call.site.jira.properties.put(e.Property(owner, key, each.get("value")))


def _added_comments(call: SiteCall, issue: e.Issue, body: dict[str, Json]) -> list[SiteEvent]:
    update = body.get("update")
    operations = update.get("comment") if isinstance(update, dict) else None
    added = [
        operation["add"]
        for operation in (operations if isinstance(operations, list) else ())
        if isinstance(operation, dict) and isinstance(operation.get("add"), dict)
    ]
    return [comment_event(call, issue, new_comment(call, issue, each)) for each in added]


def _created_view(call: SiteCall, issue: e.Issue) -> Json:
    address = self_url(f"issue/{issue.id}", api_version(call))
    return {"id": issue.id, "key": issue.key, "self": address}
