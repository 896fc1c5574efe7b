"""Links between issues."""

from __future__ import annotations

from typing import Any

from forge_emu.model import Json
from forge_emu.services.site.call import Answer, SiteCall, SiteEvent
from forge_emu.services.site.jira.errors import no_issue, not_found
from forge_emu.site.jira import entities as e
from forge_emu.site.jira import payloads
from forge_emu.site.jira.issue_view import issue_reference, link_type_view
from forge_emu.site.jira.views import self_url


def add_link(call: SiteCall) -> Answer:
    """`POST /rest/api/3/issueLink`."""
    body, site = call.object(), call.site.jira
    kind = _type_of(call, body.get("type"))
    inward, outward = (_end(call, body.get(f"{end}Issue")) for end in ("inward", "outward"))
    link = site.links.put(e.IssueLink(site.links.new_id(), kind.id, inward.id, outward.id))
    return Answer(201, None, [_event(call, "created", link)])


def get_link(call: SiteCall) -> Answer:
    """`GET /rest/api/3/issueLink/{linkId}`."""
    link, site = _find(call), call.site.jira
    kind = site.link_types.get(link.type)
    view: dict[str, Json] = {"id": link.id, "self": self_url(f"issueLink/{link.id}")}
    view["type"] = kind and link_type_view(kind)
    for end, id in (("inwardIssue", link.inward), ("outwardIssue", link.outward)):
        issue = site.issues.get(id)
        view[end] = issue and issue_reference(site, issue)
    return Answer(body=view)


def delete_link(call: SiteCall) -> Answer:
    """`DELETE /rest/api/3/issueLink/{linkId}`."""
    link = _find(call)
    event = _event(call, "deleted", link)
    call.site.jira.links.remove(link.id)
    return Answer(204, None, [event])


def _find(call: SiteCall) -> e.IssueLink:
    link = call.site.jira.links.get(call.names["link"])
    if link is None:
        raise not_found(f"No issue link with id '{call.names['link']}' exists.")
    return link


def _type_of(call: SiteCall, value: Any) -> e.LinkType:
    given = value if isinstance(value, dict) else {}
    for each in call.site.jira.link_types:
        if each.id == str(given.get("id")) or each.name == given.get("name"):
            return each
    raise not_found(f"No issue link type with name '{given.get('name')}' found.")


def _end(call: SiteCall, value: Any) -> e.Issue:
    given = value if isinstance(value, dict) else {}
    issue = call.site.jira.issues.find(str(given.get("key") or given.get("id")))
    if issue is None:
        raise no_issue()
    return issue


def _event(call: SiteCall, verb: str, link: e.IssueLink) -> SiteEvent:
    name = f"avi:jira:{verb}:issuelink"
    site = call.site.jira
    return SiteEvent(name, payloads.link_event(site, name, link, call.account, call.now_ms))
