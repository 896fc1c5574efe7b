"""Reads what can be read of a table of a damaged file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import msgspec

from forge_emu.store.file_check import readable_tables

_MOST_SPLITS = 20_000
_LEAST_ROW = 3
"""Bytes of the smallest row."""


class TableScan(msgspec.Struct):
    """The rows that could be read. `unreadable` counts single rows that are known to be lost."""

    rows: list[tuple[Any, ...]]
    damaged: bool = False
    unreadable: int = 0


def scan_table(connection: sqlite3.Connection, table: str, columns: str, key: str) -> TableScan:
    """From both ends of a table up to where it is damaged."""
    found: dict[Any, tuple[Any, ...]] = {}
    if table not in readable_tables(connection):
        return TableScan([], damaged=True)
    damaged = False
    for direction in ("ASC", "DESC"):
        try:
            query = f"SELECT {columns} FROM {table} ORDER BY {key} {direction}"
            for row in _rows(connection, query):
                found[row[0]] = row
        except sqlite3.Error:
            damaged = True
            continue
        break
    return TableScan(list(found.values()), damaged)


def scan_numbered_table(
    connection: sqlite3.Connection, table: str, columns: str, key: str
) -> TableScan:
    """All of a table with whole numbers as keys, but for the rows that are damaged themselves."""
    if table not in readable_tables(connection):
        return TableScan([], damaged=True)
    try:
        low, high = connection.execute(f"SELECT min({key}), max({key}) FROM {table}").fetchone()
    except sqlite3.Error:
        return scan_table(connection, table, columns, key)
    if low is None:
        return TableScan([])
    query = f"SELECT {columns} FROM {table} WHERE {key} BETWEEN ? AND ? ORDER BY {key}"
    result = TableScan([])
    spans = [(low, high)]
    for _ in range(_MOST_SPLITS):
        if not spans:
            break
        first, last = spans.pop()
        try:
            result.rows += list(_rows(connection, query, (first, last)))
        except sqlite3.Error:
            result.damaged = True
            if first == last:
                result.unreadable += 1
            else:
                middle = (first + last) // 2
                spans += [(middle + 1, last), (first, middle)]
    return result


def _rows(
    connection: sqlite3.Connection, query: str, values: tuple[int, ...] = ()
) -> Iterator[tuple[Any, ...]]:
    """The rows of a query, but no more than the file has room for: pages may come again."""
    page, pages = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_size", "page_count")
    )
    room = page * pages
    for row in connection.execute(query, values):
        room -= _LEAST_ROW + sum(len(part) for part in row if isinstance(part, bytes | str))
        if room < 0:
            raise sqlite3.DatabaseError("more rows than the file has room for")
        yield row


def is_json(text: bytes) -> bool:
    """Whether a stored text is JSON."""
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, TypeError, RecursionError):
        return False
    return True
