"""Every operation of Jira that the site answers."""

from __future__ import annotations

from typing import Final

from forge_emu import settings as s
from forge_emu.services.site.jira import (
    attachments,
    catalogues,
    comments,
    create_meta,
    issue_writes,
    issues,
    links,
    parsed_queries,
    parts,
    people,
    permissions,
    projects,
    properties,
    roles,
    search,
    transitions,
    worklogs,
)
from forge_emu.services.site.jira.agile.table import AGILE_ROUTES
from forge_emu.services.site.jira.expressions.evaluating import EXPRESSION_ROUTES
from forge_emu.services.site.routes import Route

_API: Final = "/rest/api/{version}"
_ISSUE: Final = f"{_API}/issue/{{issue}}"
_PROJECT: Final = f"{_API}/project/{{project}}"
_READ: Final = ("read:jira-work", "read:issue:jira", "read:issue-details:jira")
_WRITE: Final = ("write:jira-work", "write:issue:jira")
_READ_USER: Final = ("read:jira-user", "read:user:jira")
_READ_PROJECT: Final = ("read:jira-work", "read:project:jira")


_ISSUES: Final = (
    Route("GET", _ISSUE, issues.get_issue, _READ, burst=s.JIRA_ISSUE_GETS),
    Route("POST", f"{_API}/issue", issue_writes.create_issue, _WRITE, "write"),
    Route("POST", f"{_API}/issue/bulk", issue_writes.create_issues, _WRITE, "write"),
    Route("POST", f"{_API}/issue/bulkfetch", issues.bulk_fetch, _READ),
    Route("PUT", _ISSUE, issue_writes.edit_issue, _WRITE, "write", "issue"),
    Route(
        "DELETE",
        _ISSUE,
        issue_writes.delete_issue,
        ("write:jira-work", "delete:issue:jira"),
        "write",
        "issue",
    ),
    Route("PUT", f"{_ISSUE}/assignee", issue_writes.assign_issue, _WRITE, "write", "issue"),
    Route("GET", f"{_ISSUE}/changelog", issues.get_changelog, _READ, burst=s.JIRA_CHANGELOG_GETS),
    Route(
        "GET",
        f"{_ISSUE}/transitions",
        transitions.list_transitions,
        (*_READ, "read:issue.transition:jira"),
    ),
    Route("POST", f"{_ISSUE}/transitions", transitions.transition_issue, _WRITE, "write", "issue"),
)
_SEARCHES: Final = (
    Route("GET", f"{_API}/search/jql", search.search_jql, _READ),
    Route("POST", f"{_API}/search/jql", search.search_jql, _READ),
    Route("POST", f"{_API}/search/approximate-count", search.count, _READ, burst=s.JIRA_COUNTS),
    Route("GET", f"{_API}/search", search.old_search, _READ),
    Route("POST", f"{_API}/search", search.old_search, _READ),
)
_READ_COMMENT: Final = (*_READ, "read:comment:jira")
_WRITE_COMMENT: Final = (*_WRITE, "write:comment:jira")
_COMMENTS: Final = (
    Route("GET", f"{_ISSUE}/comment", comments.list_comments, _READ_COMMENT),
    Route("POST", f"{_ISSUE}/comment", comments.add_comment, _WRITE_COMMENT, "write", "issue"),
    Route("GET", f"{_ISSUE}/comment/{{comment}}", comments.get_comment, _READ_COMMENT),
    Route(
        "PUT",
        f"{_ISSUE}/comment/{{comment}}",
        comments.edit_comment,
        _WRITE_COMMENT,
        "write",
        "issue",
    ),
    Route(
        "DELETE",
        f"{_ISSUE}/comment/{{comment}}",
        comments.delete_comment,
        ("write:jira-work", "delete:comment:jira", "delete:comment.property:jira"),
        "write",
        "issue",
    ),
)
_READ_WORKLOG: Final = (*_READ, "read:issue-worklog:jira")
_WRITE_WORKLOG: Final = (*_WRITE, "write:issue-worklog:jira")
_WORKLOGS: Final = (
    Route("GET", f"{_ISSUE}/worklog", worklogs.list_worklogs, _READ_WORKLOG),
    Route("POST", f"{_ISSUE}/worklog", worklogs.add_worklog, _WRITE_WORKLOG, "write", "issue"),
    Route("GET", f"{_ISSUE}/worklog/{{worklog}}", worklogs.get_worklog, _READ_WORKLOG),
    Route(
        "PUT",
        f"{_ISSUE}/worklog/{{worklog}}",
        worklogs.edit_worklog,
        _WRITE_WORKLOG,
        "write",
        "issue",
    ),
    Route(
        "DELETE",
        f"{_ISSUE}/worklog/{{worklog}}",
        worklogs.delete_worklog,
        ("write:jira-work", "delete:issue-worklog:jira"),
        "write",
        "issue",
    ),
)
_LINKS: Final = (
    Route("POST", f"{_API}/issueLink", links.add_link, (*_WRITE, "write:issue-link:jira"), "write"),
    Route("GET", f"{_API}/issueLink/{{link}}", links.get_link, (*_READ, "read:issue-link:jira")),
    Route(
        "DELETE",
        f"{_API}/issueLink/{{link}}",
        links.delete_link,
        ("write:jira-work", "delete:issue-link:jira"),
        "write",
    ),
    Route(
        "GET",
        f"{_API}/issueLinkType",
        catalogues.list_link_types,
        ("read:jira-work", "read:issue-link-type:jira"),
    ),
)
_PROJECTS: Final = (
    Route("GET", f"{_API}/project", projects.list_projects, _READ_PROJECT),
    Route("GET", f"{_API}/project/search", projects.search_projects, _READ_PROJECT),
    Route("GET", _PROJECT, projects.get_project, _READ_PROJECT),
    Route(
        "GET",
        f"{_PROJECT}/statuses",
        projects.project_statuses,
        (*_READ_PROJECT, "read:issue-status:jira"),
    ),
    Route(
        "GET",
        f"{_PROJECT}/versions",
        projects.project_versions,
        (*_READ_PROJECT, "read:project-version:jira"),
    ),
    Route(
        "GET",
        f"{_PROJECT}/components",
        projects.project_components,
        (*_READ_PROJECT, "read:project.component:jira"),
    ),
)
_CATALOGUES: Final = (
    Route(
        "GET",
        f"{_API}/field",
        catalogues.list_fields,
        ("read:jira-work", "manage:jira-configuration", "read:field:jira"),
    ),
    Route(
        "GET",
        f"{_API}/field/search",
        catalogues.search_fields,
        ("read:jira-work", "manage:jira-configuration", "read:field:jira"),
    ),
    Route(
        "GET",
        f"{_API}/issuetype",
        catalogues.list_issue_types,
        ("read:jira-work", "read:issue-type:jira"),
    ),
    Route(
        "GET",
        f"{_API}/issuetype/project",
        catalogues.issue_types_of_project,
        ("read:jira-work", "read:issue-type:jira"),
    ),
    Route(
        "GET",
        f"{_API}/issuetype/{{id}}",
        catalogues.get_issue_type,
        ("read:jira-work", "read:issue-type:jira"),
    ),
    Route(
        "GET",
        f"{_API}/status",
        catalogues.list_statuses,
        ("read:jira-work", "read:status:jira", "read:issue-status:jira"),
    ),
    Route(
        "GET",
        f"{_API}/status/{{id}}",
        catalogues.get_status,
        ("read:jira-work", "read:status:jira", "read:issue-status:jira"),
    ),
    Route(
        "GET",
        f"{_API}/statuscategory",
        catalogues.list_categories,
        ("read:jira-work", "read:status:jira"),
    ),
    Route(
        "GET",
        f"{_API}/priority",
        catalogues.list_priorities,
        ("read:jira-work", "read:priority:jira"),
    ),
    Route(
        "GET",
        f"{_API}/priority/search",
        catalogues.search_priorities,
        ("read:jira-work", "read:priority:jira"),
    ),
    Route(
        "GET",
        f"{_API}/resolution",
        catalogues.list_resolutions,
        ("read:jira-work", "read:resolution:jira"),
    ),
    Route("GET", f"{_API}/label", catalogues.list_labels, ("read:jira-work", "read:label:jira")),
    Route("GET", f"{_API}/serverInfo", catalogues.server_info),
    Route(
        "GET",
        f"{_API}/configuration",
        catalogues.configuration,
        ("read:jira-work", "manage:jira-configuration", "read:instance-configuration:jira"),
    ),
)


