"""Reads what can be read of records in a damaged file."""

from __future__ import annotations

import sqlite3

import msgspec

from forge_emu.records import RecordLines
from forge_emu.store.damaged.decoding import RecordStamp, decode_or_none
from forge_emu.store.damaged.scanning import TableScan, scan_numbered_table
from forge_emu.store.file_check import number_fault
from forge_emu.store.retention import lines_of_row


class FoundRecords(msgspec.Struct):
    """The records that can be read, and the number of the first that there was, if any."""

    lines: list[RecordLines] = []
    first: int | None = None

    @property
    def count(self) -> int:
        """How many can be read."""
        return sum(part.last + 1 - part.seq for part in self.lines)

    @property
    def last(self) -> int:
        """Number of the last that can be read, 0 without any."""
        return self.lines[-1].last if self.lines else 0

    def missing_up_to(self, last: int) -> int:
        """How many of the records up to the number `last` cannot be read: there are no gaps."""
        return last + 1 - self.first - self.count if self.first is not None else 0


def scan_records(connection: sqlite3.Connection) -> tuple[TableScan, FoundRecords]:
    """The rows, and what of their records can be read."""
    scan = scan_numbered_table(connection, "records", "seq, at, line", "seq")
    found = FoundRecords()
    for row in scan.rows:
        if number_fault(row[0]):
            continue
        if found.first is None:
            found.first = row[0]
        if part := lines_of_row(row):
            found.lines += _sound_parts(part)
    return scan, found


def _sound_parts(part: RecordLines) -> list[RecordLines]:
    """The lines that are records with the right numbers, as parts without gaps."""
    parts: list[RecordLines] = []
    for seq, line in enumerate(part.lines, part.seq):
        stamp = decode_or_none(RecordStamp, line)
        if stamp is None or stamp.seq != seq:
            continue
        if parts and parts[-1].last + 1 == seq:
            parts[-1] = RecordLines(parts[-1].seq, stamp.at, parts[-1].text + b"\n" + line)
        else:
            parts.append(RecordLines(seq, stamp.at, line))
    return parts
