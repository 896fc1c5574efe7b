"""What a new site has: one project, the accounts of the payloads of events, and the catalogues.

All of it is an emulator choice: a site of Jira has what its administrators have made.
"""

from __future__ import annotations

from typing import Final

import msgspec

from forge_emu.site.jira.entities import (
    Board,
    IssueType,
    LinkType,
    NamedThing,
    Project,
    Status,
    User,
)

APP_ACCOUNT: Final = "712020:7e1f0a9c-3b52-4d68-9f04-c6a1d2b3e4f5"
"""The account that a request as the app has."""

REPORTER: Final = "557058:0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
"""Who creates the issues of the templates; a request as a user that nobody names is theirs."""

ASSIGNEE: Final = "712020:5d6e7f80-9a1b-4c2d-8e3f-4a5b6c7d8e9f"

USERS: Final = (
    User(REPORTER, "Mia Berg", email="mia@example.com"),
    User(ASSIGNEE, "Jonas Lind", email="jonas@example.com"),
    User("712020:1c2d3e4f-5a6b-4c7d-8e9f-0a1b2c3d4e5f", "Ada Sol", email="ada@example.com"),
    User(APP_ACCOUNT, "App", type="app"),
)


class Group(msgspec.Struct, frozen=True):
    """A group of the site; one without `members` has every person."""

    id: str
    name: str
    members: tuple[str, ...] = ()


GROUPS: Final = (
    Group("1b4e28ba-2fa1-4d2e-883f-b9a761bde3fb", "jira-users"),
    Group("6fa459ea-ee8a-4ca4-894e-db77e160355e", "jira-administrators", (REPORTER,)),
)


class Role(msgspec.Struct, frozen=True):
    """A role that every project has; one without `members` is everybody's."""

    id: str
    name: str
    description: str
    members: tuple[str, ...] = ()
    is_admin: bool = False


ROLES: Final = (
    Role("10002", "Administrators", "Who administers a project.", (REPORTER,), True),
    Role("10003", "Members", "Who works in a project."),
)
PROJECT_KEY: Final = "EMU"
"""The project that product events are about."""

PROJECTS: Final = (Project("10000", PROJECT_KEY, "Emulated project", lead=REPORTER),)
BOARD_ID: Final = "1"
"""The board that sprints of product events are on."""

BOARDS: Final = (Board(BOARD_ID, "EMU board", "scrum", "10000"),)
SPRINT_FIELD: Final = "customfield_10020"
"""The field Sprint of issues: the ids of their sprints."""

ISSUE_TYPES: Final = (
    IssueType("10000", "Epic", "A body of work that has issues of its own.", 1, 10_307),
    IssueType("10001", "Bug", "Something that does not work as it should.", 0, 10_303),
    IssueType("10002", "Task", "A piece of work.", 0, 10_318),
    IssueType("10003", "Story", "What a user wants to do.", 0, 10_315),
    IssueType("10004", "Subtask", "A part of a larger task.", -1, 10_316),
)
STATUSES: Final = (
    Status("10001", "To Do", "new", "Nobody works on it yet."),
    Status("10002", "In Progress", "indeterminate", "Somebody works on it."),
    Status("10003", "Done", "done", "Nothing is left to do."),
)
PRIORITIES: Final = (
    NamedThing("1", "Highest", "It blocks progress."),
    NamedThing("2", "High", "It may block progress."),
    NamedThing("3", "Medium", "It may affect progress."),
    NamedThing("4", "Low", "It is easily worked around."),
    NamedThing("5", "Lowest", "It has little or no effect."),
)
RESOLUTIONS: Final = (NamedThing("10000", "Done", "Work on it is completed."),)
LINK_TYPES: Final = (
    LinkType("10000", "Blocks", "is blocked by", "blocks"),
    LinkType("10001", "Relates", "relates to", "relates to"),
    LinkType("10002", "Duplicate", "is duplicated by", "duplicates"),
)
CATEGORIES: Final[dict[str, tuple[int, str, str]]] = {
    "undefined": (1, "medium-gray", "No Category"),
    "new": (2, "blue-gray", "To Do"),
    "indeterminate": (4, "yellow", "In Progress"),
    "done": (3, "green", "Done"),
}
"""Number, colour and name of a status category, by its key."""
