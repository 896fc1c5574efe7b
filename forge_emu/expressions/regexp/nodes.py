"""The parts of a regular expression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Char:
    """One character."""

    text: str


@dataclass(frozen=True)
class AnyChar:
    """`.`"""


@dataclass(frozen=True)
class CharSet:
    """`[a-z\\d]`: ranges of characters, and letters of classes such as `d`."""

    ranges: tuple[tuple[str, str], ...]
    classes: tuple[str, ...] = ()
    negated: bool = False


@dataclass(frozen=True)
class Sequence:
    """One part after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Choice:
    """The first part that leads to a match."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Group:
    """A part that is remembered under a number from 1, and a name where it has one."""

    part: Node
    number: int
    name: str | None = None


@dataclass(frozen=True)
class Repeat:
    """A part `least` to `most` times; as often as possible if `greedy`."""

    part: Node
    least: int
    most: int | None
    greedy: bool


@dataclass(frozen=True)
class Anchor:
    """`^`, `$`, `b` (a boundary of a word) or `B`."""

    kind: str


@dataclass(frozen=True)
class Look:
    """A part that has to match here, or must not, ahead or behind."""

    part: Node
    negative: bool
    behind: bool


@dataclass(frozen=True)
class BackReference:
    """What a group matched, by its number or its name."""

    group: int | str


Node: TypeAlias = (
    Char | AnyChar | CharSet | Sequence | Choice | Group | Repeat | Anchor | Look | BackReference
)
