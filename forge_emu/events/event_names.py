"""Every event name the platform documents or its tools accept, with the scopes it needs.

`known.json` is the only list; an event that the documentation names and the platform's own scope
map does not has `null` there.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec


class Scopes(msgspec.Struct, frozen=True):
    """The scopes an app needs to receive an event: all of `classic`, or all of `granular`."""

    classic: tuple[str, ...]
    granular: tuple[str, ...]


@cache
def _scopes_by_event() -> dict[str, Scopes | None]:
    text = files(__package__).joinpath("known.json").read_bytes()
    return msgspec.json.decode(text, type=dict[str, Scopes | None])


@cache
def known_events() -> frozenset[str]:
    """Full names, as a manifest has them (`avi:jira:created:issue`)."""
    return frozenset(_scopes_by_event())


def scopes_of(event: str) -> Scopes | None:
    """What `event` requires; None where no source says so."""
    return _scopes_by_event().get(event)


def short_name(event: str) -> str:
    """`avi:jira:created:issue` as `issue-created`: the subject, then the action."""
    _, _, action = event.removeprefix("avi:").partition(":")
    verb, _, subject = action.partition(":")
    return f"{subject}-{verb}".replace(":", "-").replace("_", "-").lower()
