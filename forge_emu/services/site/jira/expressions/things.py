"""Things of the site as Jira expressions have them.

https://developer.atlassian.com/cloud/jira/platform/jira-expressions-type-reference/ (2025-12-12)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from forge_emu.expressions import Function, Thing, Value
from forge_emu.model import Json, iso8601
from forge_emu.site.dates import jira_time
from forge_emu.site.jira import entities as e
from forge_emu.site.jira import views
from forge_emu.site.jira.adf import text_of_document
from forge_emu.site.jira.agile.sprints import current_sprint, sprints_of
from forge_emu.site.jira.agile.views import as_number, board_view, sprint_view
from forge_emu.site.jira.issue_view import issue_view, wanted_fields
from forge_emu.site.jira.jira_site import JiraSite
from forge_emu.site.values import id_of

_UNBUILT_OF_ISSUES: Final = frozenset(
    {"originalEstimate", "remainingEstimate", "securityLevel", "changelogs", "links", "attachments",
     "worklogs", "votes", "watchers", "epic", "flagged", "stories", "color", "done", "name",
     "versions", "isEpic"}
)  # fmt: skip
_IS_CUSTOM_FIELD: Final = re.compile(r"customfield_\d+", re.ASCII)


class Things:
    """Makes them; `version` is that of the API in which they are shown."""

    def __init__(self, site: JiraSite, version: str) -> None:
        self._site = site
        self._version = version

    def issue(self, issue: e.Issue | None) -> Thing | None:
        """An Issue."""
        if issue is None:
            return None
        site, fields = self._site, issue.fields
        given = fields.get("parent")
        parent = site.issues.get(str((id_of(given) or given) or ""))
        members: dict[str, Callable[[], Value]] = {
            **_plain({"id": as_number(issue.id), "key": issue.key, "summary": issue.summary}),
            **{name: partial(_value, fields[name]) for name in fields if _custom(name)},
            "description": lambda: _rich_text(fields.get("description")),
            "environment": lambda: _rich_text(fields.get("environment")),
            "priority": lambda: self._named(site.priorities.get(issue.priority), "IssuePriority"),
            "resolution": lambda: self._named(
                site.resolutions.get(issue.resolution or ""), "Resolution"
            ),
            "issueType": lambda: self._issue_type(issue.issuetype),
            "status": lambda: self._status(issue.status),
            "created": lambda: _date(jira_time(issue.created)),
            "updated": lambda: _date(jira_time(issue.updated)),
            "dueDate": lambda: _date(fields.get("duedate"), "CalendarDate"),
            "resolutionDate": lambda: _date(fields.get("resolutiondate")),
            "timeSpent": lambda: sum(x.seconds for x in site.worklogs.children(issue.id)) or None,
            "labels": lambda: fields.get("labels") or [],
            "components": lambda: self._parts(fields.get("components"), "Component"),
            "fixVersions": lambda: self._parts(fields.get("fixVersions"), "Version"),
            "parent": lambda: self.issue(parent),
            "subtasks": lambda: self._subtasks(issue),
            "project": lambda: self.project(site.projects.get(issue.project)),
            **{name: partial(self.user, getattr(issue, name)) for name in _PEOPLE},
            "comments": lambda: [self._comment(x) for x in site.comments.children(issue.id)],
            "sprint": lambda: self.sprint(current_sprint(site, issue)),
            "closedSprints": lambda: [
                self.sprint(x) for x in sprints_of(site, issue) if x.state == "closed"
            ],
            "properties": lambda: self._properties(f"issue/{issue.id}"),
        }
        wanted = wanted_fields((), "*navigable")
        shown = partial(issue_view, site, issue, self._version, wanted)
        return Thing("Issue", issue.id, members, shown, _UNBUILT_OF_ISSUES, _custom)

    def project(self, project: e.Project | None) -> Thing | None:
        """A Project."""
        if project is None:
            return None
        style = "next-gen" if project.simplified else "classic"
        names = {"id": as_number(project.id), "key": project.key, "style": style}
        members = _plain({**names, "typeKey": project.type_key})
        members["properties"] = partial(self._properties, f"project/{project.id}")
        shown = partial(views.project_view, self._site, project)
        return Thing("Project", project.id, members, shown, frozenset({"name", "category"}))

    def user(self, account: str | None) -> Thing | None:
        """A User."""
        if account is None:
            return None
        known = self._site.users.get(account)
        name = known.name if known else "Former user"
        members = _plain({"accountId": account, "displayName": name})
        members["properties"] = partial(self._properties, f"user/{account}")
        shown = partial(views.user_view, self._site, account)
        return Thing("User", account, members, shown, frozenset({"timeZone", "locale"}))

    def sprint(self, sprint: e.Sprint | None) -> Thing | None:
        """A Sprint."""
        if sprint is None:
            return None
        names = {"name": sprint.name, "state": sprint.state, "goal": sprint.goal}
        members = _plain({"id": as_number(sprint.id), **names})
        times = {"startDate": sprint.start, "endDate": sprint.end, "completeDate": sprint.completed}
        for name, at in times.items():
            members[name] = partial(_date, None if at is None else iso8601(at))
        shown = partial(sprint_view, sprint)
        return Thing("Sprint", sprint.id, members, shown, frozenset({"board", "properties"}))

    def board(self, board: e.Board) -> Thing:
        """A Board."""
        members = _plain({"id": as_number(board.id)})
        shown = partial(board_view, self._site, board)
        return Thing("Board", board.id, members, shown, None)

    def _named(self, thing: e.NamedThing | None, type: str) -> Thing | None:
        if thing is None:
            return None
        kind = "priority" if type == "IssuePriority" else "resolution"
        names = {"name": thing.name, "description": thing.description}
        members = _plain({"id": as_number(thing.id), **names})
        return Thing(type, thing.id, members, partial(views.named_view, thing, kind), {"iconUrl"})

    def _issue_type(self, id: str) -> Thing | None:
        kind = self._site.issue_types.get(id)
        if kind is None:
            return None
        names = {"name": kind.name, "description": kind.description}
        members = _plain({"id": as_number(id), **names})
        unbuilt = {"iconUrl", "properties", "isSubtask", "hierarchyLevel"}
        return Thing("IssueType", id, members, partial(views.issue_type_view, kind), unbuilt)

    def _status(self, id: str) -> Thing | None:
        status = self._site.statuses.get(id)
        if status is None:
            return None
        view = views.category_view(status.category)
        kept = {name: view[name] for name in ("id", "key", "name", "colorName")}
        category = Thing("StatusCategory", status.category, _plain(kept), lambda: view)
        names = {"name": status.name, "description": status.description, "category": category}
        members = _plain({"id": as_number(id), **names})
        return Thing("IssueStatus", id, members, partial(views.status_view, status))

    def _comment(self, comment: e.Comment) -> Thing:
        members = _plain({"id": as_number(comment.id)})
        members |= {
            "author": partial(self.user, comment.author),
            "body": partial(_rich_text, comment.body),
            "created": partial(_date, jira_time(comment.created)),
            "updated": partial(_date, jira_time(comment.updated)),
            "properties": partial(self._properties, f"comment/{comment.id}"),
        }
        shown = partial(views.comment_view, self._site, comment, self._version)
        return Thing("Comment", comment.id, members, shown, None)

    def _subtasks(self, issue: e.Issue) -> list[Thing | None]:
        children = self._site.issues.children(issue.project)
        found = [x for x in children if x.fields.get("parent") == issue.id]
        types = self._site.issue_types
        return [self.issue(x) for x in found if (t := types.get(x.issuetype)) and t.level < 0]

    def _parts(self, values: Json, type: str) -> list[Thing]:
        found = values if isinstance(values, list) else []
        return [_part(value, type) for value in found if isinstance(value, dict)]

    def _properties(self, owner: str) -> Thing:
        stored = {each.key: each.value for each in self._site.properties.children(owner)}
        members = {key: partial(_value, value) for key, value in stored.items()}
        get = Function(lambda arguments: _found(stored, arguments), 1)
        keys = Function(lambda arguments: list(stored), 0)
        methods: Mapping[str, Callable[[], Value]] = {"get": lambda: get, "keys": lambda: keys}
        return Thing(
            "EntityProperties", owner, {**members, **methods}, lambda: stored,
            is_nullable=lambda name: True,
        )  # fmt: skip


_PEOPLE: Final = ("creator", "reporter", "assignee")


def _found(stored: dict[str, Json], arguments: list[Value]) -> Json:
    key = arguments[0] if arguments else None
    return stored.get(key) if isinstance(key, str) else None


def _custom(name: str) -> bool:
    return _IS_CUSTOM_FIELD.fullmatch(name) is not None


def _value(value: Json) -> Json:
    return value


def _plain(values: Mapping[str, Value]) -> dict[str, Callable[[], Value]]:
    return {name: partial(_value, value) for name, value in values.items()}


def _part(value: dict[str, Any], type: str) -> Thing:
    names = {"id": as_number(str(value.get("id"))), "name": value.get("name")}
    members = _plain({**names, "description": value.get("description")})
    return Thing(type, str(value.get("id")), members, lambda: value, None)


def _rich_text(document: Json) -> Thing | None:
    if document is None:
        return None
    text = text_of_document(document)
    return Thing("RichText", text, _plain({"plainText": text}), lambda: document, None)


def _date(text: Json, type: str = "Date") -> Thing | None:
    return None if text is None else Thing(type, str(text), {}, lambda: text, None)
