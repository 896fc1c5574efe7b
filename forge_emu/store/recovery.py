"""Recovers what can be read of a damaged state file into a new one. The old one stays as it was."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import msgspec
from msgspec import structs

from forge_emu.engine.delivery.delivery import LOST
from forge_emu.engine.delivery.jobs import SavedJob
from forge_emu.engine.delivery.kind import SavedDelivery
from forge_emu.engine.delivery.kinds import saved_delivery_types
from forge_emu.engine.delivery.product_events import SavedProductEvent
from forge_emu.engine.delivery.scheduled.schedules import SavedSchedule
from forge_emu.engine.kvs.place import stored_value
from forge_emu.engine.life_cycle import InstalledVersion
from forge_emu.engine.quota import QuotaUse
from forge_emu.engine.snapshot.shapes import DeliveryProgress, EngineChanges
from forge_emu.engine.web_trigger_urls import SavedWebTriggerUrls
from forge_emu.records import RecordLines
from forge_emu.store.damaged.decoding import decode_or_none, identity_from_records
from forge_emu.store.damaged.scanned_payloads import scan_payloads
from forge_emu.store.damaged.scanned_records import scan_records
from forge_emu.store.damaged.scanned_site import scan_site
from forge_emu.store.damaged.scanned_turns import scan_turns
from forge_emu.store.damaged.scanning import TableScan, scan_numbered_table, scan_table
from forge_emu.store.database import Database
from forge_emu.store.file_check import (
    delivery_fault,
    facts_fault,
    limit_reading,
    number_fault,
    value_fault,
    web_trigger_fault,
)
from forge_emu.store.replacement import (
    COPY_DRAFT,
    RECOVERY_DRAFT,
    SUFFIXES,
    finish_replacement,
    free_damaged_name,
    remove_state_files,
    replace_state,
    with_suffix,
)
from forge_emu.store.schema import WEB_TRIGGERS
from forge_emu.store.shapes import Identity, StateHeader, StateUpdate
from forge_emu.store.wal import has_unread_frames, log_damage, page_size


class Recovery(msgspec.Struct):
    """The result of a recovery: where the old file is, what was saved, what was lost."""

    old_file: Path
    saved: list[str] = []
    lost: list[str] = []


def recover_file(path: Path, identity: Identity, wall_ms: int) -> Recovery:
    """Put a new state file at `path`; `identity` serves where the old one's cannot be read.

    Raises OSError, sqlite3.Error where the new one cannot be written; the old one is there then.
    """
    finish_replacement(path)
    copy, new = path.with_name(COPY_DRAFT), path.with_name(RECOVERY_DRAFT)
    try:
        old_file = free_damaged_name(path)
        # Of a state whose file is missing, the log is what is kept.
        recovery = Recovery(old_file if path.exists() else with_suffix(old_file, "-wal"))
        identity, turn = _read_copy(path, copy, identity, wall_ms, recovery)
        database = Database(new)
        try:
            database.replace_state(identity, turn)
        finally:
            database.close()
        for suffix in SUFFIXES:
            _keep_file(with_suffix(path, suffix), with_suffix(old_file, suffix), copy)
        replace_state(path, new)
    finally:
        remove_state_files(copy)
        remove_state_files(new)
    return recovery


def _read_copy(
    path: Path, copy: Path, identity: Identity, wall_ms: int, recovery: Recovery
) -> tuple[Identity, StateUpdate]:
    """Read a copy, because SQLite changes even what it only reads."""
    for suffix in SUFFIXES:
        with suppress(FileNotFoundError):
            shutil.copyfile(with_suffix(path, suffix), with_suffix(copy, suffix))
    if (not copy.exists() or copy.stat().st_size == 0) and (page := page_size(copy)):
        # SQLite would remove the log of an empty file; every page that it holds goes before
        # that of the file.
        what = "empty" if copy.exists() else "missing"
        copy.write_bytes(bytes(page))
        recovery.lost.append(f"what was not in the log beside it: the file is {what}")
    elif log_damage(path):
        recovery.lost.append("what was written last, which was still in the log beside it")
    read = _read_damaged(copy, identity, wall_ms, recovery)
    remove_state_files(copy)
    return read


def _keep_file(file: Path, kept: Path, draft: Path) -> None:
    """Give `file`, if there is one, the second name `kept`; it stays where it is."""
    with suppress(FileNotFoundError):
        kept.unlink(missing_ok=True)
        try:
            kept.hardlink_to(file)
        except FileNotFoundError:
            raise
        except OSError:
            # Not every file system has links.
            shutil.copyfile(file, draft)
            draft.replace(kept)


def _read_damaged(
    path: Path, identity: Identity, wall_ms: int, recovery: Recovery
) -> tuple[Identity, StateUpdate]:
    size = sum(f.stat().st_size for s in SUFFIXES if (f := with_suffix(path, s)).exists())
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        limit_reading(connection, size)
        facts = _read_facts(connection)
        if has_unread_frames(path):
            recovery.lost.append("what was written last, behind a break in the log beside it")
        known = decode_or_none(Identity, facts.get("identity"))
        header = decode_or_none(StateHeader, facts.get("present"))
        if header and (fault := facts_fault(known or identity, header)):
            recovery.lost.append(f"where the run stood: {fault}")
            known = header = None
        lines = _read_lines(connection, header, recovery)
        if known is None:
            recovery.lost.append("whose state it was: the app's installation gets a new id")
            known = identity_from_records(identity, lines)
        changes = _read_changes(connection, facts, header, recovery)
        orders = scan_table(connection, "orders", "id, batch", "id")
        if orders.damaged:
            recovery.lost.append("some orders of product events that were not sent yet")
        payloads, complete = scan_payloads(connection)
        if not complete:
            recovery.lost.append("some of what is in events")
    now = header.at if header else _latest_instant(lines, changes)
    seq = max([header.seq if header else 0, *(part.last for part in lines[-1:])])
    return known, StateUpdate(
        StateHeader(
            at=now,
            wall_ms=header.wall_ms if header else wall_ms,
            seq=seq,
            pending=sum(standing.state not in LOST for standing in changes.standing.values()),
            away_ms=header.away_ms if header else 0,
            next_issue=header.next_issue if header else 1,
            run=header.run if header else 1,
            turn=header.turn if header else 0,
            stopped=header is not None and header.stopped,
            things=header.things if header else None,
        ),
        changes,
        lines,
        dict(orders.rows),
        payloads,
    )


def _read_facts(connection: sqlite3.Connection) -> dict[str, bytes]:
    return dict(scan_table(connection, "facts", "name, value", "name").rows)


def _read_lines(
    connection: sqlite3.Connection, header: StateHeader | None, recovery: Recovery
) -> list[RecordLines]:
    scan, found = scan_records(connection)
    missing = found.missing_up_to(header.seq if header else found.last)
    _count_rows(recovery, "records", found.count, scan, missing)
    return found.lines


def _read_changes(
    connection: sqlite3.Connection,
    facts: dict[str, bytes],
    header: StateHeader | None,
    recovery: Recovery,
) -> EngineChanges:
    changes = EngineChanges()
    turns, lost = scan_turns(connection)
    if lost:
        recovery.lost.append(lost)
    _read_deliveries(connection, header, turns, changes, recovery)
    _read_values(connection, changes, recovery)
    for table, columns, kind, into in (
        ("jobs", "id, job", SavedJob, changes.jobs),
        ("progress", "product_event_id, progress", SavedProductEvent, changes.progress),
        ("figures", "meter, figures", QuotaUse, changes.figures),
    ):
        rows = scan_table(connection, table, columns, columns.split(",")[0])
        good: dict[str, Any] = {
            id: x for id, text in rows.rows if (x := decode_or_none(kind, text))
        }
        into.update(good)
        if rows.damaged or len(good) < len(rows.rows):
            recovery.lost.append(f"some rows of {table!r}")
    changes.paused = decode_or_none(tuple[str, ...], facts.get("paused"))
    installed = decode_or_none(InstalledVersion, facts.get("installed"))
    if installed is not None and not number_fault(installed.major):
        changes.installed = installed
    schedules = decode_or_none(dict[str, SavedSchedule], facts.get("schedules")) or {}
    changes.schedules = {k: x for k, x in schedules.items() if not number_fault(x.next_due)}
    pushes = scan_table(connection, "pushes", "origin, count", "origin")
    changes.pushes.update((id, count) for id, count in pushes.rows if not number_fault(count))
    changes.merge(structs.replace(turns, standing={}, ended=set()))
    web_triggers = decode_or_none(SavedWebTriggerUrls, facts.get(WEB_TRIGGERS))
    if web_triggers is not None and not web_trigger_fault(web_triggers):
        changes.web_triggers = web_triggers
    changes.site, complete = scan_site(connection)
    if not complete:
        recovery.lost.append("some things of the site")
    return changes


def _read_deliveries(
    connection: sqlite3.Connection,
    header: StateHeader | None,
    turns: EngineChanges,
    changes: EngineChanges,
    recovery: Recovery,
) -> None:
    fixed = scan_numbered_table(connection, "deliveries", "number, fixed", "number")
    standings = dict(
        scan_numbered_table(connection, "standings", "number, standing", "number").rows
    )
    unknown = 0
    saved_types = saved_delivery_types()
    rows = [row for row in fixed.rows if row[0] not in turns.ended]
    for number, text in rows:
        delivery = decode_or_none(saved_types, text)
        if delivery is None or delivery_fault(number, delivery, _standing_at_once(delivery)):
            continue
        standing = turns.standing.get(number) or decode_or_none(
            DeliveryProgress, standings.get(number)
        )
        if standing is None or delivery_fault(number, delivery, standing):
            standing = _standing_at_once(delivery)
            unknown += 1
        changes.added[number] = delivery
        changes.standing[number] = standing
    expected = header.pending if header else len(rows) + fixed.unreadable
    pending = sum(standing.state not in LOST for standing in changes.standing.values())
    _count_rows(recovery, "pending events", pending, fixed, expected - pending)
    if unknown:
        recovery.lost.append(f"how far {unknown:,} of the events were: they are delivered at once")


def _read_values(
    connection: sqlite3.Connection, changes: EngineChanges, recovery: Recovery
) -> None:
    columns = "rowid, secret, key, value, created_at, updated_at, expires_at"
    found = scan_numbered_table(connection, "kvs", columns, "rowid")
    broken = found.unreadable
    for _, secret, key, value, *times in found.rows:
        if not isinstance(key, str):
            broken += 1
            continue
        place, restored = stored_value(secret, key, value, *times)
        if value_fault(key, restored):
            broken += 1
        else:
            changes.values[place] = restored
    _count_rows(recovery, "values of the key-value store", len(changes.values), found, broken)


def _count_rows(recovery: Recovery, what: str, saved: int, found: TableScan, lost: int) -> None:
    recovery.saved.append(f"{saved:,} {what}")
    lost = max(lost, found.unreadable)
    if lost > 0:
        recovery.lost.append(f"{lost:,} {what}")
    elif found.damaged:
        recovery.lost.append(f"some {what}: how many cannot be told")


def _standing_at_once(delivery: SavedDelivery) -> DeliveryProgress:
    return DeliveryProgress("scheduled", delivery.created_at)


def _latest_instant(lines: list[RecordLines], changes: EngineChanges) -> int:
    created = (delivery.created_at for delivery in changes.added.values())
    return max([0, *(part.at for part in lines[-1:]), *created])
