"""The product events that Jira makes of a change, with their documented fields.

https://developer.atlassian.com/platform/forge/events-reference/jira/ (2026-04-01)
"""

from __future__ import annotations

from collections.abc import Sequence

from forge_emu.model import Json
from forge_emu.site.dates import jira_time
from forge_emu.site.jira import entities as e
from forge_emu.site.jira import views
from forge_emu.site.jira.defaults import APP_ACCOUNT
from forge_emu.site.jira.jira_site import JiraSite


def head(name: str, account: str | None, now_ms: int) -> dict[str, Json]:
    """What every payload of Jira begins with."""
    return {
        "eventType": name,
        "selfGenerated": account == APP_ACCOUNT,
        "timestamp": str(now_ms),
    }


def person(account: str | None) -> Json:
    """A person as payloads have one."""
    return None if account is None else {"accountId": account}


def issue_of_event(site: JiraSite, issue: e.Issue) -> dict[str, Json]:
    """An issue as payloads have it: with nine fields."""
    kind, status = site.issue_types.get(issue.issuetype), site.statuses.get(issue.status)
    project = site.projects.get(issue.project)
    return {
        "id": issue.id,
        "key": issue.key,
        "fields": {
            "summary": issue.summary,
            "issuetype": kind and views.issue_type_view(kind),
            "creator": person(issue.creator),
            "created": jira_time(issue.created),
            "project": project and views.project_view(site, project),
            "reporter": person(issue.reporter),
            "assignee": person(issue.assignee),
            "updated": jira_time(issue.updated),
            "status": status and views.status_view(status),
        },
    }


def issue_event(
    site: JiraSite, name: str, issue: e.Issue, account: str | None, now_ms: int
) -> dict[str, Json]:
    """An event about an issue: created, deleted, or what others build upon."""
    people = dict.fromkeys((issue.creator, issue.reporter, issue.assignee, account))
    return {
        **head(name, account, now_ms),
        "issue": issue_of_event(site, issue),
        "atlassianId": account,
        "associatedUsers": [person(each) for each in people if each is not None],
    }


def changelog(items: Sequence[e.HistoryItem]) -> Json:
    """The changelog of an event; None where nothing has changed."""
    if not items:
        return None
    return {
        "items": [
            {
                "field": item.field,
                "fieldId": item.field_id,
                "from": item.from_id,
                "fromString": item.from_text,
                "to": item.to_id,
                "toString": item.to_text,
            }
            for item in items
        ]
    }


def updated_event(
    site: JiraSite,
    issue: e.Issue,
    items: Sequence[e.HistoryItem],
    account: str | None,
    now_ms: int,
) -> dict[str, Json]:
    """`avi:jira:updated:issue`."""
    moved = [item for item in items if item.field_id == "status"]
    statuses = [site.statuses.get(id or "") for x in moved for id in (x.from_id, x.to_id)]
    done = any((s := site.statuses.get(x.to_id or "")) and s.category == "done" for x in moved)
    payload = issue_event(site, "avi:jira:updated:issue", issue, account, now_ms)
    payload["jiraEventTypeName"] = "issue_resolved" if done else "issue_generic"
    if len(items) == 1 and items[0].field_id == "assignee":
        payload["jiraEventTypeName"] = "issue_assigned"
    payload["changelog"] = changelog(items)
    payload["associatedStatuses"] = [views.status_view(each) for each in statuses if each]
    return payload


def comment_of_event(comment: e.Comment) -> dict[str, Json]:
    """A comment as payloads have it."""
    path = f"issue/{comment.issue}/comment/{comment.id}"
    return {
        "self": views.self_url(path, "2"),
        "id": comment.id,
        "author": person(comment.author),
        "body": comment.body,
        "updateAuthor": person(comment.update_author or comment.author),
        "created": jira_time(comment.created),
        "updated": jira_time(comment.updated),
        "jsdPublic": comment.public,
    }


def worklog_event(
    name: str, worklog: e.Worklog, account: str | None, now_ms: int
) -> dict[str, Json]:
    """An event about logged time."""
    return {
        **head(name, account, now_ms),
        "worklog": {
            "self": views.self_url(f"issue/{worklog.issue}/worklog/{worklog.id}", "2"),
            "id": worklog.id,
            "issueId": worklog.issue,
            "author": person(worklog.author),
            "updateAuthor": person(worklog.update_author or worklog.author),
            "created": jira_time(worklog.created),
            "updated": jira_time(worklog.updated),
            "started": jira_time(worklog.started),
            "timeSpent": views.duration_text(worklog.seconds),
            "timeSpentSeconds": worklog.seconds,
        },
    }


def link_event(
    site: JiraSite, name: str, link: e.IssueLink, account: str | None, now_ms: int
) -> dict[str, Json]:
    """A link was made or removed. The source is the end that says the outward words."""
    kind = site.link_types.get(link.type)
    ends = {"source": link.outward, "destination": link.inward}
    payload = {**head(name, account, now_ms), "id": link.id}
    for end, id in ends.items():
        issue = site.issues.get(id)
        payload[f"{end}IssueId"] = id
        payload[f"{end}ProjectId"] = issue.project if issue else None
    if kind is not None:
        payload["issueLinkType"] = {
            "id": kind.id, "name": kind.name, "inward": kind.inward, "outward": kind.outward
        }  # fmt: skip
    return payload
