"""A field of JQL, and the order of keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from forge_emu.site.jira import entities as e

FieldKind: TypeAlias = Literal["name", "text", "date", "value"]
"""Things with an id and a name, texts to search in, instants, or plain values."""

SortKey: TypeAlias = Callable[[e.Issue], Any]


@dataclass(frozen=True)
class JqlField:
    """A field. `values` are what an issue has in it: names and ids in lower case, texts, instants.

    `exists` says whether a value is one of the field's; `sort_key` None means that nobody can sort
    by it.
    """

    name: str
    kind: FieldKind
    values: Callable[[e.Issue], Iterable[Any]]
    exists: Callable[[str], bool] = lambda text: True
    sort_key: SortKey | None = None


def key_order(issue: e.Issue) -> tuple[str, int]:
    """The project's key, and the number."""
    project, _, number = issue.key.rpartition("-")
    return project, int(number) if number.isdecimal() else 0
