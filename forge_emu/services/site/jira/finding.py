"""What the names in a path stand for; 404 where there is nothing."""

from __future__ import annotations

from forge_emu.services.site.call import SiteCall
from forge_emu.services.site.jira.errors import no_issue, not_found
from forge_emu.site.jira import entities as e


def api_version(call: SiteCall) -> str:
    """`3`, or `2` for all that is shaped as in version 2."""
    return "3" if call.names.get("version") == "3" else "2"


def find_issue(call: SiteCall, name: str | None = None) -> e.Issue:
    """The issue that the path names by key or id, or the one called `name`."""
    found = call.site.jira.issues.find(call.names["issue"] if name is None else name)
    if found is None and name is None:
        found = call.site.jira.issues.find(call.names["issue"].upper())
    if found is None:
        raise no_issue()
    return found


def find_project(call: SiteCall) -> e.Project:
    """The project that the path names by key or id."""
    name = call.names["project"]
    found = call.site.jira.projects.find(name)
    if found is None:
        raise not_found(f"No project could be found with key '{name}'.")
    return found


def find_comment(call: SiteCall) -> e.Comment:
    """The comment of an issue that the path names."""
    issue, id = find_issue(call), call.names["comment"]
    found = call.site.jira.comments.get(id)
    if found is None or found.issue != issue.id:
        raise not_found(f"Can not find a comment for the id: {id}.")
    return found


def find_worklog(call: SiteCall) -> e.Worklog:
    """The worklog of an issue that the path names."""
    issue, id = find_issue(call), call.names["worklog"]
    found = call.site.jira.worklogs.get(id)
    if found is None or found.issue != issue.id:
        raise not_found(f"Cannot find worklog with id: '{id}'.")
    return found
