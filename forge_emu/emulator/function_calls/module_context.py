"""What the platform gives to a function by the module that uses it: about the site's first things.

An issue, a page or a space that the site does not have is left out. Of undocumented kinds there is
the type alone.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from forge_emu.model import Json
from forge_emu.site.confluence.views_v2 import web_path
from forge_emu.site.jira.defaults import REPORTER
from forge_emu.site.jira.entities import Issue
from forge_emu.site.site import Site

SITE_URL: Final = "https://emu.atlassian.net"

_JIRA_ISSUE: Final = frozenset(
    {
        "jira:customField",
        "jira:customFieldType",
        "jira:issueAction",
        "jira:issueActivity",
        "jira:issueContext",
        "jira:issueGlance",
        "jira:issuePanel",
        "jira:issueViewBackgroundScript",
    }
)
_JIRA_PROJECT: Final = frozenset({"jira:projectPage", "jira:projectSettingsPage"})
_CONFLUENCE_CONTENT: Final = frozenset(
    {"confluence:contentAction", "confluence:contentBylineItem", "confluence:pageBanner", "macro"}
)
_CONFLUENCE_SPACE: Final = frozenset({"confluence:spacePage", "confluence:spaceSettings"})
_BITBUCKET: Final[dict[str, Json]] = {
    "workspace": {"uuid": "{7e4f5061-0000-4000-8000-000000000001}"},
    "repository": {"uuid": "{5c2d3e4f-0000-4000-8000-000000000001}"},
    "pullrequest": {"id": 1},
}
"""The repository of the templates of product events."""


class ModuleUse(NamedTuple):
    """Kind and key of the module that uses a function."""

    kind: str
    key: str


def extension_of(kind: str, site: Site) -> dict[str, Json]:
    """`extension` in the context of a UI of a module of this kind.

    The "Extension context" of the modules' pages below
    https://developer.atlassian.com/platform/forge/manifest-reference/modules/ (2026-08-22).
    """
    found: dict[str, Json] = {"type": kind}
    if kind in _JIRA_ISSUE | _JIRA_PROJECT:
        issue = next(iter(site.jira.issues), None)
        if issue is not None and kind in _JIRA_ISSUE:
            found["issue"] = _issue(issue, site)
        found |= _project(issue, site)
    if kind in _CONFLUENCE_CONTENT | _CONFLUENCE_SPACE:
        found |= _content(site, with_page=kind in _CONFLUENCE_CONTENT)
    if kind == "jira:issuePanel":
        found["isNewToIssue"] = False
    elif kind == "macro":
        found |= {"config": {}, "isEditing": False}
    elif kind == "jira:dashboardGadget":
        found |= {
            "gadgetConfiguration": {},
            "dashboard": {"id": "10000"},
            "gadget": {"id": "10000"},
        }
    return found


def argument_of(
    use: ModuleUse, site: Site, cloud_id: str, product: str = "jira"
) -> dict[str, Json]:
    """The argument of a function that a module of this kind calls; empty of other kinds.

    An agent is asked in `product`.

    The pages of the kinds below
    https://developer.atlassian.com/platform/forge/manifest-reference/modules/, and "Run post
    function event" of events-reference/jira/ (2026-08-22).
    """
    around: dict[str, Json] = {"cloudId": cloud_id, "moduleKey": use.key}
    match use.kind:
        case "action":
            shown = _shown_content(site) if product == "confluence" else _shown_issue(site)
            return {"context": around | shown}
        case "jira:workflowValidator":
            transition: dict[str, Json] = {**_statuses(site), "modifiedFields": {}}
            return {**_transitioned(site), "configuration": {}, "transition": transition}
        case "jira:workflowPostFunction":
            return {
                **_transitioned(site, with_id=True),
                "transition": {**_statuses(site), "executionId": "1"},
                "workflow": {"id": "10000", "name": "Emulated workflow"},
                "atlassianId": REPORTER,
                "configuration": {},
                "context": around,
            }
        case "jira:jqlFunction":
            return {"clause": {"operator": "in", "arguments": []}}
        case "bitbucket:mergeCheck":
            return {**_BITBUCKET, "trigger": {"type": "on-code-pushed"}}
    return {}


def _issue(issue: Issue, site: Site) -> dict[str, Json]:
    kind = site.jira.issue_types.get(issue.issuetype)
    return {
        "id": issue.id,
        "key": issue.key,
        "type": kind.name if kind else "",
        "typeId": issue.issuetype,
    }


def _project(issue: Issue | None, site: Site) -> dict[str, Json]:
    """The project of `issue`, else the first."""
    project = site.jira.projects.get(issue.project) if issue else None
    project = project or next(iter(site.jira.projects), None)
    if project is None:
        return {}
    return {"project": {"id": project.id, "key": project.key, "type": project.type_key}}


def _content(site: Site, *, with_page: bool) -> dict[str, Json]:
    confluence = site.confluence
    page = next(iter(confluence.of_type("page", "blogpost")), None) if with_page else None
    space = confluence.spaces.get(page.space) if page else next(iter(confluence.spaces), None)
    found: dict[str, Json] = {}
    if page is not None:
        found["content"] = {"id": page.id, "type": page.type, "subtype": None}
    if space is not None:
        found["space"] = {"id": space.id, "key": space.key}
    return found


def _shown_content(site: Site) -> dict[str, Json]:
    """What an agent is asked about: the first page or blog post, else nothing."""
    content = next(iter(site.confluence.of_type("page", "blogpost")), None)
    if content is None:
        return {}
    space = site.confluence.spaces.get(content.space)
    return {
        "confluence": {
            "url": f"{SITE_URL}/wiki{web_path(site.confluence, content)}",
            "resourceType": content.type,
            "contentId": content.id,
            "spaceKey": space.key if space else "",
            "spaceId": content.space,
        }
    }


def _shown_issue(site: Site) -> dict[str, Json]:
    """What an agent is asked about: the first issue, else nothing."""
    issue = next(iter(site.jira.issues), None)
    if issue is None:
        return {}
    about, project = _issue(issue, site), site.jira.projects.get(issue.project)
    return {
        "jira": {
            "url": f"{SITE_URL}/browse/{issue.key}",
            "resourceType": "issue",
            "issueKey": issue.key,
            "issueId": issue.id,
            "issueType": about["type"],
            "issueTypeId": issue.issuetype,
            "projectKey": project.key if project else "",
            "projectId": issue.project,
        }
    }


def _transitioned(site: Site, *, with_id: bool = False) -> dict[str, Json]:
    issue = next(iter(site.jira.issues), None)
    if issue is None:
        return {}
    return {"issue": {"id": issue.id, "key": issue.key} if with_id else {"key": issue.key}}


def _statuses(site: Site) -> dict[str, Json]:
    """From the status of the first issue to the next one that the site has."""
    ids = site.jira.statuses.ids()
    issue = next(iter(site.jira.issues), None)
    at = ids.index(issue.status) if issue and issue.status in ids else 0
    return {"from": {"id": ids[at]}, "to": {"id": ids[(at + 1) % len(ids)]}} if ids else {}
