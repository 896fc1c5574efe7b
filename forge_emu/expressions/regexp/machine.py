"""Searches texts with the program of an expression. Every instruction is a step, and the steps are
limited: an expression that goes back too often is ended, and no search hangs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from forge_emu.expressions.regexp.compiler import compile_regexp, is_line_end, is_word

_Slots = tuple[int | None, ...]


class TooManyStepsError(Exception):
    """The searches took more steps than they may."""


class Steps:
    """The steps that are left; None for any number."""

    def __init__(self, left: int | None) -> None:
        self.left = left


@dataclass(frozen=True)
class Match:
    """What matched: the whole at 0, then the groups; None for one that took no part."""

    start: int
    end: int
    texts: tuple[str | None, ...]


class RegExp:
    """An expression; it takes its steps from `steps`. Raises RegExpError."""

    def __init__(self, pattern: str, flags: str, steps: Steps) -> None:
        self._program = compile_regexp(pattern, "".join(sorted(set(flags) & set("ims"))))
        self._steps = steps

    def search(self, text: str, start: int = 0) -> Match | None:
        """The first match from `start` on. Raises TooManyStepsError."""
        empty: _Slots = (None,) * self._program.slots
        for at in range(start, len(text) + 1):
            slots = self._run(0, text, at, empty)
            if slots is not None:
                return self._match(text, slots)
        return None

    def find_all(self, text: str) -> Iterator[Match]:
        """Every match; an empty one moves on by a character. Raises TooManyStepsError."""
        at = 0
        while at <= len(text) and (found := self.search(text, at)):
            yield found
            at = found.end + (found.end == found.start)

    def _match(self, text: str, slots: _Slots) -> Match:
        spans = [slots[2 * n : 2 * n + 2] for n in range(self._program.groups + 1)]
        texts = tuple(
            None if start is None or end is None else text[start:end] for start, end in spans
        )
        return Match(slots[0] or 0, slots[1] or 0, texts)

    def _run(self, pc: int, text: str, at: int, slots: _Slots, end: int | None = None
             ) -> _Slots | None:  # fmt: skip
        """The slots of the first way to `match`, which has to be at `end` where that is given."""
        code = self._program.code
        ways: list[tuple[int, int, _Slots]] = [(pc, at, slots)]
        while ways:
            pc, at, slots = ways.pop()
            while True:
                self._take_step()
                instruction = code[pc]
                name = instruction[0]
                if name == "one":
                    if at >= len(text) or not instruction[1](text[at]):
                        break
                    at += 1
                elif name == "split":
                    ways.append((instruction[2], at, slots))
                    pc = instruction[1]
                    continue
                elif name == "jump":
                    pc = instruction[1]
                    continue
                elif name == "save":
                    slots = _with(slots, instruction[1], at)
                elif name == "match":
                    if end is None or at == end:
                        return slots
                    break
                else:
                    step = self._rarer(instruction, text, at, slots, pc)
                    if step is None:
                        break
                    pc, at, slots = step
                    continue
                pc += 1
        return None

    def _rarer(
        self, instruction: tuple[object, ...], text: str, at: int, slots: _Slots, pc: int
    ) -> tuple[int, int, _Slots] | None:
        """Where the other instructions lead; None where they fail."""
        match instruction:
            case ("moved", int(mark)):
                return None if slots[mark] == at else (pc + 1, at, slots)
            case ("clear", list(numbers)):
                for number in numbers:
                    slots = _with(_with(slots, 2 * number, None), 2 * number + 1, None)
                return pc + 1, at, slots
            case ("anchor", str(kind)):
                return (pc + 1, at, slots) if _holds(kind, text, at) else None
            case ("back", int(number), bool(folds)):
                start, end = slots[2 * number], slots[2 * number + 1]
                wanted = "" if start is None or end is None else text[start:end]
                found = text[at : at + len(wanted)]
                same = found.upper() == wanted.upper() if folds else found == wanted
                return (pc + 1, at + len(wanted), slots) if same else None
            case ("look", int(first), int(behind), bool(negative), bool(is_behind)):
                seen = self._look(first, text, at, slots, is_behind)
                if (seen is None) is not negative:
                    return None
                return behind, at, seen if seen is not None else slots
        raise AssertionError(instruction)

    def _look(self, pc: int, text: str, at: int, slots: _Slots, is_behind: bool) -> _Slots | None:
        if not is_behind:
            return self._run(pc, text, at, slots)
        for start in range(at, -1, -1):
            if (found := self._run(pc, text, start, slots, end=at)) is not None:
                return found
        return None

    def _take_step(self) -> None:
        left = self._steps.left
        if left is None:
            return
        if left <= 0:
            raise TooManyStepsError
        self._steps.left = left - 1


def _with(slots: _Slots, index: int, value: int | None) -> _Slots:
    return (*slots[:index], value, *slots[index + 1 :])


def _holds(kind: str, text: str, at: int) -> bool:
    lines = kind.endswith("m")
    match kind[0]:
        case "^":
            return at == 0 or (lines and is_line_end(text[at - 1]))
        case "$":
            return at == len(text) or (lines and is_line_end(text[at]))
    before = at > 0 and is_word(text[at - 1])
    after = at < len(text) and is_word(text[at])
    return (before is not after) is (kind[0] == "b")
