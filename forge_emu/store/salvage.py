"""Saves what can be read of a damaged state file into a new one. The old one is kept as it was."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import msgspec

from forge_emu.engine.snapshot.shapes import (
    EngineChanges,
    QuotaUse,
    SavedDelivery,
    SavedQueuedEvent,
    SavedJob,
    SavedProductEvent,
    SavedTriggerDelivery,
    DeliveryProgress,
)
from forge_emu.model import StoredValue, iso8601
from forge_emu.store.database import Database
from forge_emu.store.logfile import fault_of, page_size, unread
from forge_emu.store.scanning import Scan, scan, scan_numbered
from forge_emu.store.shapes import Identity, Line, Present, Turn

SUFFIXES = ("", "-wal", "-shm")
"""The files of which a state consists while it is in use."""


class Salvage(msgspec.Struct):
    """What became of a state file: where the old one is, what was saved, what was not."""

    aside: Path
    saved: list[str] = []
    lost: list[str] = []


class _Stamp(msgspec.Struct):
    seq: int
    at: int
    time: str


def recover(path: Path, identity: Identity, wall_ms: int) -> Salvage:
    """Put a new state file at `path`; `identity` serves where the old one's cannot be read.

    Raises OSError, sqlite3.Error where the new one cannot be written; the old one is there then.
    """
    aside = _free_name(path)
    copy = path.with_name("state.salvage")
    salvage = Salvage(aside)
    try:
        for suffix in SUFFIXES:
            with suppress(FileNotFoundError):
                shutil.copyfile(_with(path, suffix), _with(copy, suffix))
        if copy.stat().st_size == 0 and (page := page_size(copy)):
            # SQLite would remove the log of an empty file; every page that it holds goes before
            # that of the file.
            copy.write_bytes(bytes(page))
            salvage.lost.append("what was not in the log beside it: the file is empty")
        elif fault_of(path):
            salvage.lost.append("what was written last, which was still in the log beside it")
        identity, turn = _read(copy, identity, wall_ms, salvage)
    finally:
        remove(copy)
    for suffix in SUFFIXES:
        with suppress(FileNotFoundError):
            _with(path, suffix).rename(_with(aside, suffix))
    database = Database(path)
    try:
        database.begin(identity, turn)
    finally:
        database.close()
    return salvage


def remove(path: Path) -> None:
    """Remove a state's files."""
    for suffix in SUFFIXES:
        _with(path, suffix).unlink(missing_ok=True)


def _read(path: Path, identity: Identity, wall_ms: int, salvage: Salvage) -> tuple[Identity, Turn]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        facts = _facts(connection)
        if unread(path):
            salvage.lost.append("what was written last, behind a break in the log beside it")
        known = _decoded(Identity, facts.get("identity"))
        present = _decoded(Present, facts.get("present"))
        lines = _lines(connection, salvage)
        if known is None:
            salvage.lost.append("whose state it was: the app's installation gets a new id")
            known = _guessed(identity, lines)
        changes = _changes(connection, facts, present, salvage)
        orders = scan(connection, "orders", "id, batch", "id")
        if orders.damaged:
            salvage.lost.append("some orders of product events that were not sent yet")
    now = present.at if present else _latest(lines, changes)
    seq = max([present.seq if present else 0, *(line.seq for line in lines[-1:])])
    return known, Turn(
        Present(
            at=now,
            wall_ms=present.wall_ms if present else wall_ms,
            seq=seq,
            pending=sum(standing.state != "dropped" for standing in changes.standing.values()),
            away_ms=present.away_ms if present else 0,
            next_issue=present.next_issue if present else 1,
            run=present.run if present else 1,
            turn=present.turn if present else 0,
            stopped=present is not None and present.stopped,
        ),
        changes,
        lines,
        dict(orders.rows),
    )


def _facts(connection: sqlite3.Connection) -> dict[str, bytes]:
    return dict(scan(connection, "facts", "name, value", "name").rows)


def _lines(connection: sqlite3.Connection, salvage: Salvage) -> list[Line]:
    found = scan_numbered(connection, "records", "seq, at, line", "seq")
    lines = [Line(*row) for row in found.rows if _decoded(_Stamp, row[2])]
    _tell(salvage, "records", len(lines), found, len(found.rows) - len(lines))
    return lines


