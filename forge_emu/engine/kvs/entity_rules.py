"""What the Custom Entity Store accepts: names of entities, and values by their attributes' types.

https://developer.atlassian.com/platform/forge/storage-reference/entities-api/ (2026-08-21), and
entities-errorhandling/ (2025-03-14) for the codes. The messages are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NoReturn

import msgspec

from forge_emu import settings as s
from forge_emu.engine.kvs import rules
from forge_emu.engine.kvs.entities import KEY, Entity
from forge_emu.model import Json
from forge_emu.settings.refusals import KVS_ENTITY

_SMALLEST: Final = -(2**31)
_LARGEST: Final = 2**31 - 1
_LEAST_FLOAT: Final = 1e-130
_MOST_FLOAT: Final = 1e126
"""Values are below it: 38 digits of 9 and an exponent of 125 are the largest."""

_decoder = msgspec.json.Decoder()


def check_entity(name: Json, known: Mapping[str, Entity]) -> Entity:
    """The entity of this name, if the manifest declares it. Raises Fault (400)."""
    found = known.get(name) if isinstance(name, str) else None
    if found is None:
        there = f"there are {', '.join(known)}" if known else "there are none"
        message = (
            f"The manifest declares no entity {rules.short_json(name)} under app.storage.entities; "
            f"{there}."
        )
        rules.refuse(_code_of(name), message, KVS_ENTITY)
    return found


def _code_of(name: Json) -> str:
    """The code for a name that is none, as far as one is published for what it lacks."""
    length = len(name) if isinstance(name, str) else 3
    if length < 3:
        return "ENTITY_TYPE_TOO_SHORT"
    return "ENTITY_TYPE_TOO_LARGE" if length > 60 else "INVALID_ENTITY_TYPE"


def attributes_of(text: bytes) -> dict[str, Json]:
    """The attributes of a stored value; none where it is no object."""
    found = _decoder.decode(text)
    return found if isinstance(found, dict) else {}


def check_attributes(text: bytes, entity: Entity, settings: s.Settings) -> None:
    """Whether a value's attributes are those of its entity. Raises Fault (400)."""
    value = _decoder.decode(text)
    if not isinstance(value, dict):
        _refuse_value(
            f"A value of the entity {entity.name!r} is an object, not {rules.short_json(value)}."
        )
    for name, attribute in value.items():
        kind = entity.attributes.get(name)
        if kind is None:
            if settings[s.STORAGE_UNDECLARED] == "refuse":
                _refuse_value(
                    f"The entity {entity.name!r} has no attribute {name!r} in the manifest "
                    "(`storage.undeclared_attributes` decides)."
                )
        elif not is_of_type(attribute, kind):
            _refuse_value(
                f"The attribute {name!r} of the entity {entity.name!r} has the type {kind}, which "
                f"{rules.short_json(attribute)} is not."
            )
    _check_indexes(value, entity, settings)


def is_of_type(value: Json, kind: str) -> bool:
    """Whether `value` may stand in an attribute of this type."""
    if kind == "any":
        return value is not None
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "string":
        return isinstance(value, str) and bool(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if kind == "integer":
        return value == int(value) and _SMALLEST <= value <= _LARGEST
    return value == 0 or _LEAST_FLOAT <= abs(value) < _MOST_FLOAT


def _check_indexes(value: Mapping[str, Json], entity: Entity, settings: s.Settings) -> None:
    for index in entity.indexes.values():
        for what, attributes, setting in (
            ("range", (index.range,), s.KVS_RANGE_BYTES),
            ("partition", index.partition, s.KVS_PARTITION_BYTES),
        ):
            most = settings[setting]
            size = sum(_size(value[name]) for name in attributes if name != KEY and name in value)
            if most is not None and size > most:
                message = (
                    f"The {what} attributes of the index {index.name!r} have {size} bytes "
                    f"together; at most {most} are allowed."
                )
                rules.refuse("INVALID_ENTITY_VALUE", message, setting)


def _size(value: Json) -> int:
    return len(value.encode() if isinstance(value, str) else msgspec.json.encode(value))


def _refuse_value(message: str) -> NoReturn:
    rules.refuse("INVALID_ENTITY_VALUE", message, KVS_ENTITY)
