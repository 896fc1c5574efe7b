"""The life cycle of the app's installation: that it is installed, and in which major version.

https://developer.atlassian.com/platform/forge/events-reference/life-cycle/ (2026-04-07) and
https://developer.atlassian.com/platform/forge/versions/ (2026-08-22).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

INSTALLED_EVENT: Final = "avi:forge:installed:app"
UPGRADED_EVENT: Final = "avi:forge:upgraded:app"

_REMOVAL_COUNTS: Final = frozenset({"scopes", "providers"})
"""What an admin consents to anew where an entry of it goes; of the rest, where one comes."""

Consents = Mapping[str, Sequence[str]]
"""What an admin consents to, as entries of each part of the manifest (`scopes`, `external`)."""


class InstalledVersion(msgspec.Struct, frozen=True):
    """The major version that is installed, from 1, and what its admin has consented to."""

    major: int
    consents: dict[str, tuple[str, ...]]

    @property
    def version(self) -> str:
        """As payloads have it: `2.0.0`."""
        return f"{self.major}.0.0"


class Upgrade(msgspec.Struct, frozen=True):
    """The app has come to another state of its life cycle.

    `event` is the one that the platform sends; `changes` are what made a version a major one.
    """

    event: str
    changes: tuple[str, ...] = ()


class LifeCycle:
    """Knows what is installed, once an app was loaded."""

    def __init__(self) -> None:
        self.installed: InstalledVersion | None = None
        self.changed = False
        """Whether a store does not know of the installed version."""
        self._was_used = False

    def restore(self, saved: InstalledVersion | None, *, was_used: bool) -> None:
        """Go on from a state. One that `was_used` without a version had the app already."""
        self.installed = saved
        self._was_used = was_used

    def install(self, consents: Consents) -> Upgrade | None:
        """An app with these `consents` is loaded: what this means for the installation.

        None where it goes on in the same major version.
        """
        before = self.installed
        present = {name: tuple(entries) for name, entries in consents.items()}
        changes = () if before is None else changed_consents(before.consents, present)
        major = 1 if before is None else before.major + bool(changes)
        after = InstalledVersion(major, present)
        if after != before:
            self.installed, self.changed = after, True
        if before is None:
            return None if self._was_used else Upgrade(INSTALLED_EVENT)
        return Upgrade(UPGRADED_EVENT, changes) if changes else None


def changed_consents(before: Consents, after: Consents) -> tuple[str, ...]:
    """The changes that make a new major version, in words: `scopes: + read:jira-work`."""
    found: list[str] = []
    for name in sorted({*before, *after}):
        old, new = before.get(name, ()), after.get(name, ())
        found += [f"{name}: + {entry}" for entry in new if entry not in old]
        if name in _REMOVAL_COUNTS:
            found += [f"{name}: - {entry}" for entry in old if entry not in new]
    return tuple(found)
