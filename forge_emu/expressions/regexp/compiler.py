"""From the parts of a regular expression to the instructions of a machine that goes back.

An instruction is a tuple: its name, then what it needs. Slots are two for each group (its
beginning and its end), then one for each loop whose turns may be empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final, TypeAlias

from forge_emu.expressions.regexp import nodes as n
from forge_emu.expressions.regexp.parser import RegExpError, parse_regexp

Instruction: TypeAlias = tuple[Any, ...]
MOST_INSTRUCTIONS: Final = 20_000
"""Counted repetitions are written out."""

_SPACES: Final = " \t\n\v\f\r\u00a0\ufeff\u2028\u2029\u1680\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_LINE_ENDS: Final = "\n\r\u2028\u2029"


class Program:
    """The instructions of an expression, and how many slots and groups it has."""

    def __init__(self, code: list[Instruction], groups: int, slots: int) -> None:
        self.code = code
        self.groups = groups
        self.slots = slots


@lru_cache(maxsize=256)
def compile_regexp(pattern: str, flags: str) -> Program:
    """The program of a pattern. Raises RegExpError."""
    root = parse_regexp(pattern)
    groups = list(_groups_in(root))
    compiler = _Compiler(flags, groups)
    compiler.add(n.Group(root, 0))
    compiler.emit("match")
    return Program(compiler.code, len(groups), compiler.slots)


def _groups_in(node: n.Node) -> Iterator[n.Group]:
    match node:
        case n.Group():
            yield node
            yield from _groups_in(node.part)
        case n.Sequence() | n.Choice():
            for part in node.parts:
                yield from _groups_in(part)
        case n.Repeat() | n.Look():
            yield from _groups_in(node.part)


class _Compiler:
    def __init__(self, flags: str, groups: list[n.Group]) -> None:
        self.code: list[Instruction] = []
        self.slots = 2 * (len(groups) + 1)
        self._flags = flags
        self._names = {group.name: group.number for group in groups if group.name}
        self._count = len(groups)

    def emit(self, *instruction: Any) -> int:
        """Add an instruction; answers its place."""
        if len(self.code) >= MOST_INSTRUCTIONS:
            raise RegExpError("it repeats too much")
        self.code.append(instruction)
        return len(self.code) - 1

    def add(self, node: n.Node) -> None:
        """Add the instructions of a part."""
        match node:
            case n.Char() | n.AnyChar() | n.CharSet():
                self.emit("one", _test_of(node, self._flags))
            case n.Sequence():
                for part in node.parts:
                    self.add(part)
            case n.Choice():
                self._add_choice(node)
            case n.Group():
                self.emit("save", 2 * node.number)
                self.add(node.part)
                self.emit("save", 2 * node.number + 1)
            case n.Repeat():
                self._add_repeat(node)
            case n.Anchor():
                self.emit("anchor", node.kind + ("m" if "m" in self._flags else ""))
            case n.Look():
                self._add_look(node)
            case n.BackReference():
                self.emit("back", self._number_of(node), "i" in self._flags)

    def _add_choice(self, node: n.Choice) -> None:
        ends = []
        for part in node.parts[:-1]:
            split = self.emit()
            self.add(part)
            ends.append(self.emit())
            self.code[split] = ("split", split + 1, len(self.code))
        self.add(node.parts[-1])
        for end in ends:
            self.code[end] = ("jump", len(self.code))

    def _add_repeat(self, node: n.Repeat) -> None:
        numbers = [group.number for group in _groups_in(node.part)]
        for _ in range(node.least):
            self._add_turn(node.part, numbers)
        if node.most is None:
            self._add_loop(node, numbers)
            return
        splits = []
        for _ in range(node.most - node.least):
            splits.append(self.emit())
            self._add_turn(node.part, numbers)
        for split in splits:
            self.code[split] = self._split(split + 1, len(self.code), node.greedy)

    def _add_loop(self, node: n.Repeat, numbers: list[int]) -> None:
        mark = self.slots
        self.slots += 1
        split = self.emit()
        self.emit("save", mark)
        self._add_turn(node.part, numbers)
        # A turn that matches nothing ends the loop.
        self.emit("moved", mark)
        self.emit("jump", split)
        self.code[split] = self._split(split + 1, len(self.code), node.greedy)

    def _add_turn(self, part: n.Node, numbers: list[int]) -> None:
        if numbers:
            self.emit("clear", numbers)
        self.add(part)

    def _add_look(self, node: n.Look) -> None:
        look = self.emit()
        self.add(node.part)
        self.emit("match")
        self.code[look] = ("look", look + 1, len(self.code), node.negative, node.behind)

    @staticmethod
    def _split(inside: int, behind: int, greedy: bool) -> Instruction:
        return ("split", inside, behind) if greedy else ("split", behind, inside)

    def _number_of(self, node: n.BackReference) -> int:
        number = self._names.get(node.group) if isinstance(node.group, str) else node.group
        if number is None or number > self._count:
            raise RegExpError(f"there is no group {node.group}")
        return number


def _test_of(node: n.Char | n.AnyChar | n.CharSet, flags: str) -> Callable[[str], bool]:
    if isinstance(node, n.AnyChar):
        return (lambda c: True) if "s" in flags else (lambda c: c not in _LINE_ENDS)
    folds = "i" in flags
    if isinstance(node, n.Char):
        text = node.text
        return (lambda c: c.upper() == text.upper()) if folds else (lambda c: c == text)

    def is_in(c: str) -> bool:
        return any(low <= c <= high for low, high in node.ranges) or any(
            _is_of_class(c, name) for name in node.classes
        )

    def test(c: str) -> bool:
        found = is_in(c) or (folds and (is_in(c.lower()) or is_in(c.upper())))
        return found is not node.negated

    return test


def _is_of_class(c: str, name: str) -> bool:
    if name in "dD":
        return ("0" <= c <= "9") is (name == "d")
    if name in "wW":
        return is_word(c) is (name == "w")
    return (c in _SPACES) is (name == "s")


def is_word(c: str) -> bool:
    """Whether a character is one of `\\w`: a letter or digit of ASCII, or `_`."""
    return c.isascii() and (c.isalnum() or c == "_")


def is_line_end(c: str) -> bool:
    """Whether a line ends with this character."""
    return c in _LINE_ENDS
