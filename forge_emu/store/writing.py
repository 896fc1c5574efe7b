"""Writes updates into the tables of a state file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress

import msgspec
from msgspec.structs import astuple

from forge_emu.engine.snapshot.shapes import EngineChanges
from forge_emu.model import Instant
from forge_emu.payloads import PayloadChanges
from forge_emu.settings import longest_window
from forge_emu.store.schema import TABLE_NAMES, WEB_TRIGGERS
from forge_emu.store.shapes import StateUpdate

_USES_RETENTION = 2 * longest_window()
"""No limit looks further back."""

_encode = msgspec.json.Encoder().encode


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All that is written meanwhile, or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        raise


def clear_tables(connection: sqlite3.Connection) -> None:
    """Delete every row of every table."""
    for table in TABLE_NAMES:
        connection.execute(f"DELETE FROM {table}")


def write_fact(connection: sqlite3.Connection, name: str, value: object) -> None:
    """Write one of the facts: what a file says of itself as a whole."""
    connection.execute("REPLACE INTO facts VALUES (?, ?)", (name, _encode(value)))


def write_rows(connection: sqlite3.Connection, update: StateUpdate) -> None:
    """Write what an update changes, but for what `write_changes` writes."""
    many = connection.executemany
    many("REPLACE INTO records VALUES (?, ?, ?)", map(astuple, update.lines))
    many("REPLACE INTO deliveries VALUES (?, ?)", _encoded(update.changes.added.items()))
    _write_values(connection, update.changes)
    _write_site(connection, update.changes)
    _write_facts(connection, update.changes)
    many("REPLACE INTO orders VALUES (?, ?)", _present(update.orders))
    many("DELETE FROM orders WHERE id = ?", _removed(update.orders))
    if update.payloads is not None:
        write_payloads(connection, update.payloads)
    write_fact(connection, "present", update.header)


def write_payloads(connection: sqlite3.Connection, changes: PayloadChanges) -> None:
    """Write what is new of what is in events, and delete what is no longer kept."""
    connection.executemany(
        "REPLACE INTO payloads VALUES (?, ?, ?, ?, ?, ?, ?, ?)", map(astuple, changes.rows)
    )
    connection.execute("DELETE FROM payloads WHERE number < ?", (changes.first,))


def delete_old_uses(connection: sqlite3.Connection, now: Instant) -> None:
    """Delete the uses of limits that no limit counts any more."""
    connection.execute("DELETE FROM uses WHERE at < ?", (now - _USES_RETENTION,))


def write_changes(connection: sqlite3.Connection, changes: EngineChanges) -> None:
    """Write what has changed of the progress of deliveries, of jobs, pushes and limits."""
    _write_progress(connection, changes)
    many = connection.executemany
    many("REPLACE INTO jobs VALUES (?, ?)", _encoded(_present(changes.jobs)))
    many("DELETE FROM jobs WHERE id = ?", _removed(changes.jobs))
    many("REPLACE INTO pushes VALUES (?, ?)", _present(changes.pushes))
    many("DELETE FROM pushes WHERE origin = ?", _removed(changes.pushes))
    many("REPLACE INTO progress VALUES (?, ?)", _encoded(_present(changes.progress)))
    many("DELETE FROM progress WHERE product_event_id = ?", _removed(changes.progress))
    if uses := changes.uses:
        row = uses[-1].at, _encode(uses)
        connection.execute("INSERT INTO uses (at, uses) VALUES (?, ?)", row)
    many("REPLACE INTO figures VALUES (?, ?)", _encoded(changes.figures.items()))


def _write_facts(connection: sqlite3.Connection, changes: EngineChanges) -> None:
    if changes.paused is not None:
        write_fact(connection, "paused", changes.paused)
    if changes.schedules is not None:
        write_fact(connection, "schedules", changes.schedules)
    if changes.web_triggers is not None:
        write_fact(connection, WEB_TRIGGERS, changes.web_triggers)
    if changes.installed is not None:
        write_fact(connection, "installed", changes.installed)


def _write_progress(connection: sqlite3.Connection, changes: EngineChanges) -> None:
    many = connection.executemany
    many("REPLACE INTO standings VALUES (?, ?)", _encoded(changes.standing.items()))
    ended = [(number,) for number in changes.ended]
    many("DELETE FROM deliveries WHERE number = ?", ended)
    many("DELETE FROM standings WHERE number = ?", ended)


def _write_values(connection: sqlite3.Connection, changes: EngineChanges) -> None:
    """Write what has changed in the app's key-value store."""
    connection.executemany(
        "REPLACE INTO kvs VALUES (?, ?, ?, ?, ?, ?)",
        (
            (s, key, v.value_text, v.created_at, v.updated_at, v.expires_at)
            for (s, key), v in changes.values.items()
            if v is not None
        ),
    )
    connection.executemany(
        "DELETE FROM kvs WHERE secret = ? AND key = ?",
        (place for place, value in changes.values.items() if value is None),
    )


def _write_site(connection: sqlite3.Connection, changes: EngineChanges) -> None:
    """Write what has changed on the site."""
    rows = changes.site.items()
    connection.executemany(
        "REPLACE INTO site VALUES (?, ?, ?)",
        ((kind, id, thing) for (kind, id), thing in rows if thing is not None),
    )
    connection.executemany(
        "DELETE FROM site WHERE kind = ? AND id = ?",
        (place for place, thing in rows if thing is None),
    )


def _encoded(rows: Iterable[tuple[object, object]]) -> list[tuple[object, bytes]]:
    return [(key, _encode(value)) for key, value in rows]


def _present(changes: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    return ((id, thing) for id, thing in changes.items() if thing is not None)


def _removed(changes: Mapping[str, object]) -> Iterator[tuple[str]]:
    return ((id,) for id, thing in changes.items() if thing is None)
