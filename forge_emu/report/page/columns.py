"""Events and their attempts as columns of numbers: a hundred thousand fit into a few megabytes."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

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
        self._readers: list[ColumnsReader] = []

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
        for reader in self._readers:
            reader.changed.add(row)

    def get(self, row: int, name: str) -> int:
        """The value of one column in `row`."""
        return self._columns[name][row]

    def reader(self) -> ColumnsReader:
        """A reader that has no row yet. Close it."""
        reader = ColumnsReader(self)
        self._readers.append(reader)
        return reader

    def stop_reader(self, reader: ColumnsReader) -> None:
        """Tell `reader` of no more changes."""
        self._readers.remove(reader)

    def rows_from(self, first: int) -> dict[str, list[int]]:
        """Every column from the row `first` on; so parts put together are the whole."""
        return {
            name: _differences(column, first) if name in self._deltas else column[first:].tolist()
            for name, column in self._columns.items()
        }

    def rows_at(self, rows: Sequence[int]) -> dict[str, list[int]]:
        """The columns of some rows, their numbers as `row`; none of them as differences."""
        found = {name: [column[r] for r in rows] for name, column in self._columns.items()}
        return {"row": list(rows), **{n: v for n, v in found.items() if n not in self._deltas}}


class ColumnsReader:
    """Reads rows once each, and those that have changed since."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._read = 0
        self.changed: set[int] = set()
        """Rows that were changed since the last reading."""

    def read(self) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
        """The columns of the new rows, and those of the changed ones among the older."""
        changed = sorted(row for row in self.changed if row < self._read)
        new = self._columns.rows_from(self._read)
        self._read = len(self._columns)
        self.changed.clear()
        return new, self._columns.rows_at(changed)

    def close(self) -> None:
        """Read no more."""
        self._columns.stop_reader(self)


def _differences(column: array[int], first: int) -> list[int]:
    before = column[first - 1] if first else 0
    found = []
    for value in column[first:]:
        found.append(value - before)
        before = value
    return found
