"""A YAML document as plain nodes, each with its line and column."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

import msgspec

from forge_emu.model import Json

ScalarValue: TypeAlias = str | int | float | bool | None


class SourcePosition(NamedTuple):
    """A line and a column, from 1."""

    line: int
    column: int


class ScalarNode(msgspec.Struct, eq=False):
    """One value. `text` is how the file has it.

    `text_at` is where its first character stands, where each of its lines is one of the file.
    """

    value: ScalarValue
    text: str
    place: SourcePosition
    size: int = 1
    height: int = 0
    text_at: SourcePosition | None = None


class SequenceNode(msgspec.Struct, eq=False):
    """A list. `size` counts the values in it, each alias with all it stands for."""

    place: SourcePosition
    items: list[Node] = msgspec.field(default_factory=list)
    size: int = 1
    height: int = 0


class MappingEntry(NamedTuple):
    """A value of a mapping and where its key stands."""

    key_place: SourcePosition
    value: Node


class MappingNode(msgspec.Struct, eq=False):
    """Keys and values, in the file's order. `size` as for a SequenceNode."""

    place: SourcePosition
    entries: dict[str, MappingEntry] = msgspec.field(default_factory=dict)
    size: int = 1
    height: int = 0


Node: TypeAlias = ScalarNode | SequenceNode | MappingNode


class Part(msgspec.Struct, frozen=True):
    """A node and the path to it: what a message about it needs."""

    node: Node
    path: tuple[str | int, ...]
    key_place: SourcePosition

    @property
    def place(self) -> SourcePosition:
        """Where the value stands; an empty value stands at its key."""
        empty = isinstance(self.node, ScalarNode) and not self.node.text and self.node.value is None
        return self.key_place if empty else self.node.place

    def position_in_text(self, offset: int) -> SourcePosition:
        """Where the character at `offset` of a text stands; its begin where that is not known."""
        node = self.node
        if not isinstance(node, ScalarNode) or node.text_at is None:
            return self.place
        before = node.text[:offset]
        line = node.text_at.line + before.count("\n")
        return SourcePosition(line, node.text_at.column + offset - (before.rfind("\n") + 1))

    @property
    def name(self) -> str:
        """`modules.consumer[0].queue`."""
        text = ""
        for step in self.path:
            if isinstance(step, int):
                text += f"[{step}]"
            else:
                shown = shorten(step)
                text += f".{shown}" if text else shown
        return text or "the file"

    def get(self, name: str) -> Part | None:
        """The property `name` of a mapping, None where it is absent or this is no mapping."""
        if not isinstance(self.node, MappingNode) or name not in self.node.entries:
            return None
        entry = self.node.entries[name]
        return Part(entry.value, (*self.path, name), entry.key_place)

    def properties(self) -> Iterator[tuple[str, Part]]:
        """The properties of a mapping; none for anything else."""
        if isinstance(self.node, MappingNode):
            for name, entry in self.node.entries.items():
                yield name, Part(entry.value, (*self.path, name), entry.key_place)

    def item(self, index: int) -> Part | None:
        """The item of a list at `index`, None where there is none."""
        if not isinstance(self.node, SequenceNode) or index >= len(self.node.items):
            return None
        item = self.node.items[index]
        return Part(item, (*self.path, index), item.place)

    def items(self) -> Iterator[Part]:
        """The items of a list; none for anything else."""
        if isinstance(self.node, SequenceNode):
            for index, item in enumerate(self.node.items):
                yield Part(item, (*self.path, index), item.place)


def shorten(text: str, most: int = 40) -> str:
    """`text` on one line, cut short, without quotation marks."""
    one_line = text if text.isprintable() else repr(text[:most])[1:-1]
    return one_line if len(one_line) <= most else f"{one_line[: most - 3]}..."


def describe(node: Node) -> str:
    """`node` in words: `the number 5`, `the text 'x'`, `a list`, `nothing`."""
    if isinstance(node, MappingNode):
        return "a mapping"
    if isinstance(node, SequenceNode):
        return "a list"
    if node.value is None:
        return f"nothing ({node.text})" if node.text else "nothing"
    shown = node.text if len(node.text) <= 40 else f"{node.text[:37]}..."
    if isinstance(node.value, bool):
        return f"the truth value {shown}"
    if isinstance(node.value, str):
        return f"the text {shown!r}"
    return f"the number {shown}"


def text_of(part: Part | None) -> str | None:
    """The text of a value; None where there is none."""
    value = part.node.value if part and isinstance(part.node, ScalarNode) else None
    return value if isinstance(value, str) and value else None


def to_json(node: Node) -> Json:
    """`node` as plain Python values."""
    if isinstance(node, MappingNode):
        return {name: to_json(entry.value) for name, entry in node.entries.items()}
    if isinstance(node, SequenceNode):
        return [to_json(item) for item in node.items]
    return node.value