def _properties(
    path: str,
    owner: properties.Owner,
    reads: tuple[str, ...],
    writes: tuple[str, ...],
    issue: str | None = None,
) -> tuple[Route, ...]:
    one = f"{path}/{{property}}"
    return (
        Route("GET", path, properties.lister(owner), reads),
        Route("GET", one, properties.getter(owner), reads),
        Route("PUT", one, properties.setter(owner), writes, "write", issue),
        Route("DELETE", one, properties.deleter(owner), writes, "write", issue),
    )


JIRA_ROUTES: Final = (
    *_ISSUES,
    *_SEARCHES,
    *_COMMENTS,
    *_WORKLOGS,
    *_LINKS,
    *_PROJECTS,
    *_CATALOGUES,
    *links.REMOTE_ROUTES,
    *people.ROUTES,
    *permissions.ROUTES,
    *roles.ROUTES,
    *parts.ROUTES,
    *attachments.ROUTES,
    *create_meta.ROUTES,
    *parsed_queries.ROUTES,
    *AGILE_ROUTES,
    *EXPRESSION_ROUTES,
    *_properties(
        f"{_ISSUE}/properties",
        properties.issue_owner,
        (*_READ, "read:issue.property:jira"),
        (*_WRITE, "write:issue.property:jira"),
        "issue",
    ),
    *_properties(
        f"{_PROJECT}/properties",
        properties.project_owner,
        (*_READ_PROJECT, "read:project.property:jira"),
        ("write:jira-work", "manage:jira-project", "write:project.property:jira"),
    ),
    *_properties(
        f"{_API}/user/properties",
        properties.user_owner,
        (*_READ_USER, "read:user.property:jira"),
        ("write:jira-work", "read:jira-user", "write:user.property:jira"),
    ),
    *_properties(
        f"{_API}/comment/{{comment}}/properties",
        properties.comment_owner,
        (*_READ, "read:comment.property:jira"),
        (*_WRITE, "write:comment.property:jira"),
    ),
    *_properties("/rest/forge/1/app/properties", properties.app_owner, (), ()),
)
