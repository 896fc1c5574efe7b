"""State files of SQLite that no forge-emu has written: other tables, views, triggers, values."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from forge_emu.store.schema import TABLE_NAMES

Spoil = Callable[[Path], None]

_ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
_HUGE = 1 << 62


def schema_files() -> dict[str, Spoil]:
    """By name: files whose tables are not those of a state."""
    found = {f"no table {name}": _run(f"DROP TABLE {name}") for name in TABLE_NAMES}
    for name in TABLE_NAMES:
        endless = f"CREATE VIEW {name} AS {_ENDLESS} SELECT i AS name, i AS value FROM n"
        found[f"an endless view {name}"] = _run(f"DROP TABLE {name}", endless)
    for event in ("INSERT", "DELETE"):
        trigger = (
            f"CREATE TRIGGER t AFTER {event} ON facts BEGIN "
            f"INSERT INTO records {_ENDLESS} SELECT i, i, x'00' FROM n; END"
        )
        found[f"an endless trigger at {event}"] = _run(trigger)
    found |= {
        "a trigger that removes values": _run(
            "CREATE TRIGGER t AFTER INSERT ON facts BEGIN DELETE FROM kvs; END"
        ),
        "one more table": _run("CREATE TABLE other (x)"),
        "one more index": _run("CREATE INDEX i ON records (at)"),
        "an index over an expression": _run("CREATE INDEX i ON records (abs(at))"),
        "a virtual table": _run("CREATE VIRTUAL TABLE search USING fts5(x)"),
        "statistics": _run("ANALYZE"),
        "columns that are missing": _run(
            "DROP TABLE kvs", "CREATE TABLE kvs (secret INTEGER, key TEXT)"
        ),
        "a column more": _run("ALTER TABLE records ADD COLUMN more TEXT"),
        "a computed column": _run(
            "DROP TABLE facts",
            "CREATE TABLE facts (name TEXT, value AS (hex(zeroblob(40000000))))",
            "INSERT INTO facts (name) VALUES ('identity'), ('present')",
        ),
        "a check that refuses": _run(
            "DROP TABLE orders",
            "CREATE TABLE orders (id TEXT PRIMARY KEY, batch BLOB NOT NULL CHECK (0)) "
            "WITHOUT ROWID",
        ),
        "a table with the page of another": _run(
            "PRAGMA writable_schema = 1",
            "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = "
            "'records') WHERE name = 'deliveries'",
        ),
        "a table that begins on page 1": _run(
            "PRAGMA writable_schema = 1",
            "UPDATE sqlite_master SET rootpage = 1 WHERE name = 'uses'",
        ),
        "a table far behind the end": _run(
            "PRAGMA writable_schema = 1",
            "UPDATE sqlite_master SET rootpage = 2000000 WHERE name = 'uses'",
        ),
        "a schema that is no SQL": _run(
            "PRAGMA writable_schema = 1", "UPDATE sqlite_master SET sql = 'CREATE' || char(0)"
        ),
        "a schema without SQL": _run(
            "PRAGMA writable_schema = 1", "UPDATE sqlite_master SET sql = NULL"
        ),
    }
    return found


def value_files() -> dict[str, Spoil]:
    """By name: files with the right tables and wrong values in them."""
    deep = "'" + "[" * 50_000 + "]" * 50_000 + "'"
    found: dict[str, Spoil] = {}
    for fact in ("identity", "present", "paused", "schedules"):
        for name, value in {
            "a number": "1",
            "a text": "'x'",
            "an empty object": "'{}'",
            "deep": deep,
            "no UTF-8": "x'22ff22'",
            "other JSON": "'[1e400, null]'",
        }.items():
            found[f"{name} as {fact}"] = _run(f"REPLACE INTO facts VALUES ('{fact}', {value})")
    found["20 MB as a fact"] = _run("REPLACE INTO facts VALUES ('paused', zeroblob(20000000))")
    for field in ("at", "wall_ms", "seq", "pending", "away_ms", "next_issue", "run", "turn"):
        for number in (-5, _HUGE):
            found[f"{field} {number}"] = _set_in_fact("present", field, number)
    for field in ("epoch_ms", "seed"):
        for number in (-_HUGE, _HUGE):
            found[f"{field} {number}"] = _set_in_fact("identity", field, number)
    for table, column in (
        ("deliveries", "fixed"),
        ("standings", "standing"),
        ("jobs", "job"),
        ("kvs", "value"),
        ("uses", "uses"),
        ("figures", "figures"),
        ("records", "line"),
    ):
        for name, value in {"no JSON": "'x'", "a number": "7", "no UTF-8": "x'22ff22'"}.items():
            found[f"{name} in {table}"] = _run(f"UPDATE {table} SET {column} = {value}")
    found |= {
        "a delivery without progress": _run("DELETE FROM standings WHERE number = 2"),
        "progress without a delivery": _run("DELETE FROM deliveries WHERE number = 2"),
        "an unknown state": _run("UPDATE standings SET standing = '[\"asleep\",5]'"),
        "a due time at the end of time": _run(
            f"UPDATE standings SET standing = '[\"scheduled\",{_HUGE}]'"
        ),
        "numbers at the end": _run(
            "UPDATE deliveries SET number = 9223372036854775807 WHERE number = 2",
            "UPDATE standings SET number = 9223372036854775807 WHERE number = 2",
        ),
        "records at both ends": _run(
            "INSERT INTO records SELECT -9223372036854775807, at, line FROM records LIMIT 1",
            "INSERT INTO records SELECT 9223372036854775807, at, line FROM records LIMIT 1",
        ),
        "a key of bytes": _run("UPDATE kvs SET key = x'ff' WHERE key = 'key1'"),
        "a key that is no UTF-8": _run(
            "UPDATE kvs SET key = CAST(x'ff' AS TEXT) WHERE key = 'key1'"
        ),
        "an unknown kind of value": _run("UPDATE kvs SET secret = 7 WHERE key = 'key1'"),
        "times of values that are words": _run("UPDATE kvs SET created_at = 'x', expires_at = 'y'"),
        "a value of 1e400": _run("UPDATE kvs SET value = '1e400' WHERE key = 'key1'"),
        "a key of an unknown entity": _run("UPDATE kvs SET key = '/x' || key"),
        "an order of batches that is none": _run("INSERT INTO orders VALUES ('x', '{}')"),
        "pushes that are words": _run("INSERT INTO pushes VALUES ('x', 'many')"),
        "a site of unknown things": _run("INSERT INTO site VALUES ('dragon', '1', '{}')"),
        "an issue that is none": _run("INSERT INTO site VALUES ('issue', '1', '[]')"),
        "a site with names of bytes": _run("INSERT INTO site VALUES (x'ff', x'ff', x'ff')"),
        "a record of 20 MB": _run("INSERT INTO records VALUES (99999, 1, zeroblob(20000000))"),
        "a turn that is none": _run("INSERT INTO turns VALUES (1, 'x')"),
        "a turn that is a number": _run("INSERT INTO turns VALUES (1, 7)"),
        "a turn that is no UTF-8": _run("INSERT INTO turns VALUES (1, x'22ff22')"),
        "a turn of unknown deliveries": _turn('{"77":["running",5]},[99],{},{},{},[],{}'),
        "a turn with an unknown state": _turn('{"2":["asleep",5]},[],{},{},{},[],{}'),
        "a turn with a number at the end": _turn(
            f'{{"{_HUGE}":["running",5]}},[],{{}},{{}},{{}},[],{{}}'
        ),
        "a turn with pushes at the end": _turn(f'{{}},[],{{}},{{"x":{_HUGE}}},{{}},[],{{}}'),
        "words for the number of secrets left out": _run(
            "REPLACE INTO facts VALUES ('left_out', '\"many\"')"
        ),
    }
    return found


def _run(*statements: str) -> Spoil:
    """Change the file by SQL."""

    def spoil(path: Path) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            for statement in statements:
                connection.execute(statement)

    return spoil


def _turn(changes: str) -> Spoil:
    return _run(f"INSERT INTO turns VALUES (1, '[{changes}]')")


def _set_in_fact(fact: str, field: str, number: int) -> Spoil:
    return _run(
        f"UPDATE facts SET value = CAST(json_set(CAST(value AS TEXT), '$.{field}', {number}) "
        f"AS BLOB) WHERE name = '{fact}'"
    )
