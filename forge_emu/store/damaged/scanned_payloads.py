"""Reads what can be read of payloads in a damaged file."""

from __future__ import annotations

import sqlite3

from forge_emu.payloads import PayloadChanges
from forge_emu.store.damaged.scanning import is_json, scan_numbered_table
from forge_emu.store.file_check import number_fault
from forge_emu.store.payload_rows import COLUMNS, payload_row


def scan_payloads(connection: sqlite3.Connection) -> tuple[PayloadChanges | None, bool]:
    """What is in events, and whether that is all of it. A file of before has none."""
    try:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    except sqlite3.Error:
        return None, False
    if "payloads" not in tables:
        return None, True
    found = scan_numbered_table(connection, "payloads", ", ".join(COLUMNS), "number")
    rows = [row for each in found.rows if (row := payload_row(each)) is not None]
    good = [row for row in rows if not number_fault(row.number) and is_json(row.entry)]
    return PayloadChanges(good), not found.damaged and len(good) == len(found.rows)
