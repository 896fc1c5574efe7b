"""The fields that JQL can ask for, and what an issue has in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from forge_emu.model import Json
from forge_emu.site.collection import Collection
from forge_emu.site.dates import read_time
from forge_emu.site.jira import entities as e
from forge_emu.site.jira.adf import text_of_document
from forge_emu.site.jira.defaults import SPRINT_FIELD
from forge_emu.site.jira.jira_site import JiraSite
from forge_emu.site.jql.field import JqlField, key_order
from forge_emu.site.jql.parse import JqlError, JqlNotEmulated
from forge_emu.site.jql.related_fields import (
    category_field,
    count_field,
    parent_field,
    rank_field,
    sprint_field,
)

_NOT_EMULATED: Final = frozenset(
    {"filter", "watcher", "voter", "level",
     "originalestimate", "remainingestimate", "timespent", "worklogauthor", "worklogdate",
     "organizations", "approvals", "category", "lastviewed", "issuelink", "issuelinktype",
     "attachments", "request type", "development", "team", "issue"}
)  # fmt: skip


def find_field(site: JiraSite, name: str) -> JqlField:
    """The field called `name`. Raises JqlError where there is none, and JqlNotEmulated."""
    wanted = _ALIASES.get(name.lower(), name.lower())
    if (make := _FIELDS.get(wanted)) is not None:
        return make(site)
    if (custom := _custom_field(site, wanted)) is not None:
        return custom
    if wanted in _NOT_EMULATED:
        raise JqlNotEmulated(f"the field {name!r} of JQL")
    raise JqlError(f"Field '{name}' does not exist or you do not have permission to view it.")


_ALIASES: Final = {
    "issuekey": "key", "type": "issuetype", "component": "components", "createddate": "created",
    "updateddate": "updated", "resolved": "resolutiondate", "due": "duedate",
    "fixversion": "fixversions", "affectedversion": "versions", "label": "labels",
    "resolutiondate": "resolutiondate", "issue type": "issuetype",
    "status category": "statuscategory", "epic link": "parent", "cf[10020]": "sprint",
    SPRINT_FIELD: "sprint",
}  # fmt: skip

_SYSTEM_STATUSES: Final = frozenset({"open", "reopened", "resolved", "closed"})
"""Statuses that every site of Jira has, whether a workflow uses them or not.

