"""The records in a state file: how many are retained, how they are read and deleted.

A row has some consecutive records as one text (`RecordLines`); in files of before, each has one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Final

import msgspec

from forge_emu.records import RecordLines

_ROW_WITH: Final = "SELECT max(seq) FROM records WHERE seq <= ?"
"""The row that has the record with this number, if any has."""

_ROWS_FROM: Final = (
    f"SELECT seq, at, line FROM records WHERE seq >= coalesce(({_ROW_WITH}), 0) ORDER BY seq"
)
"""The rows from this record on."""


_MOST_LINES: Final = 10_000
"""In a row. No emulator writes nearly as many."""


def lines_of_row(row: tuple[int, int, object]) -> RecordLines | None:
    """What is in a row; None where damage has made something else of it."""
    seq, at, text = row
    if not isinstance(text, bytes) or text.count(b"\n") > _MOST_LINES:
        return None
    return RecordLines(seq, at, text)


class Retention(msgspec.Struct, frozen=True):
    """How many records are retained, at least: they are deleted by rows."""

    lines: int = 200_000
    megabytes: int = 128


class StoredRecords:
    """Reads records, and deletes the oldest."""

    def __init__(self, connection: sqlite3.Connection, retention: Retention) -> None:
        self._connection = connection
        self._retention = retention
        first, size = connection.execute(
            "SELECT min(seq), sum(length(line)) FROM records"
        ).fetchone()
        self.first_seq: int | None = first
        """Number of the oldest record; None without any."""
        self._line_bytes: int = size or 0

    def read_lines(self, after: int, most: int) -> list[bytes]:
        """Up to `most` records with a number over `after`, as text."""
        lines: list[bytes] = []
        with closing(self._connection.cursor()) as cursor:
            for row in cursor.execute(_ROWS_FROM, (after + 1,)):
                part = lines_of_row(row)
                if part and (wanted := part.after(after)):
                    lines += wanted.lines
                if len(lines) >= most:
                    break
        return lines[:most]

    def totals(self) -> tuple[int | None, int]:
        """What `restore_totals` takes after a transaction that was rolled back."""
        return self.first_seq, self._line_bytes

    def restore_totals(self, totals: tuple[int | None, int]) -> None:
        """Forget what was counted since `totals`."""
        self.first_seq, self._line_bytes = totals

    def count_lines(self, lines: Sequence[RecordLines]) -> None:
        """Count lines that are written."""
        if self.first_seq is None and lines:
            self.first_seq = lines[0].seq
        self._line_bytes += sum(len(each.text) for each in lines)

    def reset(self) -> None:
        """Count from nothing: every record was deleted."""
        self.first_seq, self._line_bytes = None, 0

    def prune(self, last_seq: int) -> None:
        """Delete the oldest records, so far as those up to `last_seq` exceed the retention."""
        wanted = max(last_seq - self._retention.lines + 1, self._first_within_bytes())
        first = self._connection.execute(_ROW_WITH, (wanted,)).fetchone()[0]
        if self.first_seq is None or first is None or first <= self.first_seq:
            return
        pruned_bytes = self._connection.execute(
            "SELECT sum(length(line)) FROM records WHERE seq < ?", (first,)
        ).fetchone()[0]
        self._connection.execute("DELETE FROM records WHERE seq < ?", (first,))
        self._line_bytes -= pruned_bytes or 0
        self.first_seq = first

    def _first_within_bytes(self) -> int:
        """Number of the oldest record that the retained megabytes have room for; 0 for any."""
        excess = self._line_bytes - self._retention.megabytes * 1_000_000
        first = 0
        for seq, size in self._connection.execute(
            "SELECT seq, length(line) FROM records ORDER BY seq"
        ):
            first = int(seq)
            if excess <= 0:
                break
            excess -= size
        return first
