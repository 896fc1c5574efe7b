"""How many records a state file retains, and how the oldest of them are deleted."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import msgspec

from forge_emu.store.shapes import RecordLine


class Retention(msgspec.Struct, frozen=True):
    """How many records are retained."""

    lines: int = 200_000
    megabytes: int = 128


class StoredRecords:
    """The records in a state file, as far as retention needs to know them."""

    def __init__(self, connection: sqlite3.Connection, retention: Retention) -> None:
        self._connection = connection
        self._retention = retention
        first, size = connection.execute(
            "SELECT min(seq), sum(length(line)) FROM records"
        ).fetchone()
        self.first_seq: int | None = first
        """Number of the oldest record; None without any."""
        self._line_bytes: int = size or 0

    def totals(self) -> tuple[int | None, int]:
        """What `restore_totals` takes after a transaction that was rolled back."""
        return self.first_seq, self._line_bytes

    def restore_totals(self, totals: tuple[int | None, int]) -> None:
        """Forget what was counted since `totals`."""
        self.first_seq, self._line_bytes = totals

    def count_lines(self, lines: Sequence[RecordLine]) -> None:
        """Count lines that are written."""
        if self.first_seq is None and lines:
            self.first_seq = lines[0].seq
        self._line_bytes += sum(len(line.text) for line in lines)

    def reset(self) -> None:
        """Count from nothing: every record was deleted."""
        self.first_seq, self._line_bytes = None, 0

    def prune(self, last_seq: int) -> None:
        """Delete the oldest records, so far as those up to `last_seq` exceed the retention."""
        first = max(last_seq - self._retention.lines + 1, self._first_within_bytes())
        if self.first_seq is None or first <= self.first_seq:
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
        if excess <= 0:
            return 0
        for seq, size in self._connection.execute(
            "SELECT seq, length(line) FROM records ORDER BY seq"
        ):
            excess -= size
            if excess <= 0:
                return int(seq) + 1
        return 0
