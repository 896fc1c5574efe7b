"""How deep a query of JQL or CQL is nested: who evaluates it goes as deep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lark import Token, Tree

MOST_LEVELS: Final = 100
"""Conditions within each other. An emulator choice; people write a handful."""


def is_too_deep(tree: Tree[Token]) -> bool:
    """Whether more than `MOST_LEVELS` parts of a tree are within each other."""
    levels: dict[int, int] = {}
    # Children come before what they are in.
    for part in tree.iter_subtrees():
        inner = (levels.get(id(child), 0) for child in part.children)
        levels[id(part)] = 1 + max(inner, default=0)
    return levels[id(tree)] > MOST_LEVELS
