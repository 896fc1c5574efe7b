"""What Jira's product events tell of: after an event its issue, comment or project exists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec import structs

from forge_emu.model import Json
from forge_emu.site.jira import entities as e
from forge_emu.site.jira.absorb_catalogues import CATALOGUE_EVENTS
from forge_emu.site.jira.jira_site import JiraSite
from forge_emu.site.jira.reading import (
    catalogued,
    new_issue_type,
    new_named,
    new_status,
    note_users,
    project_of,
)
from forge_emu.site.values import account_id, id_of, text_of, time_of

_Payload = dict[str, Json]


def absorb_jira_event(site: JiraSite, name: str, payload: _Payload, now_ms: int) -> None:
    """Put what the payload tells of on the site, or take it away. What it lacks is made up."""
    note_users(site, payload)
    absorb = _BY_EVENT.get(name.removeprefix("avi:jira:"))
    if absorb is not None:
        absorb(site, payload, now_ms)
    elif isinstance(payload.get("issue"), dict):
        _put_issue(site, payload, now_ms)


def _put_issue(site: JiraSite, payload: _Payload, now_ms: int) -> e.Issue | None:
    given = payload.get("issue")
    if not isinstance(given, dict):
        return None
    id, key = text_of(given.get("id")), text_of(given.get("key"))
    if id is None or key is None:
        return None
    fields = given.get("fields")
    fields = fields if isinstance(fields, dict) else {}
    old = site.issues.get(id)
    issue = _issue_of(site, id, key, fields, old, now_ms)
    if old is not None or "changelog" in payload:
        issue = _with_changelog(site, issue, payload.get("changelog"))
    site.note_issue_key(key)
    return issue if issue == old else site.issues.put(issue)


def _issue_of(
    site: JiraSite, id: str, key: str, fields: _Payload, old: e.Issue | None, now_ms: int
) -> e.Issue:
    author = _account(site, fields.get("creator")) or (old.creator if old else None)
    known = {name: fields[name] for name in fields if name not in _OWN_PLACE}
    if old is not None and old.fields:
        known = {**old.fields, **known}
    return e.Issue(
        id=id,
        key=key,
        project=project_of(site, fields.get("project"), key, old),
        issuetype=catalogued(site.issue_types, fields.get("issuetype"), new_issue_type)
        or (old.issuetype if old else "10001"),
        status=catalogued(site.statuses, fields.get("status"), new_status)
        or (old.status if old else "10001"),
        summary=text_of(fields.get("summary")) or (old.summary if old else ""),
        creator=author,
        reporter=_person(site, fields, "reporter", old.reporter if old else author),
        assignee=_person(site, fields, "assignee", old.assignee if old else None),
        created=time_of(fields.get("created"), old.created if old else now_ms),
        updated=time_of(fields.get("updated"), now_ms),
        priority=catalogued(site.priorities, fields.get("priority"), new_named)
        or (old.priority if old else "3"),
        resolution=catalogued(site.resolutions, fields.get("resolution"), new_named)
        or (old.resolution if old else None),
        fields=known or _NO_FIELDS,
    )


_NO_FIELDS: Final[_Payload] = {}
"""One for all: what an issue has never changes."""

_OWN_PLACE: Final = frozenset(
    {"summary", "issuetype", "creator", "created", "project", "reporter", "assignee", "updated",
     "status", "priority", "resolution"}
)  # fmt: skip


def _with_changelog(site: JiraSite, issue: e.Issue, changelog: Json) -> e.Issue:
    """An update says in its changelog what the fields of its payload do not have."""
    items = changelog.get("items") if isinstance(changelog, dict) else None
    extra: _Payload = {}
    for item in items if isinstance(items, list) else ():
        if not isinstance(item, dict):
            continue
        field, to = item.get("fieldId") or item.get("field"), item.get("toString")
        if field == "labels" and isinstance(to, str):
            extra["labels"] = to.split()
        elif field == "duedate":
            extra["duedate"] = item.get("to")
        elif field == "priority" and text_of(item.get("to")) in site.priorities:
            issue = structs.replace(issue, priority=text_of(item.get("to")) or issue.priority)
    return structs.replace(issue, fields={**issue.fields, **extra}) if extra else issue


def _update_issue(site: JiraSite, payload: _Payload, now_ms: int) -> None:
    issue = _put_issue(site, payload, now_ms)
    changelog = payload.get("changelog")
    items = changelog.get("items") if isinstance(changelog, dict) else None
    if issue is None or not isinstance(items, list):
        return
    found = tuple(
        e.HistoryItem(
            str(item.get("field") or ""),
            str(item.get("fieldId") or item.get("field") or ""),
            "jira",
            *(text_of(item.get(name)) for name in ("from", "fromString", "to", "toString")),
        )
        for item in items
        if isinstance(item, dict)
    )
    if found:
        author = text_of(payload.get("atlassianId"))
        site.histories.put(e.History(site.histories.new_id(), issue.id, author, now_ms, found))


def _put_comment(site: JiraSite, payload: _Payload, now_ms: int) -> None:
    issue, given = _put_issue(site, payload, now_ms), payload.get("comment")
    if issue is None or not isinstance(given, dict) or (id := text_of(given.get("id"))) is None:
        return
    author = account_id(given.get("author"))
    site.comments.put(
        e.Comment(
            id=id,
            issue=issue.id,
            author=author,
            body=given.get("body"),
            created=time_of(given.get("created"), now_ms),
            updated=time_of(given.get("updated"), now_ms),
            update_author=account_id(given.get("updateAuthor")) or author,
            visibility=given.get("visibility"),
            public=given.get("jsdPublic") is not False,
        )
    )


def _delete_comment(site: JiraSite, payload: _Payload, now_ms: int) -> None:
    _put_issue(site, payload, now_ms)
    if id := id_of(payload.get("comment")):
        site.comments.remove(id)


def _delete_issue(site: JiraSite, payload: _Payload, now_ms: int) -> None:
    given = payload.get("issue")
    if id := id_of(given):
        if isinstance(given, dict) and (key := text_of(given.get("key"))):
            site.note_issue_key(key)
        site.remove_issue(id)


def _put_worklog(site: JiraSite, payload: _Payload, now_ms: int) -> None:
    given = payload.get("worklog")
    if not isinstance(given, dict) or (id := id_of(given)) is None:
        return
    issue = text_of(given.get("issueId"))
    if issue is None or issue not in site.issues:
        return
    author = account_id(given.get("author"))
    seconds = given.get("timeSpentSeconds")
    site.worklogs.put(
        e.Worklog(
            id=id,
            issue=issue,
            author=author,
            comment=given.get("comment"),
            created=time_of(given.get("created"), now_ms),
            updated=time_of(given.get("updated"), now_ms),
            started=time_of(given.get("started"), now_ms),
            seconds=seconds if isinstance(seconds, int) else 0,
            update_author=account_id(given.get("updateAuthor")) or author,
        )
    )


def _delete_worklog(site: JiraSite, payload: _Payload, now_ms: int) -> None:
    if id := id_of(payload.get("worklog")):
        site.worklogs.remove(id)


def _put_attachment(site: JiraSite, payload: _Payload, now_ms: int) -> None:
    given = payload.get("attachment")
    if not isinstance(given, dict) or (id := id_of(given)) is None:
        return
    issue, size = text_of(given.get("issueId")), given.get("size")
    site.attachments.put(
        e.Attachment(
            id=id,
            issue=issue or "",
            author=account_id(given.get("author")),
            created=time_of(given.get("createDate") or given.get("created"), now_ms),
            filename=text_of(given.get("fileName") or given.get("filename")) or "",
            size=size if isinstance(size, int) else 0,
            mime_type=text_of(given.get("mimeType")) or "application/octet-stream",
        )
    )


def _delete_attachment(site: JiraSite, payload: _Payload, now_ms: int) -> None:
    if id := id_of(payload.get("attachment")):
        site.attachments.remove(id)


def _person(site: JiraSite, fields: _Payload, name: str, otherwise: str | None) -> str | None:
    return _account(site, fields[name]) if name in fields else otherwise


def _account(site: JiraSite, value: Json) -> str | None:
    account = account_id(value)
    return None if account is None else site.users.own_id(account)


_BY_EVENT: Final[dict[str, Callable[[JiraSite, _Payload, int], None]]] = {
    "updated:issue": _update_issue,
    "deleted:issue": _delete_issue,
    "commented:issue": _put_comment,
    "mentioned:comment": _put_comment,
    "deleted:comment": _delete_comment,
    "created:worklog": _put_worklog,
    "updated:worklog": _put_worklog,
    "deleted:worklog": _delete_worklog,
    "created:attachment": _put_attachment,
    "deleted:attachment": _delete_attachment,
    **CATALOGUE_EVENTS,
}