def _changes(
    connection: sqlite3.Connection,
    facts: dict[str, bytes],
    present: Present | None,
    salvage: Salvage,
) -> EngineChanges:
    changes = EngineChanges()
    fixed = scan_numbered(connection, "deliveries", "number, fixed", "number")
    standings = dict(scan_numbered(connection, "standings", "number, standing", "number").rows)
    unsure = 0
    for number, text in fixed.rows:
        delivery = _decoded(SavedQueuedEvent | SavedTriggerDelivery, text)
        if delivery is None:
            continue
        standing = _decoded(DeliveryProgress, standings.get(number))
        unsure += standing is None
        changes.added[number] = delivery
        changes.standing[number] = standing or _at_once(delivery)
    expected = present.pending if present else len(fixed.rows) + fixed.unreadable
    pending = sum(standing.state != "dropped" for standing in changes.standing.values())
    _tell(salvage, "pending events", pending, fixed, expected - pending)
    if unsure:
        salvage.lost.append(f"how far {unsure:,} of the events were: they are delivered at once")
    _read_values(connection, changes, salvage)
    for table, columns, kind, into in (
        ("jobs", "id, job", SavedJob, changes.jobs),
        ("progress", "product_event_id, progress", SavedProductEvent, changes.progress),
        ("figures", "meter, figures", QuotaUse, changes.figures),
    ):
        rows = scan(connection, table, columns, columns.split(",")[0])
        good: dict[str, Any] = {id: x for id, text in rows.rows if (x := _decoded(kind, text))}
        into.update(good)
        if rows.damaged or len(good) < len(rows.rows):
            salvage.lost.append(f"some rows of {table!r}")
    changes.paused = _decoded(tuple[str, ...], facts.get("paused"))
    changes.pushes.update(scan(connection, "pushes", "origin, count", "origin").rows)
    return changes


def _read_values(connection: sqlite3.Connection, changes: EngineChanges, salvage: Salvage) -> None:
    columns = "rowid, secret, key, value, created_at, updated_at, expires_at"
    found = scan_numbered(connection, "kvs", columns, "rowid")
    broken = found.unreadable
    for _, secret, key, value, *times in found.rows:
        if isinstance(key, str) and _is_json(value):
            changes.values[(bool(secret), key)] = StoredValue(key, value, *times)
        else:
            broken += 1
    _tell(salvage, "values of the key-value store", len(changes.values), found, broken)


def _tell(salvage: Salvage, what: str, saved: int, found: Scan, lost: int) -> None:
    salvage.saved.append(f"{saved:,} {what}")
    lost = max(lost, found.unreadable)
    if lost > 0:
        salvage.lost.append(f"{lost:,} {what}")
    elif found.damaged:
        salvage.lost.append(f"some {what}: how many cannot be told")


def _at_once(delivery: SavedDelivery) -> DeliveryProgress:
    return DeliveryProgress(
        "scheduled" if isinstance(delivery, SavedQueuedEvent) else "ready", delivery.created_at
    )


def _guessed(identity: Identity, lines: list[Line]) -> Identity:
    """Records tell when the run began: what is emulated time and what time is on them."""
    for line in reversed(lines):
        stamp = _decoded(_Stamp, line.text)
        if stamp is not None and (epoch := _epoch(stamp)) is not None:
            return msgspec.structs.replace(identity, epoch_ms=epoch)
    return identity


def _epoch(stamp: _Stamp) -> int | None:
    """The instant 0 in real time, found by halving: `iso8601` grows with its argument."""
    low, high = 0, 1 << 48
    while low < high:
        middle = (low + high) // 2
        if iso8601(middle) < stamp.time:
            low = middle + 1
        else:
            high = middle
    return low - stamp.at if iso8601(low) == stamp.time else None


def _latest(lines: list[Line], changes: EngineChanges) -> int:
    created = (delivery.created_at for delivery in changes.added.values())
    return max([0, *(line.at for line in lines[-1:]), *created])


def _decoded(kind: Any, text: bytes | None) -> Any:
    """`text` as a `kind`; None where it is none."""
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, TypeError):
        return None


def _is_json(text: bytes) -> bool:
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, TypeError, RecursionError):
        return False
    return True


def _free_name(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    return aside


def _with(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