https://support.atlassian.com/jira-cloud-administration/docs/what-are-issue-statuses-priorities-and-resolutions/
"""


def _named(
    name: str,
    things: Callable[[JiraSite], Collection[Any]],
    id_of: Callable[[e.Issue], str | None],
    unused: frozenset[str] = frozenset(),
) -> Callable[[JiraSite], JqlField]:
    """A field with the id of a thing of a catalogue. `unused` names find nothing."""

    def make(site: JiraSite) -> JqlField:
        catalogue = things(site)

        def values(issue: e.Issue) -> Iterable[str]:
            id = id_of(issue)
            thing = catalogue.get(id or "")
            return _names(thing) if thing is not None else () if id is None else (id.lower(),)

        def exists(text: str) -> bool:
            return text in unused or any(text in _names(thing) for thing in catalogue)

        def sort_key(issue: e.Issue) -> Any:
            id = id_of(issue) or ""
            thing = catalogue.get(id)
            # Priorities have an order of their own, which is that of their ids.
            return (
                int(id or 0)
                if name == "priority" and id.isdecimal()
                else thing.name.lower()
                if thing
                else ""
            )

        return JqlField(name, "name", values, exists, sort_key)

    return make


def _names(thing: Any) -> tuple[str, ...]:
    words = (getattr(thing, word, None) for word in ("id", "key", "name", "account"))
    return tuple(word.lower() for word in words if isinstance(word, str))


def _person(name: str) -> Callable[[JiraSite], JqlField]:
    def make(site: JiraSite) -> JqlField:
        def values(issue: e.Issue) -> Iterable[str]:
            account = getattr(issue, name)
            if account is None:
                return ()
            user = site.users.get(account)
            return (account.lower(), user.name.lower()) if user else (account.lower(),)

        def sort_key(issue: e.Issue) -> str:
            user = site.users.get(getattr(issue, name) or "")
            return user.name.lower() if user else "\uffff"

        return JqlField(name, "name", values, sort_key=sort_key)

    return make


def _date(name: str) -> Callable[[JiraSite], JqlField]:
    def values(issue: e.Issue) -> Iterable[int]:
        value = getattr(issue, name, None)
        if value is None and isinstance(text := issue.fields.get(name), str):
            value = read_time(text)
        return () if value is None else (value,)

    def sort_key(issue: e.Issue) -> int:
        return next(iter(values(issue)), 1 << 60)

    return lambda site: JqlField(name, "date", values, sort_key=sort_key)


def _text(
    name: str, texts: Callable[[JiraSite, e.Issue], Iterable[str]]
) -> Callable[[JiraSite], JqlField]:
    def make(site: JiraSite) -> JqlField:
        def values(issue: e.Issue) -> Iterable[str]:
            return [text for text in texts(site, issue) if text]

        def sort_key(issue: e.Issue) -> str:
            return next(iter(values(issue)), "").lower()

        return JqlField(name, "text", values, sort_key=sort_key)

    return make


def _key(site: JiraSite) -> JqlField:
    def values(issue: e.Issue) -> Iterable[str]:
        return issue.key.lower(), issue.id

    def exists(text: str) -> bool:
        return site.issues.find(text.upper()) is not None

    return JqlField("key", "name", values, exists, key_order)


def _list_values(name: str) -> Callable[[JiraSite], JqlField]:
    def values(issue: e.Issue) -> Iterable[str]:
        return [word for each in issue.fields.get(name) or () for word in value_words(each)]

    return lambda site: JqlField(
        name, "value", values, sort_key=lambda issue: " ".join(sorted(values(issue)))
    )


def value_words(value: Json) -> list[str]:
    """The words by which a value may be named, in lower case."""
    if isinstance(value, list):
        return [word for each in value for word in value_words(each)]
    if isinstance(value, dict):
        words = (value.get(name) for name in ("id", "name", "value", "key", "accountId"))
        return [str(word).lower() for word in words if word is not None]
    if value is None:
        return []
    number = float(value) if isinstance(value, int | float) else None
    return [str(int(number) if number is not None and number.is_integer() else value).lower()]


def _custom_field(site: JiraSite, wanted: str) -> JqlField | None:
    number = re.fullmatch(r"cf\[(\d+)\]|customfield_(\d+)", wanted)
    id = f"customfield_{number[1] or number[2]}" if number else None
    if id is None:
        id = next((f.id for f in site.fields if f.custom and f.name.lower() == wanted), None)
    if id is None:
        return None
    field_id = id
    return JqlField(
        id, "value", lambda issue: value_words(issue.fields.get(field_id)),
        sort_key=lambda issue: value_words(issue.fields.get(field_id)),
    )  # fmt: skip


def _comments(site: JiraSite, issue: e.Issue) -> list[str]:
    return [text_of_document(each.body) for each in site.comments.children(issue.id)]


def _document(name: str) -> Callable[[JiraSite, e.Issue], list[str]]:
    return lambda site, issue: [text_of_document(issue.fields.get(name) or "")]


_FIELDS: Final[dict[str, Callable[[JiraSite], JqlField]]] = {
    "project": _named("project", lambda site: site.projects, lambda issue: issue.project),
    "issuetype": _named("issuetype", lambda site: site.issue_types, lambda issue: issue.issuetype),
    "status": _named(
        "status", lambda site: site.statuses, lambda issue: issue.status, _SYSTEM_STATUSES
    ),
    "priority": _named("priority", lambda site: site.priorities, lambda issue: issue.priority),
    "resolution": _named(
        "resolution", lambda site: site.resolutions, lambda issue: issue.resolution
    ),
    "statuscategory": category_field,
    "sprint": sprint_field,
    "key": _key,
    "id": _key,
    "parent": parent_field,
    "rank": rank_field,
    "votes": count_field("votes", lambda site: site.votes),
    "watchers": count_field("watchers", lambda site: site.watchers),
    "assignee": _person("assignee"),
    "reporter": _person("reporter"),
    "creator": _person("creator"),
    "created": _date("created"),
    "updated": _date("updated"),
    "resolutiondate": _date("resolutiondate"),
    "duedate": _date("duedate"),
    "labels": _list_values("labels"),
    "components": _list_values("components"),
    "fixversions": _list_values("fixVersions"),
    "versions": _list_values("versions"),
    "summary": _text("summary", lambda site, issue: [issue.summary]),
    "description": _text("description", _document("description")),
    "environment": _text("environment", _document("environment")),
    "comment": _text("comment", _comments),
    "text": _text(
        "text",
        lambda site, issue: [
            issue.summary, text_of_document(issue.fields.get("description") or ""),
            *_comments(site, issue),
        ],
    ),
}  # fmt: skip
