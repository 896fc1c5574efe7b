"""Rows of the table of payloads, as they are read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

import msgspec

from forge_emu.payloads import PayloadRow
from forge_emu.payloads.entries import Kind
from forge_emu.payloads.kept import KeptName

COLUMNS: Final = ("number", "event", "kind", "is_attempt", "entry", "original", "job", "subject")
"""In the order of the fields of `PayloadRow`."""

_NAMES: Final = tuple[int, str, Kind, str | None, str | None]
_TYPES: Final = tuple[int, str, Kind, bool, bytes, bytes | None, str | None, str | None]


def payload_row(row: tuple[Any, ...]) -> PayloadRow | None:
    """What is in a row of the table; None where damage has made something else of it."""
    try:
        return PayloadRow(*msgspec.convert(row, _TYPES, strict=False))
    except msgspec.ValidationError:
        return None


def payload_rows(cursor: sqlite3.Cursor, event: str | None) -> Iterator[PayloadRow]:
    """The rows of every event, or of the one with this id, the oldest first."""
    where, values = ("", ()) if event is None else (" WHERE event = ?", (event,))
    for row in cursor.execute(f"SELECT * FROM payloads{where} ORDER BY number", values):
        if (found := payload_row(row)) is not None:
            yield found


def payload_names(cursor: sqlite3.Cursor) -> Iterator[tuple[int, KeptName]]:
    """The number of each row and the names of its event, the oldest first."""
    asked = "SELECT number, event, kind, job, subject FROM payloads ORDER BY number"
    for row in cursor.execute(asked):
        with suppress(msgspec.ValidationError):
            number, event, kind, job, subject = msgspec.convert(row, _NAMES)
            yield number, KeptName(event, kind, job, subject)


def payload_lengths(cursor: sqlite3.Cursor) -> Iterator[tuple[int, int]]:
    """The number of each row and the bytes of its texts, the oldest first."""
    yield from cursor.execute(
        "SELECT number, coalesce(length(entry), 0) + coalesce(length(original), 0)"
        " FROM payloads ORDER BY number"
    )
