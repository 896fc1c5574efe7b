"""Checks what is in a state file before it is used: it may have come from anywhere.

SQLite runs what a file says: views and triggers can do work without end, and so can pages that
belong to several tables.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Final

import msgspec

from forge_emu.engine.delivery.delivery import State
from forge_emu.engine.delivery.kind import SavedDelivery
from forge_emu.engine.delivery.queued_event import SavedQueuedEvent
from forge_emu.engine.delivery.trigger_delivery import SavedTriggerDelivery
from forge_emu.engine.snapshot.shapes import DeliveryProgress, EngineSnapshot
from forge_emu.engine.web_trigger_urls import MOST_ADDRESSES, SavedWebTriggerUrls
from forge_emu.model import StoredValue
from forge_emu.store.schema import ADDED_TABLES, TABLE_NAMES, TABLES
from forge_emu.store.shapes import Identity, StateHeader

_GREATEST: Final = (1 << 53) - 1
"""The greatest number that every reader of records takes as it is."""

_LAST_INSTANT: Final = 253_402_300_799_999
"""The end of the year 9999, in milliseconds since 1970: no later time can be written as a date."""

_STATES: Final = frozenset(State)

_MOST_OPERATIONS: Final = 50_000_000
_OPERATIONS_PER_BYTE: Final = 60
_OPERATIONS_PER_LOOK: Final = 100_000


def schema_fault(connection: sqlite3.Connection) -> str | None:
    """What the file holds besides the tables of a state, or lacks of them; None where it is one.

    Raises sqlite3.DatabaseError where that cannot be read.
    """
    wanted = dict(zip(TABLE_NAMES, TABLES, strict=True))
    present = set()
    for kind, name, table, sql in _schema(connection):
        if kind == "index" and sql is None and table in wanted:
            continue
        if kind != "table" or name not in wanted:
            return f"it holds the {kind} {str(name)[:60]!r}, which no state has"
        if sql != wanted[name]:
            return f"its table {name!r} is not that of a state"
        present.add(name)
    missing = [name for name in wanted if name not in present and name not in ADDED_TABLES]
    return f"its table {missing[0]!r} is missing" if missing else None


def page_fault(connection: sqlite3.Connection) -> str | None:
    """What is wrong with the pages of the file; it takes a second for a gigabyte."""
    found = connection.execute("PRAGMA quick_check(1)").fetchone()
    text = str(found[0]) if found else "its pages cannot be read"
    return None if text == "ok" else " ".join(text.split())[:200]


def readable_tables(connection: sqlite3.Connection) -> frozenset[str]:
    """The names of the tables in a damaged file from which rows can be read, and nothing else.

    A table whose columns are computed is none.
    """
    try:
        tables = {name for kind, name, _, sql in _schema(connection) if _is_table(kind, sql)}
        return frozenset(
            name
            for name in tables.intersection(TABLE_NAMES)
            if not any(hidden for *_, hidden in connection.execute(f"PRAGMA table_xinfo({name})"))
        )
    except sqlite3.Error:
        return frozenset()


def limit_reading(connection: sqlite3.Connection, size: int) -> None:
    """Let a connection read no more than a file of `size` bytes can hold, however it is made.

    What comes after that fails as an interrupted operation does.
    """
    most = max(size, 1_000_000)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, most)
    looks = (_MOST_OPERATIONS + _OPERATIONS_PER_BYTE * most) // _OPERATIONS_PER_LOOK

    def is_over() -> bool:
        nonlocal looks
        looks -= 1
        return looks < 0

    connection.set_progress_handler(is_over, _OPERATIONS_PER_LOOK)


def facts_fault(identity: Identity, header: StateHeader) -> str | None:
    """Which number of the facts no emulator has written; None where all can be right."""
    fields = ("at", "wall_ms", "seq", "pending", "away_ms", "next_issue", "run", "turn")
    for name in fields:
        if not 0 <= getattr(header, name) <= _GREATEST:
            return f"its {name} is {getattr(header, name)}"
    if not 0 <= identity.epoch_ms <= _LAST_INSTANT:
        return f"its epoch_ms is {identity.epoch_ms}"
    if identity.epoch_ms + header.at > _LAST_INSTANT:
        return f"its at is {header.at}, after the year 9999"
    return None


def snapshot_fault(saved: EngineSnapshot) -> str | None:
    """What of the rows no emulator has written; None where all can be right."""
    for number, (fixed, progress) in saved.deliveries.items():
        if fault := delivery_fault(number, fixed, progress):
            return f"delivery {number}: {fault}"
    for (_, key), value in saved.values.items():
        if fault := value_fault(key, value):
            return f"the value {str(key)[:60]!r}: {fault}"
    if fault := web_trigger_fault(saved.web_triggers):
        return fault
    if saved.installed and (fault := _range_fault("version", (saved.installed.major,))):
        return fault
    due = (schedule.next_due for schedule in saved.schedules.values())
    return _range_fault("due time", due) or _range_fault("count of pushes", saved.pushes.values())


def value_fault(key: object, value: StoredValue) -> str | None:
    """What is wrong with a row of the key-value store; None where nothing is."""
    if not isinstance(key, str) or not isinstance(value.value_text, bytes):
        return "it is no text"
    if not _is_json(value.value_text):
        return "it is no JSON"
    times = (value.created_at, value.updated_at, value.expires_at or 0)
    return _range_fault("time of a value", times)


def delivery_fault(number: int, fixed: SavedDelivery, progress: DeliveryProgress) -> str | None:
    """What is wrong with a delivery; None where nothing is."""
    if progress.state not in _STATES:
        return f"there is no state {progress.state[:60]!r}"
    if isinstance(fixed, SavedTriggerDelivery) and not _is_object(fixed.event.text):
        return "the payload of a product event is not a JSON object"
    if isinstance(fixed, SavedQueuedEvent) and not _is_json(fixed.item.text):
        return "the body of an event is no JSON"
    numbers = (
        number,
        fixed.created_at,
        fixed.away_before,
        progress.due_at,
        progress.attempts,
        progress.retry_count,
        progress.platform_errors,
        progress.deferrals,
        progress.window_end or 0,
    )
    return _range_fault("number", numbers)


def _is_object(text: msgspec.Raw) -> bool:
    """Whether a text that was left as it is can be read: nothing has looked into it yet."""
    return _is_json(text) and isinstance(msgspec.json.decode(text), dict)


def _is_json(text: msgspec.Raw | bytes) -> bool:
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def web_trigger_fault(saved: SavedWebTriggerUrls) -> str | None:
    """What is wrong with the addresses of web triggers; None where nothing is."""
    if any(number > MOST_ADDRESSES for number in saved.created.values()):
        return f"a web trigger has more than {MOST_ADDRESSES:,} addresses"
    times = (secret.written_at for secret in saved.secret_keys.values())
    return _range_fault("number", saved.created.values()) or _range_fault("time of a key", times)


def number_fault(number: object) -> str | None:
    """Why `number` is none that an emulator gives; None where it can be one."""
    return _range_fault("number", (number,))


def _range_fault(what: str, numbers: Iterable[object]) -> str | None:
    for number in numbers:
        if not isinstance(number, int) or not 0 <= number <= _GREATEST:
            return f"{number!r} is no {what}"[:200]
    return None


def _schema(connection: sqlite3.Connection) -> list[tuple[str, str, str, str | None]]:
    return connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()


def _is_table(kind: str, sql: str | None) -> bool:
    return kind == "table" and "VIRTUAL" not in str(sql).upper()
