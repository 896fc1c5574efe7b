"""Issues as Jira's REST API shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from forge_emu.model import Json
from forge_emu.site.dates import jira_time
from forge_emu.site.jira import entities as e
from forge_emu.site.jira import views
from forge_emu.site.jira.adf import shown
from forge_emu.site.jira.agile.views import sprint_values
from forge_emu.site.jira.defaults import SPRINT_FIELD
from forge_emu.site.jira.jira_site import JiraSite
from forge_emu.site.jira.rendered import rendered
from forge_emu.site.jira.views import self_url, user_view

_FieldOf = Callable[[JiraSite, e.Issue, str], Json]

NOT_NAVIGABLE: Final = frozenset({"comment", "attachment", "worklog"})
"""What `*navigable` leaves out."""


def wanted_fields(asked: Sequence[str], default: str) -> Callable[[str], bool]:
    """Which fields a request asks for: ids, `*all`, `*navigable`, and `-id` for one left out."""
    names = list(asked) or [default]
    if all(name.startswith("-") for name in names):
        names = [default, *names]
    out = {name[1:] for name in names if name.startswith("-")}
    every, most = "*all" in names, "*navigable" in names

    def wanted(field: str) -> bool:
        if field in out:
            return False
        return every or field in names or (most and field not in NOT_NAVIGABLE)

    return wanted


def issue_view(
    site: JiraSite,
    issue: e.Issue,
    version: str,
    wanted: Callable[[str], bool],
    expand: Sequence[str] = (),
    properties: Sequence[str] = (),
) -> dict[str, Json]:
    """An issue with the fields that are wanted; one without a parent has no such field."""
    fields = {name: of(site, issue, version) for name, of in _FIELDS.items() if wanted(name)}
    if fields.get("parent", fields) is None:
        del fields["parent"]
    fields |= {
        name: value for name, value in issue.fields.items() if name not in _FIELDS and wanted(name)
    }
    view: dict[str, Json] = {
        "expand": "renderedFields,names,schema,changelog,transitions",
        "id": issue.id,
        "self": self_url(f"issue/{issue.id}", version),
        "key": issue.key,
    }
    if fields:
        view["fields"] = fields
    if properties:
        view["properties"] = _properties(site, issue, properties)
    if "renderedFields" in expand:
        view["renderedFields"] = _rendered_fields(site, issue, fields)
    if "names" in expand:
        view["names"] = {f.id: f.name for f in site.fields if f.id in fields}
    if "schema" in expand:
        view["schema"] = {f.id: f.schema for f in site.fields if f.id in fields}
    if "changelog" in expand:
        histories = [views.history_view(site, x) for x in site.histories.children(issue.id)][::-1]
        total = len(histories)
        view["changelog"] = {
            "startAt": 0, "maxResults": total, "total": total, "histories": histories
        }  # fmt: skip
    if "transitions" in expand:
        view["transitions"] = transition_views(site)
    return view


def _rendered_fields(site: JiraSite, issue: e.Issue, fields: dict[str, Json]) -> dict[str, Json]:
    """The fields that are wanted, with HTML for documents, and null for what has no other form."""
    found: dict[str, Json] = dict.fromkeys(fields)
    for name in ("description", "environment"):
        if name in fields:
            found[name] = rendered(issue.fields.get(name))
    if "comment" in fields:
        views_of = _comments(site, issue, "3")
        comments = [{**each, "body": rendered(each["body"])} for each in views_of["comments"]]
        found["comment"] = {**views_of, "comments": comments}
    return found


def transition_views(site: JiraSite) -> list[dict[str, Json]]:
    """The transitions of an issue: from every status to every status."""
    return [
        {
            "id": transition_id(number),
            "name": status.name,
            "to": views.status_view(status),
            "hasScreen": False,
            "isGlobal": True,
            "isInitial": False,
            "isAvailable": True,
            "isConditional": False,
            "isLooped": False,
        }
        for number, status in enumerate(site.statuses, 1)
    ]


def transition_id(number: int) -> str:
    """The id of the transition to the `number`-th status: 11, 21, 31."""
    return f"{number}1"


def issue_reference(site: JiraSite, issue: e.Issue) -> dict[str, Json]:
    """An issue as its parent, subtasks and links have it."""
    status, kind = site.statuses.get(issue.status), site.issue_types.get(issue.issuetype)
    priority = site.priorities.get(issue.priority)
    return {
        "id": issue.id,
        "key": issue.key,
        "self": self_url(f"issue/{issue.id}"),
        "fields": {
            "summary": issue.summary,
            "status": status and views.status_view(status),
            "priority": priority and views.named_view(priority, "priority"),
            "issuetype": kind and views.issue_type_view(kind),
        },
    }


def _properties(site: JiraSite, issue: e.Issue, asked: Sequence[str]) -> dict[str, Json]:
    found = {x.key: x.value for x in site.properties.children(f"issue/{issue.id}")}
    return found if "*all" in asked else {key: found[key] for key in found if key in asked}


def _parent(site: JiraSite, issue: e.Issue, version: str) -> Json:
    given = issue.fields.get("parent")
    id = given.get("id") if isinstance(given, dict) else given
    parent = site.issues.get(str(id or ""))
    return parent and issue_reference(site, parent)


def _subtasks(site: JiraSite, issue: e.Issue, version: str) -> Json:
    return [
        issue_reference(site, other)
        for other in site.issues.children(issue.project)
        if other.fields.get("parent") == issue.id
        and (kind := site.issue_types.get(other.issuetype))
        and kind.level < 0
    ]


def _links(site: JiraSite, issue: e.Issue, version: str) -> Json:
    found = []
    for link in site.links:
        kind = site.link_types.get(link.type)
        for end, other_id in (("outwardIssue", link.outward), ("inwardIssue", link.inward)):
            here = link.inward if end == "outwardIssue" else link.outward
            other = site.issues.get(other_id)
            if here == issue.id and other is not None and kind is not None:
                view = {"id": link.id, "self": self_url(f"issueLink/{link.id}")}
                shown_type = link_type_view(kind)
                found.append({**view, "type": shown_type, end: issue_reference(site, other)})
    return found


def link_type_view(kind: e.LinkType) -> dict[str, Json]:
    """A type of links."""
    return {
        "id": kind.id,
        "name": kind.name,
        "inward": kind.inward,
        "outward": kind.outward,
        "self": self_url(f"issueLinkType/{kind.id}"),
    }


def _comments(site: JiraSite, issue: e.Issue, version: str) -> dict[str, Any]:
    found = [views.comment_view(site, x, version) for x in site.comments.children(issue.id)]
    total = len(found)
    return {
        "comments": found,
        "self": self_url(f"issue/{issue.id}/comment", version),
        "maxResults": total,
        "total": total,
        "startAt": 0,
    }


def _worklogs(site: JiraSite, issue: e.Issue, version: str) -> Json:
    found = [views.worklog_view(site, x, version) for x in site.worklogs.children(issue.id)]
    return {"startAt": 0, "maxResults": 20, "total": len(found), "worklogs": found[:20]}


def _watches(site: JiraSite, issue: e.Issue, version: str) -> Json:
    watchers = site.watchers.get(issue.id)
    return {
        "self": self_url(f"issue/{issue.key}/watchers", version),
        "watchCount": len(watchers.accounts) if watchers else 0,
        "isWatching": False,
    }


def _attachments(site: JiraSite, issue: e.Issue, version: str) -> Json:
    return [attachment_view(site, x, version) for x in site.attachments.children(issue.id)]


def attachment_view(site: JiraSite, attachment: e.Attachment, version: str) -> dict[str, Json]:
    """A file at an issue."""
    return {
        "self": self_url(f"attachment/{attachment.id}", version),
        "id": attachment.id,
        "filename": attachment.filename,
        "author": user_view(site, attachment.author),
        "created": jira_time(attachment.created),
        "size": attachment.size,
        "mimeType": attachment.mime_type,
        "content": self_url(f"attachment/content/{attachment.id}", version),
    }


def _votes(site: JiraSite, issue: e.Issue, version: str) -> Json:
    votes = site.votes.get(issue.id)
    return {
        "self": self_url(f"issue/{issue.key}/votes", version),
        "votes": len(votes.accounts) if votes else 0,
        "hasVoted": False,
    }


def _status(site: JiraSite, issue: e.Issue, version: str) -> Json:
    status = site.statuses.get(issue.status)
    return status and views.status_view(status)


def _issue_type(site: JiraSite, issue: e.Issue, version: str) -> Json:
    kind = site.issue_types.get(issue.issuetype)
    return kind and views.issue_type_view(kind)


def _project(site: JiraSite, issue: e.Issue, version: str) -> Json:
    project = site.projects.get(issue.project)
    return project and views.project_view(site, project)


def _priority(site: JiraSite, issue: e.Issue, version: str) -> Json:
    priority = site.priorities.get(issue.priority)
    return priority and views.named_view(priority, "priority")


def _resolution(site: JiraSite, issue: e.Issue, version: str) -> Json:
    resolution = site.resolutions.get(issue.resolution or "")
    return resolution and views.named_view(resolution, "resolution")


def _time_spent(site: JiraSite, issue: e.Issue, version: str) -> Json:
    return sum(x.seconds for x in site.worklogs.children(issue.id)) or None


_FIELDS: Final[dict[str, _FieldOf]] = {
    "summary": lambda site, issue, version: issue.summary,
    "issuetype": _issue_type,
    "project": _project,
    "status": _status,
    "statusCategory": lambda site, issue, version: views.category_view(
        status.category if (status := site.statuses.get(issue.status)) else "undefined"
    ),
    "priority": _priority,
    "resolution": _resolution,
    "resolutiondate": lambda site, issue, version: issue.fields.get("resolutiondate"),
    "labels": lambda site, issue, version: issue.fields.get("labels") or [],
    "assignee": lambda site, issue, version: user_view(site, issue.assignee),
    "reporter": lambda site, issue, version: user_view(site, issue.reporter),
    "creator": lambda site, issue, version: user_view(site, issue.creator),
    "created": lambda site, issue, version: jira_time(issue.created),
    "updated": lambda site, issue, version: jira_time(issue.updated),
    "duedate": lambda site, issue, version: issue.fields.get("duedate"),
    "description": lambda site, issue, version: shown(issue.fields.get("description"), version),
    "environment": lambda site, issue, version: shown(issue.fields.get("environment"), version),
    "components": lambda site, issue, version: issue.fields.get("components") or [],
    "fixVersions": lambda site, issue, version: issue.fields.get("fixVersions") or [],
    "versions": lambda site, issue, version: issue.fields.get("versions") or [],
    "parent": _parent,
    "subtasks": _subtasks,
    "issuelinks": _links,
    "attachment": _attachments,
    "comment": _comments,
    "worklog": _worklogs,
    "watches": _watches,
    "votes": _votes,
    "timespent": _time_spent,
    "workratio": lambda site, issue, version: -1,
    SPRINT_FIELD: lambda site, issue, version: sprint_values(site, issue),
}  # fmt: skip
