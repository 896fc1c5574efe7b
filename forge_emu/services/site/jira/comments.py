"""Comments of issues."""

from __future__ import annotations

from typing import Final

from msgspec import structs

from forge_emu.model import Json
from forge_emu.services.site.call import Answer, SiteCall, SiteEvent
from forge_emu.services.site.jira.errors import bad_request
from forge_emu.services.site.jira.finding import api_version, find_comment, find_issue
from forge_emu.services.site.paging import cut, page_bounds
from forge_emu.site.jira import entities as e
from forge_emu.site.jira import payloads
from forge_emu.site.jira.adf import text_of_document
from forge_emu.site.jira.field_values import FieldError, read_document
from forge_emu.site.jira.views import comment_view

COMMENTED: Final = "avi:jira:commented:issue"
DELETED: Final = "avi:jira:deleted:comment"


def list_comments(call: SiteCall) -> Answer:
    """`GET /rest/api/3/issue/{issueIdOrKey}/comment`."""
    site, version = call.site.jira, api_version(call)
    found = site.comments.children(find_issue(call).id)
    if (call.param("orderBy") or "").startswith("-"):
        found = found[::-1]
    start, size = page_bounds(call, 5_000, 5_000)
    page = [comment_view(site, each, version) for each in cut(found, start, size)]
    body = {"startAt": start, "maxResults": size, "total": len(found), "comments": page}
    return Answer(body=body, objects=len(page))


def get_comment(call: SiteCall) -> Answer:
    """`GET /rest/api/3/issue/{issueIdOrKey}/comment/{id}`."""
    return Answer(body=comment_view(call.site.jira, find_comment(call), api_version(call)))


def add_comment(call: SiteCall) -> Answer:
    """`POST /rest/api/3/issue/{issueIdOrKey}/comment`."""
    issue = find_issue(call)
    comment = new_comment(call, issue, call.object())
    view = comment_view(call.site.jira, comment, api_version(call))
    return Answer(201, view, [comment_event(call, issue, comment)])


def edit_comment(call: SiteCall) -> Answer:
    """`PUT /rest/api/3/issue/{issueIdOrKey}/comment/{id}`."""
    old, body = find_comment(call), call.object()
    edited = structs.replace(
        old,
        body=_body_of(call, body),
        updated=call.now_ms,
        update_author=call.account,
        visibility=body.get("visibility", old.visibility),
    )
    call.site.jira.comments.put(edited)
    event = comment_event(call, find_issue(call), edited)
    return Answer(200, comment_view(call.site.jira, edited, api_version(call)), [event])


def delete_comment(call: SiteCall) -> Answer:
    """`DELETE /rest/api/3/issue/{issueIdOrKey}/comment/{id}`."""
    comment, issue = find_comment(call), find_issue(call)
    call.site.jira.comments.remove(comment.id)
    return Answer(204, None, [comment_event(call, issue, comment, DELETED)])


def new_comment(call: SiteCall, issue: e.Issue, body: dict[str, Json]) -> e.Comment:
    """Write a comment. Raises SiteError (400) for one without a text."""
    comments, parent = call.site.jira.comments, body.get("parentId")
    text = _body_of(call, body)
    return comments.put(
        e.Comment(
            id=comments.new_id(),
            issue=issue.id,
            author=call.account,
            body=text,
            created=call.now_ms,
            updated=call.now_ms,
            update_author=call.account,
            visibility=body.get("visibility"),
            parent=None if parent is None else str(parent),
        )
    )


def comment_event(
    call: SiteCall, issue: e.Issue, comment: e.Comment, name: str = COMMENTED
) -> SiteEvent:
    """The event that a comment was written, edited or deleted."""
    payload = payloads.issue_event(call.site.jira, name, issue, call.account, call.now_ms)
    payload["comment"] = payloads.comment_of_event(comment)
    return SiteEvent(name, payload)


def _body_of(call: SiteCall, body: dict[str, Json]) -> Json:
    try:
        found = read_document(call.site.jira, body.get("body"), api_version(call))
    except FieldError:
        if api_version(call) == "3":
            # What Jira says of a text where a document belongs.
            raise bad_request(comment="Comment body is not valid!") from None
        raise bad_request(comment="Comment body can not be empty!") from None
    if found is None or not (text_of_document(found).strip() or _has_media(found)):
        raise bad_request(comment="Comment body can not be empty!")
    return found


def _has_media(document: Json) -> bool:
    return isinstance(document, dict) and any(
        isinstance(block, dict) and block.get("type") != "paragraph"
        for block in document.get("content") or ()
    )
