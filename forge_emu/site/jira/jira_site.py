"""Jira's things, with what a new site has of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias, TypeVar

from forge_emu.model import Json
from forge_emu.site.collection import FIRST_ID, FIRST_OWN_ID, Collection, Place
from forge_emu.site.jira import defaults
from forge_emu.site.jira import entities as e
from forge_emu.site.jira.field_catalogue import CUSTOM_FIELDS, SYSTEM_FIELDS

Mark: TypeAlias = Callable[[Place], None]
P = TypeVar("P", e.Comment, e.Worklog, e.History, e.Attachment, e.RemoteLink)
N = TypeVar("N", e.IssueType, e.Status, e.NamedThing, e.LinkType, e.IssueLink, e.Field)


class JiraSite:
    """Every collection of Jira. `mark` is told of every change."""

    def __init__(self, mark: Mark) -> None:
        self.projects = Collection(
            "project", e.Project, mark, id_of=lambda x: x.id, alias_of=lambda x: x.key
        )
        self.issues = Collection(
            "issue", e.Issue, mark, id_of=lambda x: x.id, parent_of=lambda x: x.project,
            alias_of=lambda x: x.key, first_id=FIRST_OWN_ID,
        )  # fmt: skip
        self.comments = _of_issues("comment", e.Comment, mark)
        self.worklogs = _of_issues("worklog", e.Worklog, mark)
        self.histories = _of_issues("history", e.History, mark)
        self.attachments = _of_issues("attachment", e.Attachment, mark)
        self.properties = Collection(
            "property", e.Property, mark, id_of=lambda x: f"{x.owner}/{x.key}",
            parent_of=lambda x: x.owner,
        )  # fmt: skip
        self.watchers = Collection("watchers", e.Watchers, mark, id_of=lambda x: x.issue)
        self.votes = Collection("votes", e.Watchers, mark, id_of=lambda x: x.issue)
        self.versions = _of_projects("version", mark)
        self.components = _of_projects("component", mark)
        self.users = Collection("user", e.User, mark, id_of=lambda x: x.account)
        self.fields = _by_id("field", e.Field, mark)
        self.issue_types = _by_id("issuetype", e.IssueType, mark)
        self.statuses = _by_id("status", e.Status, mark)
        self.priorities = _by_id("priority", e.NamedThing, mark)
        self.resolutions = _by_id("resolution", e.NamedThing, mark)
        self.link_types = _by_id("issuelinktype", e.LinkType, mark)
        self.links = Collection(
            "issuelink", e.IssueLink, mark, id_of=lambda x: x.id, first_id=FIRST_OWN_ID
        )
        self.remote_links = _of_issues("remotelink", e.RemoteLink, mark)
        self.boards = Collection("board", e.Board, mark, id_of=lambda x: x.id)
        self.sprints = Collection(
            "sprint", e.Sprint, mark, id_of=lambda x: x.id, parent_of=lambda x: x.board,
            first_id=FIRST_OWN_ID,
        )  # fmt: skip
        self._numbers = Collection(
            "issue_number", e.IssueNumber, mark, id_of=lambda x: x.project_key
        )
        self._fill()

    @property
    def collections(self) -> tuple[Collection[Any], ...]:
        """Every collection."""
        return tuple(each for each in vars(self).values() if isinstance(each, Collection))

    def last_issue_number(self, project_key: str) -> int:
        """The highest number that an issue of a project has had."""
        known = self._numbers.get(project_key)
        return known.last if known else 0

    def next_issue_key(self, project_key: str) -> str:
        """The key of the next issue of a project: none is given twice."""
        number = self.last_issue_number(project_key) + 1
        self._numbers.put(e.IssueNumber(project_key, number))
        return f"{project_key}-{number}"

    def new_issue_id(self, key: str) -> str:
        """The id of a new issue: in the first project that which events about this key have."""
        project_key, _, number = key.rpartition("-")
        if project_key == defaults.PROJECT_KEY and number.isdecimal():
            id = str(FIRST_ID + int(number))
            if id not in self.issues:
                return id
        return self.issues.new_id()

    def note_issue_key(self, key: str) -> None:
        """An issue with this key exists, or will: numbers go on from it."""
        project_key, _, number = key.rpartition("-")
        if number.isdecimal() and int(number) > self.last_issue_number(project_key):
            self._numbers.put(e.IssueNumber(project_key, int(number)))

    def remove_issue(self, id: str) -> e.Issue | None:
        """Remove an issue with all that belongs to it; answers it, None where there is none."""
        issue = self.issues.remove(id)
        if issue is None:
            return None
        for collection in (
            self.comments, self.worklogs, self.histories, self.attachments, self.remote_links,
        ):  # fmt: skip
            for child in collection.children(id):
                collection.remove(child.id)
        for link in self.links:
            if id in (link.inward, link.outward):
                self.links.remove(link.id)
        self.remove_properties(f"issue/{id}")
        self.watchers.remove(id)
        self.votes.remove(id)
        return issue

    def remove_project(self, id: str) -> e.Project | None:
        """Remove a project with its issues and boards; answers it, None where there is none."""
        project = self.projects.remove(id)
        if project is None:
            return None
        for issue in self.issues.children(id):
            self.remove_issue(issue.id)
        for parts in (self.versions, self.components):
            for part in parts.children(id):
                parts.remove(part.id)
        for board in [each for each in self.boards if each.project == id]:
            for sprint in self.sprints.children(board.id):
                self.sprints.remove(sprint.id)
            self.boards.remove(board.id)
        self.remove_properties(f"project/{id}")
        return project

    def property_value(self, owner: str, key: str) -> Json:
        """The value of a property by its owner and its key; None where there is none."""
        found = self.properties.get(f"{owner}/{key}")
        return None if found is None else found.value

    def remove_properties(self, owner: str) -> None:
        """Remove every property of a thing that is no more."""
        for each in self.properties.children(owner):
            self.properties.remove(f"{owner}/{each.key}")

    def _fill(self) -> None:
        _put_all(self.projects, defaults.PROJECTS)
        _put_all(self.users, defaults.USERS)
        _put_all(self.fields, (*SYSTEM_FIELDS, *CUSTOM_FIELDS))
        _put_all(self.boards, defaults.BOARDS)
        _put_all(self.issue_types, defaults.ISSUE_TYPES)
        _put_all(self.statuses, defaults.STATUSES)
        _put_all(self.priorities, defaults.PRIORITIES)
        _put_all(self.resolutions, defaults.RESOLUTIONS)
        _put_all(self.link_types, defaults.LINK_TYPES)


def _of_issues(kind: str, of: type[P], mark: Mark) -> Collection[P]:
    return Collection(
        kind, of, mark, id_of=lambda x: x.id, parent_of=lambda x: x.issue, first_id=FIRST_OWN_ID
    )


def _of_projects(kind: str, mark: Mark) -> Collection[e.ProjectPart]:
    return Collection(
        kind, e.ProjectPart, mark, id_of=lambda x: x.id, parent_of=lambda x: x.project
    )


def _by_id(kind: str, of: type[N], mark: Mark) -> Collection[N]:
    return Collection(kind, of, mark, id_of=lambda x: x.id)


def _put_all(collection: Collection[Any], things: Iterable[Any]) -> None:
    for thing in things:
        collection.put(thing)
