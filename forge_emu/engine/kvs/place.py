"""Where a value of the store is: in memory with a name for each part, saved as a flag and a text.

Saved, the key of a custom entity's value is `entity/key`: neither may hold a slash.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from forge_emu.model import Instant, SavedPlace, StoredValue

KvsKind: TypeAlias = Literal["plain", "secret", "entity"]
"""Which of the three stores of an installation: each has keys of its own."""


class KvsPlace(msgspec.Struct, frozen=True):
    """Where a value is. `entity` is the custom entity's name, empty for the other kinds."""

    kind: KvsKind
    entity: str
    key: str

    @property
    def qualified_key(self) -> str:
        """The key as records and messages have it: that of an entity's value as `entity/key`."""
        return f"{self.entity}/{self.key}" if self.kind == "entity" else self.key


def saved_place(place: KvsPlace) -> SavedPlace:
    """How a place is saved."""
    return place.kind == "secret", place.qualified_key


def restored_place(saved: SavedPlace) -> KvsPlace:
    """The place that was saved as `saved`."""
    secret, qualified_key = saved
    if secret:
        return KvsPlace("secret", "", qualified_key)
    entity, slash, key = qualified_key.partition("/")
    return KvsPlace("entity", entity, key) if slash else KvsPlace("plain", "", qualified_key)


def stored_value(
    secret: int,
    qualified_key: str,
    value_text: bytes,
    created_at: Instant,
    updated_at: Instant,
    expires_at: Instant | None,
) -> tuple[SavedPlace, StoredValue]:
    """A row of a state file's table of values, as a snapshot has it."""
    saved = bool(secret), qualified_key
    place = restored_place(saved)
    return saved, StoredValue(
        place.key, value_text, created_at, updated_at, expires_at, place.entity
    )
