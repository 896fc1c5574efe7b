"""A copy of a state file into which no secret is ever written: none is left in its free pages."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

import msgspec

from forge_emu.engine.journal.secrets import Secrets
from forge_emu.engine.web_trigger_urls import SavedWebTriggerUrls
from forge_emu.store.schema import APPLICATION_ID, FORMAT, TABLE_NAMES, TABLES, WEB_TRIGGERS

LEFT_OUT: Final = "left_out"
"""The fact that says how many secrets of the store an exported state lacks."""

_WITHOUT_SECRETS = {"kvs": " WHERE secret = 0", "facts": f" WHERE name <> '{WEB_TRIGGERS}'"}
"""Which rows of a table are written as they are."""

_MASKED_COLUMNS = {"standings": "standing", "records": "line", "payloads": "entry"}
"""Columns that may hold text of the app: reasons of retries, records, and what is in events."""

_EMPTY_COLUMNS = {"payloads": "original"}
"""Columns that hold texts with their secrets."""


def copy_without_secrets(connection: sqlite3.Connection, target: Path, secrets: Secrets) -> int:
    """Write the state behind `connection` into the empty file `target`, without the store's secrets
    and with marks in the place of `secrets`; answers how many were left out.
    """
    mask_function = "without_secrets"
    connection.create_function(mask_function, 1, lambda text: _masked_lines(text, secrets))
    connection.execute("ATTACH ? AS target", (str(target),))
    try:
        connection.execute("BEGIN")
        for name, table in zip(TABLE_NAMES, TABLES, strict=True):
            connection.execute(table.replace("CREATE TABLE ", "CREATE TABLE target.", 1))
            connection.execute(
                f"INSERT INTO target.{name} SELECT {_columns(connection, name, mask_function)}"
                f" FROM main.{name}{_WITHOUT_SECRETS.get(name, '')}"
            )
        left_out = _secret_count(connection) + _drop_secret_keys(connection)
        connection.execute(
            "INSERT INTO target.facts VALUES (?, ?)", (LEFT_OUT, msgspec.json.encode(left_out))
        )
        connection.execute("COMMIT")
        connection.execute(f"PRAGMA target.application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA target.user_version = {FORMAT}")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        connection.execute("DETACH target")
    return left_out


def _masked_lines(text: bytes, secrets: Secrets) -> bytes:
    """Lines of JSON, each by itself."""
    lines = text.decode(errors="replace").split("\n")
    return "\n".join(map(secrets.mask_json, lines)).encode()


def _columns(connection: sqlite3.Connection, table: str, function: str) -> str:
    names = [name for _, name, *_ in connection.execute(f"PRAGMA main.table_info({table})")]
    shown = {_MASKED_COLUMNS.get(table): f"{function}({_MASKED_COLUMNS.get(table)})"}
    shown[_EMPTY_COLUMNS.get(table)] = "NULL"
    return ", ".join(shown.get(name, name) for name in names)


def _secret_count(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM main.kvs WHERE secret").fetchone()[0])


def _drop_secret_keys(connection: sqlite3.Connection) -> int:
    """Write the addresses of web triggers without their keys; answers how many there were."""
    asked = "SELECT value FROM main.facts WHERE name = ?"
    found = connection.execute(asked, (WEB_TRIGGERS,)).fetchone()
    if found is None:
        return 0
    saved = msgspec.json.decode(found[0], type=SavedWebTriggerUrls)
    left = msgspec.json.encode(msgspec.structs.replace(saved, secret_keys={}))
    connection.execute("INSERT INTO target.facts VALUES (?, ?)", (WEB_TRIGGERS, left))
    return len(saved.secret_keys)


def pop_left_out(connection: sqlite3.Connection) -> int:
    """Read and remove how many secrets the exported state lacks: 0 where that is no number."""
    given = "DELETE FROM facts WHERE name = ? RETURNING value"
    found = connection.execute(given, (LEFT_OUT,)).fetchall()
    try:
        return msgspec.json.decode(found[0][0], type=int) if found else 0
    except (msgspec.DecodeError, UnicodeDecodeError, TypeError):
        return 0
