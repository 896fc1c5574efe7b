"""Time logged on issues."""

from __future__ import annotations

import re
from typing import Final

from msgspec import structs

from forge_emu.model import Json
from forge_emu.services.site.call import Answer, SiteCall, SiteEvent
from forge_emu.services.site.jira.errors import bad_request
from forge_emu.services.site.jira.finding import api_version, find_issue, find_worklog
from forge_emu.services.site.paging import cut, page_bounds
from forge_emu.site.dates import read_time
from forge_emu.site.jira import entities as e
from forge_emu.site.jira import payloads
from forge_emu.site.jira.field_values import FieldError, read_document
from forge_emu.site.jira.views import worklog_view

_SPAN: Final = re.compile(r"(\d+)\s*([wdhm])")
_SECONDS: Final = {"w": 144_000, "d": 28_800, "h": 3_600, "m": 60}


def list_worklogs(call: SiteCall) -> Answer:
    """`GET /rest/api/3/issue/{issueIdOrKey}/worklog`."""
    site, version = call.site.jira, api_version(call)
    found = site.worklogs.children(find_issue(call).id)
    start, size = page_bounds(call, 5_000, 5_000)
    page = [worklog_view(site, each, version) for each in cut(found, start, size)]
    body = {"startAt": start, "maxResults": size, "total": len(found), "worklogs": page}
    return Answer(body=body, objects=len(page))


def get_worklog(call: SiteCall) -> Answer:
    """`GET /rest/api/3/issue/{issueIdOrKey}/worklog/{id}`."""
    return Answer(body=worklog_view(call.site.jira, find_worklog(call), api_version(call)))


def add_worklog(call: SiteCall) -> Answer:
    """`POST /rest/api/3/issue/{issueIdOrKey}/worklog`."""
    issue, body = find_issue(call), call.object()
    seconds, started = _seconds_of(body), _started_of(body)
    if seconds is None:
        raise bad_request(timeLogged="You must indicate the time spent working.")
    worklogs = call.site.jira.worklogs
    worklog = worklogs.put(
        e.Worklog(
            id=worklogs.new_id(),
            issue=issue.id,
            author=call.account,
            comment=_comment_of(call, body),
            created=call.now_ms,
            updated=call.now_ms,
            started=call.now_ms if started is None else started,
            seconds=seconds,
            update_author=call.account,
        )
    )
    return Answer(201, _view(call, worklog), [_event(call, "created", worklog)])


def edit_worklog(call: SiteCall) -> Answer:
    """`PUT /rest/api/3/issue/{issueIdOrKey}/worklog/{id}`."""
    old, body = find_worklog(call), call.object()
    seconds, started = _seconds_of(body), _started_of(body)
    edited = structs.replace(
        old,
        seconds=old.seconds if seconds is None else seconds,
        started=old.started if started is None else started,
        comment=_comment_of(call, body) if "comment" in body else old.comment,
        updated=call.now_ms,
        update_author=call.account,
    )
    call.site.jira.worklogs.put(edited)
    return Answer(200, _view(call, edited), [_event(call, "updated", edited)])


def delete_worklog(call: SiteCall) -> Answer:
    """`DELETE /rest/api/3/issue/{issueIdOrKey}/worklog/{id}`."""
    worklog = find_worklog(call)
    call.site.jira.worklogs.remove(worklog.id)
    return Answer(204, None, [_event(call, "deleted", worklog)])


def _view(call: SiteCall, worklog: e.Worklog) -> Json:
    return worklog_view(call.site.jira, worklog, api_version(call))


def _event(call: SiteCall, verb: str, worklog: e.Worklog) -> SiteEvent:
    name = f"avi:jira:{verb}:worklog"
    return SiteEvent(name, payloads.worklog_event(name, worklog, call.account, call.now_ms))


def _seconds_of(body: dict[str, Json]) -> int | None:
    seconds, text = body.get("timeSpentSeconds"), body.get("timeSpent")
    if isinstance(seconds, int) and not isinstance(seconds, bool):
        if seconds <= 0:
            raise bad_request(timeLogged="Worklog must not be null.")
        return seconds
    if not isinstance(text, str):
        return None
    parts = _SPAN.findall(text)
    if not parts or _SPAN.sub("", text).strip():
        raise bad_request(timeLogged="Invalid time duration entered.")
    return sum(int(count) * _SECONDS[unit] for count, unit in parts)


def _started_of(body: dict[str, Json]) -> int | None:
    given = body.get("started")
    if given is None:
        return None
    started = read_time(given) if isinstance(given, str) else None
    if started is None:
        raise bad_request(started=f"Error parsing date string: {given}")
    return started


def _comment_of(call: SiteCall, body: dict[str, Json]) -> Json:
    try:
        return read_document(call.site.jira, body.get("comment"), api_version(call))
    except FieldError:
        raise bad_request(comment="Worklog comment is not valid!") from None
