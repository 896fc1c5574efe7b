"""Links between issues, and from issues to what is outside.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-remote-links/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from msgspec import structs

from forge_emu.model import Json
from forge_emu.services.site.call import Answer, SiteCall, SiteEvent
from forge_emu.services.site.jira.errors import bad_request, no_issue, not_found
from forge_emu.services.site.jira.finding import find_issue
from forge_emu.services.site.routes import Route
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


def list_remote_links(call: SiteCall) -> Answer:
    """`GET /rest/api/3/issue/{issueIdOrKey}/remotelink`: all, or the one with `globalId`."""
    found, wanted = (
        call.site.jira.remote_links.children(find_issue(call).id),
        call.param("globalId"),
    )
    if wanted is None:
        return Answer(body=[_remote_view(each) for each in found], objects=len(found))
    for each in found:
        if each.global_id == wanted:
            return Answer(body=_remote_view(each))
    raise not_found(f"The remote link with globalId '{wanted}' does not exist.")


def put_remote_link(call: SiteCall) -> Answer:
    """`POST /rest/api/3/issue/{issueIdOrKey}/remotelink`: one with the same `globalId` is replaced
    (200), another one is new (201)."""
    issue, links = find_issue(call), call.site.jira.remote_links
    global_id, fields = _remote_fields(call)
    same = [x for x in links.children(issue.id) if global_id and x.global_id == global_id]
    id = same[0].id if same else links.new_id()
    link = links.put(e.RemoteLink(id, issue.id, global_id, fields))
    view = _remote_view(link)
    return Answer(200 if same else 201, {"id": view["id"], "self": view["self"]})


def get_remote_link(call: SiteCall) -> Answer:
    """`GET /rest/api/3/issue/{issueIdOrKey}/remotelink/{linkId}`."""
    return Answer(body=_remote_view(_remote_link(call)))


def edit_remote_link(call: SiteCall) -> Answer:
    """`PUT /rest/api/3/issue/{issueIdOrKey}/remotelink/{linkId}`."""
    old = _remote_link(call)
    global_id, fields = _remote_fields(call)
    call.site.jira.remote_links.put(
        structs.replace(old, global_id=global_id or old.global_id, fields=fields)
    )
    return Answer(204)


def delete_remote_link(call: SiteCall) -> Answer:
    """`DELETE /rest/api/3/issue/{issueIdOrKey}/remotelink/{linkId}`."""
    call.site.jira.remote_links.remove(_remote_link(call).id)
    return Answer(204)


def delete_by_global_id(call: SiteCall) -> Answer:
    """`DELETE /rest/api/3/issue/{issueIdOrKey}/remotelink?globalId=`."""
    links, wanted = call.site.jira.remote_links, call.param("globalId")
    if not wanted:
        raise bad_request("globalId must be given")
    found = [x for x in links.children(find_issue(call).id) if x.global_id == wanted]
    if not found:
        raise not_found(f"The remote link with globalId '{wanted}' does not exist.")
    for each in found:
        links.remove(each.id)
    return Answer(204)


def _remote_link(call: SiteCall) -> e.RemoteLink:
    issue, id = find_issue(call), call.names["link"]
    found = call.site.jira.remote_links.get(id)
    if found is None or found.issue != issue.id:
        raise not_found(f"The remote link with id '{id}' does not exist.")
    return found


def _remote_fields(call: SiteCall) -> tuple[str | None, dict[str, Json]]:
    """The global id and what is shown. Raises SiteError (400) without a title and an address."""
    body = call.object()
    target = body.get("object")
    errors = {
        name: f"'{name}' is required."
        for name in ("title", "url")
        if not (isinstance(target, dict) and isinstance(target.get(name), str) and target[name])
    }
    if errors:
        raise bad_request(**errors)
    global_id = body.get("globalId")
    names = ("application", "relationship", "object")
    fields = {name: body[name] for name in names if name in body}
    return (global_id if isinstance(global_id, str) and global_id else None), fields


def _remote_view(link: e.RemoteLink) -> dict[str, Json]:
    view: dict[str, Json] = {
        "id": int(link.id),
        "self": self_url(f"issue/{link.issue}/remotelink/{link.id}"),
    }
    if link.global_id is not None:
        view["globalId"] = link.global_id
    return {**view, **link.fields}


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


def _routes() -> Iterator[Route]:
    base = "/rest/api/{version}/issue/{issue}/remotelink"
    read = ("read:jira-work", "read:issue.remote-link:jira")
    write = ("write:jira-work", "write:issue.remote-link:jira")
    delete = ("write:jira-work", "delete:issue.remote-link:jira")
    yield Route("GET", base, list_remote_links, read)
    yield Route("POST", base, put_remote_link, write, "write", "issue")
    yield Route("DELETE", base, delete_by_global_id, delete, "write", "issue")
    one = f"{base}/{{link}}"
    yield Route("GET", one, get_remote_link, read)
    yield Route("PUT", one, edit_remote_link, write, "write", "issue")
    yield Route("DELETE", one, delete_remote_link, delete, "write", "issue")


REMOTE_ROUTES: Final = tuple(_routes())
"""Operations on links to what is outside."""
