"""Custom entities as a manifest declares them: attributes with types, and indexes over them.

https://developer.atlassian.com/platform/forge/storage-reference/entities-manifest/ (2026-05-19).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from forge_emu.model import Json

BY_KEY: Final = "by-key"
"""The index that every entity has."""

KEY: Final = ""
"""In the place of an attribute: the key itself."""


class Index(msgspec.Struct, frozen=True):
    """Values are found by equal `partition` attributes, in the order of the `range` attribute."""

    name: str
    range: str
    partition: tuple[str, ...] = ()


class Entity(msgspec.Struct, frozen=True):
    """A kind of value. `attributes` says which type each has."""

    name: str
    attributes: dict[str, str]
    indexes: dict[str, Index]

    def type_of(self, attribute: str) -> str | None:
        """The type of an attribute, of the key as well; None where it is not declared."""
        return "string" if attribute == KEY else self.attributes.get(attribute)


def entities_of(storage: Mapping[str, Json]) -> dict[str, Entity]:
    """The entities in the manifest's `app.storage`; what is malformed there is left out.

    What is wrong with it is for the manifest's own findings to say.
    """
    return {entity.name: entity for entity in map(_entity, _dicts(storage.get("entities")))}


def _entity(declared: Mapping[str, Any]) -> Entity:
    name = declared.get("name")
    attributes = {
        attribute: kind["type"]
        for attribute, kind in _dict(declared.get("attributes")).items()
        if isinstance(kind, dict) and isinstance(kind.get("type"), str)
    }
    indexes = {BY_KEY: Index(BY_KEY, KEY)}
    indexes |= {index.name: index for index in _indexes(declared.get("indexes"))}
    return Entity(name if isinstance(name, str) else "", attributes, indexes)


def _indexes(declared: Json) -> Iterator[Index]:
    for each in declared if isinstance(declared, list) else ():
        if isinstance(each, str):
            yield Index(each, each)
        elif isinstance(each, dict) and isinstance(each.get("name"), str):
            ranges = _texts(each.get("range"))
            yield Index(each["name"], ranges[0] if ranges else KEY, _texts(each.get("partition")))


def _dicts(items: Json) -> Iterator[dict[str, Any]]:
    return (item for item in (items if isinstance(items, list) else ()) if isinstance(item, dict))


def _dict(item: Json) -> dict[str, Any]:
    return item if isinstance(item, dict) else {}


def _texts(items: Json) -> tuple[str, ...]:
    return tuple(
        item for item in (items if isinstance(items, list) else ()) if isinstance(item, str)
    )
