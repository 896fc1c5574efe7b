"""The things of Jira. Instants are milliseconds since 1970; a person is an account id.

They are saved as arrays: a field may only be added at the end, with a default.
"""

from __future__ import annotations

import msgspec

from forge_emu.model import Json


class Issue(msgspec.Struct, frozen=True, array_like=True):
    """An issue. `fields` holds what has no place of its own, by the id of the field."""

    id: str
    key: str
    project: str
    issuetype: str
    status: str
    summary: str
    creator: str | None
    reporter: str | None
    assignee: str | None
    created: int
    updated: int
    priority: str = "3"
    resolution: str | None = None
    fields: dict[str, Json] = {}


class Comment(msgspec.Struct, frozen=True, array_like=True):
    """A comment of an issue; `body` is a document of the Atlassian Document Format."""

    id: str
    issue: str
    author: str | None
    body: Json
    created: int
    updated: int
    update_author: str | None = None
    visibility: Json = None
    public: bool = True
    parent: str | None = None


class Worklog(msgspec.Struct, frozen=True, array_like=True):
    """Time that somebody logged on an issue."""

    id: str
    issue: str
    author: str | None
    comment: Json
    created: int
    updated: int
    started: int
    seconds: int
    update_author: str | None = None


class HistoryItem(msgspec.Struct, frozen=True, array_like=True):
    """What one edit changed of one field, as a changelog says it."""

    field: str
    field_id: str
    field_type: str
    from_id: str | None
    from_text: str | None
    to_id: str | None
    to_text: str | None


class History(msgspec.Struct, frozen=True, array_like=True):
    """One edit of an issue."""

    id: str
    issue: str
    author: str | None
    created: int
    items: tuple[HistoryItem, ...]


class Property(msgspec.Struct, frozen=True, array_like=True):
    """A property of a thing; `owner` is `issue/10001`, `project/10000`, `user/…` or `app/`."""

    owner: str
    key: str
    value: Json


class Watchers(msgspec.Struct, frozen=True, array_like=True):
    """Who watches an issue, or has voted for it."""

    issue: str
    accounts: tuple[str, ...]


class Project(msgspec.Struct, frozen=True, array_like=True):
    """A project."""

    id: str
    key: str
    name: str
    type_key: str = "software"
    lead: str | None = None
    description: str = ""
    simplified: bool = False
    archived: bool = False


class NamedThing(msgspec.Struct, frozen=True, array_like=True):
    """A thing that has a name and little else: a priority, a resolution."""

    id: str
    name: str
    description: str = ""


class IssueType(msgspec.Struct, frozen=True, array_like=True):
    """An issue type; `level` is 0, 1 for an epic and -1 for a subtask."""

    id: str
    name: str
    description: str = ""
    level: int = 0
    avatar: int = 10_300


class Status(msgspec.Struct, frozen=True, array_like=True):
    """A status; `category` is `new`, `indeterminate` or `done`."""

    id: str
    name: str
    category: str = "new"
    description: str = ""


class ProjectPart(msgspec.Struct, frozen=True, array_like=True):
    """A version or a component of a project; `fields` holds what else it has."""

    id: str
    project: str
    name: str
    fields: dict[str, Json] = {}


class IssueLink(msgspec.Struct, frozen=True, array_like=True):
    """A link from one issue to another; `type` is the id of its type."""

    id: str
    type: str
    inward: str
    outward: str


class RemoteLink(msgspec.Struct, frozen=True, array_like=True):
    """A link from an issue to something outside; `fields` is what Jira shows of it."""

    id: str
    issue: str
    global_id: str | None
    fields: dict[str, Json] = {}


class LinkType(msgspec.Struct, frozen=True, array_like=True):
    """A type of links, with what each end says of the other."""

    id: str
    name: str
    inward: str
    outward: str


class Attachment(msgspec.Struct, frozen=True, array_like=True):
    """A file at an issue. `content` is None where only an event has told of it."""

    id: str
    issue: str
    author: str | None
    created: int
    filename: str
    size: int = 0
    mime_type: str = "application/octet-stream"
    content: str | None = None


class User(msgspec.Struct, frozen=True, array_like=True):
    """An account. `type` is `atlassian`, `app` or `customer`."""

    account: str
    name: str
    type: str = "atlassian"
    active: bool = True
    email: str = ""


class Field(msgspec.Struct, frozen=True, array_like=True):
    """A field of issues. `schema` is its type, as Jira says it; system fields have none."""

    id: str
    name: str
    schema: dict[str, Json] = {}
    clause_names: tuple[str, ...] = ()
    custom: bool = False
    description: str = ""


class Board(msgspec.Struct, frozen=True, array_like=True):
    """A board with the issues of a project. `type` is `scrum`, `kanban` or `simple`."""

    id: str
    name: str
    type: str
    project: str


class Sprint(msgspec.Struct, frozen=True, array_like=True):
    """A sprint of the board on which it was made. `state` is `future`, `active` or `closed`."""

    id: str
    board: str
    name: str
    state: str = "future"
    goal: str = ""
    created: int | None = None
    start: int | None = None
    end: int | None = None
    completed: int | None = None


class IssueNumber(msgspec.Struct, frozen=True, array_like=True):
    """The highest number that an issue of a project has had."""

    project_key: str
    last: int
