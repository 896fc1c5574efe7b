"""Entity properties in expressions: `event.runtime.issue.properties['key'].path` (a preview).

https://developer.atlassian.com/platform/forge/events-reference/product_events/ (2026-08-21)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any, Final

from forge_emu.expressions import nodes as n

ENTITIES: Final = ("issue", "project", "user")

_PATH: Final = re.compile(
    r"(?P<entity>[A-Za-z]+)\.properties\[(?P<quote>['\"])(?P<key>[^'\"]+)(?P=quote)\](?P<rest>.*)"
)
_STEP: Final = re.compile(r"\.([A-Za-z_$][\w$]*)|\[(['\"])([^'\"]+)\2\]")


def as_property_path(chain: n.Chain) -> n.PropertyPath | n.Chain | None:
    """The property that a chain begins with, or the chain behind it; None where it has none.

    All names up to the first call belong to the path.
    """
    first = chain.first
    if not (isinstance(first, n.Name) and first.name == "event"):
        return None
    names = _leading_names(chain)
    if len(names) < 4 or names[0] != "runtime" or names[2] != "properties":
        return None
    end = chain.links[len(names) - 1].span[1]
    below = tuple(step for name in names[4:] for step in name.split("."))
    path = n.PropertyPath(names[1], names[3], below, (chain.span[0], end))
    rest = chain.links[len(names) :]
    return n.Chain(path, rest, chain.span) if rest else path


def _leading_names(chain: n.Chain) -> list[str]:
    names: list[str] = []
    for link in chain.links:
        key = link.key if isinstance(link, n.Member) else None
        if not isinstance(key, n.Literal) or not isinstance(key.value, str):
            break
        names.append(key.value)
    return names


def read_property_path(text: str) -> n.PropertyPath | None:
    """A path as `payload.include.propertyPaths` writes it; None where it is none."""
    found = _PATH.fullmatch(text.strip())
    if found is None:
        return None
    steps: list[str] = []
    at, rest = 0, found["rest"]
    while at < len(rest):
        step = _STEP.match(rest, at)
        if step is None:
            return None
        steps += (step[1] or step[3]).split(".")
        at = step.end()
    return n.PropertyPath(found["entity"], found["key"], tuple(steps), (0, len(text)))


def property_value(stored: Any, path: tuple[str, ...]) -> Any:
    """What a path finds in the value of a property: a primitive, a list of them, or None."""
    for step in path:
        if not isinstance(stored, dict) or step not in stored:
            return None
        stored = stored[step]
    if isinstance(stored, dict):
        return None
    if isinstance(stored, list) and any(isinstance(item, dict | list) for item in stored):
        return None
    return stored


def property_paths(root: n.Node) -> tuple[n.PropertyPath, ...]:
    """Every property that an expression asks for, each path once."""
    found = (part for part in walk_nodes(root) if isinstance(part, n.PropertyPath))
    return tuple({path.text: path for path in found}.values())


def walk_nodes(root: Any) -> Iterator[Any]:
    """Every part of an expression, in no set order."""
    waiting = [root]
    while waiting:
        part = waiting.pop()
        if isinstance(part, tuple):
            waiting += part
        elif hasattr(part, "__dataclass_fields__"):
            yield part
            waiting += [getattr(part, field.name) for field in fields(part)]
