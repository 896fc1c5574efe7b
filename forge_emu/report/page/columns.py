"""Events and their attempts as columns of numbers: a hundred thousand fit into a few megabytes."""

from __future__ import annotations

from array import array
from typing import Any

NONE = -1


class TextTable:
    """A table of distinct texts; columns hold their numbers. Beyond `most`, texts become `…`."""

    def __init__(self, most: int = 200_000) -> None:
        self.texts: list[str] = []
        self._most = most
        self._numbers: dict[str, int] = {}

    def number(self, text: str | None) -> int:
        """The number of a text; -1 for none."""
        if not text:
            return NONE
        known = self._numbers.get(text)
        if known is not None:
            return known
        if len(self.texts) >= self._most:
            return self.number("…") if "…" in self._numbers else self._add_text("…")
        return self._add_text(text)

    def _add_text(self, text: str) -> int:
        self._numbers[text] = len(self.texts)
        self.texts.append(text)
        return self._numbers[text]


class Columns:
    """Rows of whole numbers, stored by column. `deltas` are columns sent as differences."""

    def __init__(self, names: tuple[str, ...], deltas: tuple[str, ...] = ()) -> None:
        self._columns = {name: array("q") for name in names}
        self._deltas = deltas
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def add_row(self, **values: int) -> int:
        """Append a row, every column of it, and return its number."""
        for name, column in self._columns.items():
            column.append(values[name])
        self._length += 1
        return self._length - 1

    def set(self, row: int, **values: int) -> None:
        """Change some columns of a row."""
        for name, value in values.items():
            self._columns[name][row] = value

    def get(self, row: int, name: str) -> int:
        """The value of one column in `row`."""
        return self._columns[name][row]

    def as_lists(self) -> dict[str, Any]:
        """Every column as a list."""
        return {
            name: _differences(column) if name in self._deltas else column.tolist()
            for name, column in self._columns.items()
        }


def _differences(column: array[int]) -> list[int]:
    before = 0
    found = []
    for value in column:
        found.append(value - before)
        before = value
    return found
