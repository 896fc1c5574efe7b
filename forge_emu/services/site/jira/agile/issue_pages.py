"""Issues as Jira Software shows them: as version 2 of Jira's API, with their sprints."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from forge_emu.model import Json
from forge_emu.services.site.call import Answer, SiteCall
from forge_emu.services.site.jira.finding import find_issue
from forge_emu.services.site.jira.search import found_issues, parsed_query
from forge_emu.services.site.paging import cut, page_bounds
from forge_emu.site.collection import id_order
from forge_emu.site.jira import entities as e
from forge_emu.site.jira.agile.sprints import current_sprint, sprints_of
from forge_emu.site.jira.agile.views import agile_url, sprint_view
from forge_emu.site.jira.issue_view import issue_view, wanted_fields
from forge_emu.site.jira.jira_site import JiraSite

_DEFAULT_FIELDS = "*navigable"


def issue_page(call: SiteCall, issues: Sequence[e.Issue]) -> Answer:
    """A page of those of `issues` that `jql` finds, oldest first where it says nothing else."""
    if jql := call.param("jql"):
        query = parsed_query(jql)
        among = {each.id for each in issues}
        issues = [each for each in found_issues(call, query) if each.id in among]
        if not query.order:
            issues = sorted(issues, key=lambda issue: id_order(issue.id))
    start, size = page_bounds(call, 50, 100)
    page = cut(issues, start, size)
    body = {
        "expand": "schema,names",
        "startAt": start,
        "maxResults": size,
        "total": len(issues),
        "issues": [_view(call, each) for each in page],
    }
    return Answer(body=body, objects=len(page))


def get_issue(call: SiteCall) -> Answer:
    """`GET /rest/agile/1.0/issue/{issueIdOrKey}`."""
    return Answer(body=_view(call, find_issue(call), "*all"))


def _view(call: SiteCall, issue: e.Issue, default: str = _DEFAULT_FIELDS) -> dict[str, Json]:
    site, wanted = call.site.jira, wanted_fields(call.params("fields"), default)
    view = issue_view(site, issue, "2", wanted, call.params("expand"))
    view["self"] = agile_url(f"issue/{issue.id}")
    fields = _sprint_fields(site, issue, wanted)
    if fields:
        view["fields"] = {**view.get("fields", {}), **fields}
    return view


def _sprint_fields(
    site: JiraSite, issue: e.Issue, wanted: Callable[[str], bool]
) -> dict[str, Json]:
    """`sprint` is the future or active one; `closedSprints` is there where there are some."""
    fields: dict[str, Json] = {}
    if wanted("sprint"):
        current = current_sprint(site, issue)
        fields["sprint"] = current and sprint_view(current)
    closed = [sprint_view(x) for x in sprints_of(site, issue) if x.state == "closed"]
    if closed and wanted("closedSprints"):
        fields["closedSprints"] = closed
    return fields
