"""Reads what can be read of the last turns in a damaged file."""

from __future__ import annotations

import sqlite3

from forge_emu.engine.snapshot.shapes import EngineChanges
from forge_emu.store.damaged.scanning import scan_numbered_table
from forge_emu.store.turns.saved_turn import decode_turn


def scan_turns(connection: sqlite3.Connection) -> tuple[EngineChanges, str | None]:
    """What they have changed, and what of it is lost. A file of before has none."""
    changes = EngineChanges()
    try:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    except sqlite3.Error:
        return changes, "what the last turns have changed"
    if "turns" not in tables:
        return changes, None
    found = scan_numbered_table(connection, "turns", "number, changes", "number")
    lost = found.unreadable
    for _, text in found.rows:
        try:
            changes.merge(decode_turn(text))
        except (ValueError, TypeError, RecursionError):
            lost += 1
    if lost:
        return changes, f"what {lost:,} of the last turns have changed"
    return changes, "some of what the last turns have changed" if found.damaged else None
