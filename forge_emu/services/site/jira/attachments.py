"""Files at issues. Texts are kept whole; of other files what is left once they are read as text.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-attachments/
"""

from __future__ import annotations

from typing import Final

from forge_emu import settings as s
from forge_emu.model import Json
from forge_emu.services.site.call import Answer, NotEmulated, SiteCall, SiteError, SiteEvent
from forge_emu.services.site.jira.errors import error_body, not_found
from forge_emu.services.site.jira.finding import api_version, find_issue
from forge_emu.services.site.multipart import read_files
from forge_emu.services.site.routes import Route
from forge_emu.site.dates import jira_time
from forge_emu.site.jira import entities as e
from forge_emu.site.jira.issue_view import attachment_view
from forge_emu.site.jira.payloads import head, person
from forge_emu.site.jira.views import self_url

UPLOAD_LIMIT: Final = 1_000_000_000
"""Bytes, as `attachment/meta` says. Nothing here enforces it."""


def add_attachments(call: SiteCall) -> Answer:
    """`POST /rest/api/3/issue/{issueIdOrKey}/attachments`: the parts called `file`.

    Jira refuses a request without `X-Atlassian-Token: no-check` (403).
    """
    issue = find_issue(call)
    if call.headers.get("x-atlassian-token", "").lower() not in ("no-check", "nocheck"):
        raise SiteError(403, "XSRF check failed")
    files = [each for each in read_files(call.text) if each.field == "file"]
    if not files:
        raise SiteError(400, error_body("No files were attached: the part must be named 'file'."))
    attachments = call.site.jira.attachments
    added = [
        attachments.put(
            e.Attachment(
                id=attachments.new_id(),
                issue=issue.id,
                author=call.account,
                created=call.now_ms,
                filename=each.name,
                size=len(each.text.encode()),
                mime_type=each.content_type,
                content=each.text,
            )
        )
        for each in files
    ]
    shown: list[Json] = [attachment_view(call.site.jira, x, api_version(call)) for x in added]
    return Answer(200, shown, [_event(call, "created", each) for each in added])


def get_attachment(call: SiteCall) -> Answer:
    """`GET /rest/api/3/attachment/{id}`: what is known of a file."""
    view = attachment_view(call.site.jira, _find(call), api_version(call))
    return Answer(body={**view, "properties": {}})


def get_content(call: SiteCall) -> Answer:
    """`GET /rest/api/3/attachment/content/{id}`: the file, as after Jira's redirect."""
    found = _find(call)
    if found.content is None:
        raise NotEmulated("the content of an attachment that an event has told of")
    return Answer(text=found.content, headers={"content-type": found.mime_type})


def get_settings(call: SiteCall) -> Answer:
    """`GET /rest/api/3/attachment/meta`."""
    del call
    return Answer(body={"enabled": True, "uploadLimit": UPLOAD_LIMIT})


def delete_attachment(call: SiteCall) -> Answer:
    """`DELETE /rest/api/3/attachment/{id}`."""
    found = _find(call)
    call.site.jira.attachments.remove(found.id)
    return Answer(204, None, [_event(call, "deleted", found)])


def _find(call: SiteCall) -> e.Attachment:
    found = call.site.jira.attachments.get(call.names["id"])
    if found is None:
        raise not_found(f"The attachment with id '{call.names['id']}' does not exist")
    return found


def _event(call: SiteCall, verb: str, attachment: e.Attachment) -> SiteEvent:
    name = f"avi:jira:{verb}:attachment"
    told: dict[str, Json] = {
        "self": self_url(f"attachment/{attachment.id}", "2"),
        "id": attachment.id,
        "issueId": attachment.issue,
        "fileName": attachment.filename,
        "createDate": jira_time(attachment.created),
        "mimeType": attachment.mime_type,
        "size": attachment.size,
        "author": person(attachment.author),
    }
    return SiteEvent(name, {**head(name, call.account, call.now_ms), "attachment": told})


_READ: Final = ("read:jira-work", "read:attachment:jira")
_ONE: Final = "/rest/api/{version}/attachment/{id}"

ROUTES: Final = (
    Route(
        "POST",
        "/rest/api/{version}/issue/{issue}/attachments",
        add_attachments,
        ("write:jira-work", "write:attachment:jira"),
        "write",
        "issue",
        reads_json=False,
    ),
    Route("GET", "/rest/api/{version}/attachment/meta", get_settings, _READ),
    Route("GET", _ONE, get_attachment, _READ),
    Route(
        "GET",
        "/rest/api/{version}/attachment/content/{id}",
        get_content,
        _READ,
        burst=s.JIRA_ATTACHMENT_GETS,
    ),
    Route(
        "DELETE",
        _ONE,
        delete_attachment,
        ("write:jira-work", "delete:attachment:jira"),
        "write",
    ),
)
"""Operations on attachments."""
