"""Reads of issues: one, many, and their changelogs."""

from __future__ import annotations

from typing import Final

from forge_emu.model import Json
from forge_emu.services.site.call import Answer, SiteCall
from forge_emu.services.site.jira.errors import bad_request
from forge_emu.services.site.jira.finding import api_version, find_issue
from forge_emu.services.site.paging import cut, page_bean, page_bounds
from forge_emu.site.jira import views
from forge_emu.site.jira.issue_view import issue_view, wanted_fields

MOST_BULK_ISSUES: Final = 100
"""https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/ (bulk fetch)"""


def get_issue(call: SiteCall) -> Answer:
    """`GET /rest/api/3/issue/{issueIdOrKey}`."""
    view = issue_view(
        call.site.jira,
        find_issue(call),
        api_version(call),
        wanted_fields(call.params("fields"), "*all"),
        call.params("expand"),
        call.params("properties"),
    )
    return Answer(body=view)


def bulk_fetch(call: SiteCall) -> Answer:
    """`POST /rest/api/3/issue/bulkfetch`: those that are there, and errors for the others."""
    body = call.object()
    names = [str(name) for name in texts(body, "issueIdsOrKeys")]
    if not names:
        raise bad_request("issueIdsOrKeys must not be empty")
    if len(names) > MOST_BULK_ISSUES:
        raise bad_request(f"The maximum number of issues that can be fetched is {MOST_BULK_ISSUES}")
    site = call.site.jira
    wanted = wanted_fields(texts(body, "fields"), "*navigable")
    found, missing = [], []
    for name in dict.fromkeys(names):
        issue = site.issues.find(name)
        if issue is None:
            missing.append(name)
        else:
            found.append(issue)
    expand, properties = texts(body, "expand"), texts(body, "properties")
    version = api_version(call)
    answer: dict[str, Json] = {
        "expand": "schema,names",
        "issues": [issue_view(site, x, version, wanted, expand, properties) for x in found],
        "issueErrors": [],
    }
    if missing:
        text = "Issue does not exist or you do not have permission to see it."
        answer["issueErrors"] = [{"id": name, "errorMessage": text} for name in missing]
    return Answer(body=answer, objects=len(found))


def get_changelog(call: SiteCall) -> Answer:
    """`GET /rest/api/3/issue/{issueIdOrKey}/changelog`, oldest first."""
    issue = find_issue(call)
    histories = call.site.jira.histories.children(issue.id)
    shown = [views.history_view(call.site.jira, history) for history in histories]
    start, size = page_bounds(call, 100, 100)
    return Answer(body=page_bean(shown, start, size), objects=len(cut(shown, start, size)))


def texts(body: dict[str, Json], name: str) -> list[str]:
    """A list of texts in a body; a text is a list behind commas."""
    value = body.get(name)
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return [str(each) for each in value] if isinstance(value, list) else []
