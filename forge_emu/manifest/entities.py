"""`app.storage.entities`: custom entities, their attributes and indexes.

https://developer.atlassian.com/platform/forge/limits-kvs-ce/ (2026-09-28).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from forge_emu.yamlsource import typed_reading
from forge_emu.yamlsource.findings import Findings, join_names
from forge_emu.yamlsource.nodes import Part, ScalarNode

RULE: Final = "entity"
MOST_ENTITIES: Final = 20
MOST_ATTRIBUTES: Final = 50
MOST_INDEXES: Final = 7
TYPES: Final = ("string", "integer", "float", "boolean", "any")

_ENTITY = re.compile(r"(?![-_.])(?!.*\.\.)[a-z0-9:\-_.]*(?<!\.)")
_ATTRIBUTE = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")
_INDEX = re.compile(r"(?!\.)(?!.*\.\.)[a-zA-Z0-9:\-_.]*(?<!\.)")
_RESERVED = "by-key"


def check_entities(findings: Findings, root: Part) -> None:
    """Report everything that is wrong with the custom entities."""
    app = root.get("app")
    storage = app.get("storage") if app else None
    part = storage.get("entities") if storage else None
    entities = typed_reading.read_list(findings, part, "entities") if part else None
    if part is None or entities is None:
        return
    _check_count(findings, part, len(entities), MOST_ENTITIES, "entities")
    names: set[str] = set()
    for entity in entities:
        if typed_reading.require_mapping(findings, entity):
            _check_entity(findings, entity, names)


def _check_entity(findings: Findings, entity: Part, names: set[str]) -> None:
    typed_reading.warn_unknown_properties(
        findings, entity, ("name", "attributes", "indexes"), "an entity"
    )
    name = typed_reading.read_required_text(findings, entity, "name", "Name it: `name: employee`.")
    at = entity.get("name")
    if name is not None and at is not None:
        allowed = "lower-case letters, digits and : - _ . with no dots at the ends or side by side"
        _check_name(findings, at, name, _ENTITY, allowed, 3, 60)
        _check_unique(findings, at, name, names)
    attributes = _read_attributes(findings, entity.get("attributes"))
    if (indexes := entity.get("indexes")) is not None:
        _check_indexes(findings, indexes, attributes)


def _read_attributes(findings: Findings, part: Part | None) -> dict[str, str]:
    """The types by name."""
    found: dict[str, str] = {}
    if part is None or not typed_reading.require_mapping(findings, part):
        return found
    for name, attribute in part.properties():
        _check_name(findings, attribute, name, _ATTRIBUTE, "letters, digits and _", 1, 30, key=True)
        if not typed_reading.require_mapping(findings, attribute):
            continue
        typed_reading.warn_unknown_properties(findings, attribute, ("type",), "an attribute")
        kind = typed_reading.read_required_text(
            findings, attribute, "type", f"One of {join_names(TYPES, 5)}."
        )
        at = attribute.get("type")
        # One without a proper type is an attribute all the same: that is said only once.
        found[name] = kind or ""
        if kind is not None and kind not in TYPES and at is not None:
            hint = findings.did_you_mean(kind, TYPES) or f"There are {join_names(TYPES, 5)}."
            findings.error(at, f"{at.name} cannot be {kind[:60]!r}", hint, RULE)
    _check_count(findings, part, sum(1 for _ in part.properties()), MOST_ATTRIBUTES, "attributes")
    return found


def _check_indexes(findings: Findings, part: Part, attributes: dict[str, str]) -> None:
    indexes = typed_reading.read_list(findings, part, "indexes") or []
    _check_count(findings, part, len(indexes), MOST_INDEXES, "indexes")
    names = {_RESERVED}
    for index in indexes:
        if isinstance(index.node, ScalarNode):
            name = typed_reading.read_text(findings, index)
            if name is not None:
                _check_indexed_attribute(findings, index, name, attributes)
                _check_unique(findings, index, name, names)
        elif typed_reading.require_mapping(findings, index):
            _check_named_index(findings, index, attributes, names)


def _check_named_index(
    findings: Findings, index: Part, attributes: dict[str, str], names: set[str]
) -> None:
    typed_reading.warn_unknown_properties(
        findings, index, ("name", "range", "partition"), "an index"
    )
    name = typed_reading.read_required_text(
        findings, index, "name", "Queries name it: `name: by-age`."
    )
    at = index.get("name")
    if name is not None and at is not None:
        _check_name(findings, at, name, _INDEX, "letters, digits and : - _ .", 3, 50)
        _check_unique(findings, at, name, names)
    ranges = index.get("range")
    if ranges is None:
        findings.error_missing(index, "range", "Give it one attribute: `range: [age]`.")
    elif len(list(_index_attributes(findings, ranges, attributes))) > 1:
        findings.error(ranges, f"{ranges.name} has more than one attribute", None, RULE)
    if (partition := index.get("partition")) is not None:
        list(_index_attributes(findings, partition, attributes))


def _index_attributes(findings: Findings, part: Part, attributes: dict[str, str]) -> Iterator[str]:
    for item in typed_reading.read_list(findings, part, "attributes") or []:
        if (name := typed_reading.read_text(findings, item)) is not None:
            _check_indexed_attribute(findings, item, name, attributes)
            yield name


def _check_indexed_attribute(
    findings: Findings, part: Part, name: str, attributes: dict[str, str]
) -> None:
    kind = attributes.get(name)
    if kind == "any":
        message = f"{part.name}: {name[:60]!r} has the type any, which no index can have"
        findings.error(part, message, "Give it another type.", RULE)
    elif kind is None:
        hint = findings.did_you_mean(name, attributes) or "Declare it under attributes."
        findings.error(part, f"{part.name}: there is no attribute {name[:60]!r}", hint, RULE)


def _check_name(
    findings: Findings,
    at: Part,
    name: str,
    pattern: re.Pattern[str],
    allowed: str,
    least: int,
    most: int,
    *,
    key: bool = False,
) -> None:
    report = findings.error_at_key if key else findings.error
    if not least <= len(name) <= most:
        message = f"{at.name}: {name[:60]!r} is {len(name)} characters long"
        report(at, message, f"{least} to {most} are allowed.", RULE)
    elif not pattern.fullmatch(name):
        report(at, f"{at.name} may only have {allowed}, found {name!r}", None, RULE)


def _check_unique(findings: Findings, at: Part, name: str, names: set[str]) -> None:
    if name in names:
        hint = "Every entity has it already." if name == _RESERVED else "Rename one of the two."
        findings.error(at, f"{at.name}: there are two of the name {name[:60]!r}", hint, RULE)
    names.add(name)


def _check_count(findings: Findings, part: Part, found: int, most: int, what: str) -> None:
    if found > most:
        message = f"{part.name} has {found} {what}, {most} are allowed"
        findings.error(part, message, None, RULE)
