"""Reads a state from the tables of a state file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec

from forge_emu.engine.delivery.jobs import SavedJob
from forge_emu.engine.delivery.kind import SavedDelivery
from forge_emu.engine.delivery.kinds import saved_delivery_types
from forge_emu.engine.delivery.product_events import SavedProductEvent
from forge_emu.engine.delivery.scheduled.schedules import SavedSchedule
from forge_emu.engine.kvs.place import stored_value
from forge_emu.engine.life_cycle import InstalledVersion
from forge_emu.engine.quota import QuotaUse
from forge_emu.engine.snapshot.shapes import DeliveryProgress, EngineSnapshot, QuotaCost
from forge_emu.engine.web_trigger_urls import SavedWebTriggerUrls
from forge_emu.site.collection import Place
from forge_emu.store.file_check import facts_fault, snapshot_fault
from forge_emu.store.gc_pause import gc_paused
from forge_emu.store.opening import damaged_error
from forge_emu.store.schema import WEB_TRIGGERS
from forge_emu.store.shapes import Identity, StateHeader, StoredState
from forge_emu.store.turns.last_turns import LastTurns

_fixed_decoder: msgspec.json.Decoder[SavedDelivery] = msgspec.json.Decoder(saved_delivery_types())
_standing_decoder = msgspec.json.Decoder(DeliveryProgress)
_job_decoder = msgspec.json.Decoder(SavedJob)
_progress_decoder = msgspec.json.Decoder(SavedProductEvent)
_uses_decoder = msgspec.json.Decoder(list[QuotaCost])
_figures_decoder = msgspec.json.Decoder(QuotaUse)
_paused_decoder = msgspec.json.Decoder(tuple[str, ...])
_schedules_decoder = msgspec.json.Decoder(dict[str, SavedSchedule])
_web_triggers_decoder = msgspec.json.Decoder(SavedWebTriggerUrls)
_installed_decoder = msgspec.json.Decoder(InstalledVersion)
_identity_decoder = msgspec.json.Decoder(Identity)
_header_decoder = msgspec.json.Decoder(StateHeader)


def read_state(connection: sqlite3.Connection, path: Path, turns: LastTurns) -> StoredState | None:
    """The whole state, with `turns`; None where nothing was written yet. Raises StateError."""
    try:
        # A cursor that is still open would keep the connection so, whoever closes that.
        with gc_paused(), turns.shown_in_tables(), closing(connection.cursor()) as cursor:
            return _read_tables(cursor)
    except (msgspec.DecodeError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise damaged_error(path, error) from None
    except sqlite3.OperationalError as error:
        # A table that is not there is damage as well, and text that is none; a disk that cannot be
        # read is not.
        if any(words in str(error).lower() for words in ("no such", "could not decode")):
            raise damaged_error(path, error) from None
        raise
    except sqlite3.DatabaseError as error:
        raise damaged_error(path, error) from None


def _read_tables(cursor: sqlite3.Cursor) -> StoredState | None:
    facts = dict(cursor.execute("SELECT name, value FROM facts"))
    if "identity" not in facts or "present" not in facts:
        return None
    identity = _identity_decoder.decode(facts["identity"])
    header = _header_decoder.decode(facts["present"])
    saved = _read_snapshot(cursor, identity, header)
    if "paused" in facts:
        saved.paused = _paused_decoder.decode(facts["paused"])
    if "schedules" in facts:
        saved.schedules = _schedules_decoder.decode(facts["schedules"])
    if WEB_TRIGGERS in facts:
        saved.web_triggers = _web_triggers_decoder.decode(facts[WEB_TRIGGERS])
    if "installed" in facts:
        saved.installed = _installed_decoder.decode(facts["installed"])
    if fault := facts_fault(identity, header) or snapshot_fault(saved):
        raise ValueError(fault)
    return StoredState(identity, header, saved, _read_orders(cursor))


def _read_snapshot(
    cursor: sqlite3.Cursor, identity: Identity, header: StateHeader
) -> EngineSnapshot:
    rows = cursor.execute
    standings = dict(rows("SELECT number, standing FROM standings"))
    return EngineSnapshot(
        at=header.at,
        seq=header.seq,
        installation=identity.installation,
        away_ms=header.away_ms,
        deliveries={
            number: (_fixed_decoder.decode(fixed), _standing_decoder.decode(standings[number]))
            for number, fixed in rows("SELECT number, fixed FROM deliveries ORDER BY number")
        },
        jobs={id: _job_decoder.decode(job) for id, job in rows("SELECT id, job FROM jobs")},
        values=dict(
            stored_value(*row)
            for row in rows(
                "SELECT secret, key, value, created_at, updated_at, expires_at FROM kvs"
            )
        ),
        pushes=dict(rows("SELECT origin, count FROM pushes")),
        progress={
            id: _progress_decoder.decode(text)
            for id, text in rows("SELECT product_event_id, progress FROM progress")
        },
        uses=[
            use
            for (text,) in rows("SELECT uses FROM uses ORDER BY id")
            for use in _uses_decoder.decode(text)
        ],
        figures={
            m: _figures_decoder.decode(text)
            for m, text in rows("SELECT meter, figures FROM figures")
        },
        site=_read_site(cursor),
    )


def _read_site(cursor: sqlite3.Cursor) -> dict[Place, bytes]:
    """The things of the site, oldest first within a kind. Raises as msgspec does."""
    # A site of ten thousand issues is read in a fraction of a second: each row is only looked at.
    rows = cursor.execute("SELECT kind, id, thing FROM site ORDER BY kind, length(id), id")
    return {
        (kind, id): bytes(msgspec.json.decode(thing, type=msgspec.Raw)) for kind, id, thing in rows
    }


def _read_orders(cursor: sqlite3.Cursor) -> dict[str, bytes]:
    return dict(cursor.execute("SELECT id, batch FROM orders"))


def read_saved_delivery(connection: sqlite3.Connection, number: int) -> SavedDelivery | None:
    """What never changes of the delivery with this number; None where there is none.

    Raises as msgspec does.
    """
    asked = "SELECT fixed FROM deliveries WHERE number = ?"
    row = connection.execute(asked, (number,)).fetchone()
    return None if row is None else _fixed_decoder.decode(row[0])


def read_header(connection: sqlite3.Connection) -> StateHeader | None:
    """The header of the last write; None without one. Raises as msgspec does."""
    text = _fact_text(connection, "present")
    return _header_decoder.decode(text) if text else None


def read_identity(connection: sqlite3.Connection) -> Identity | None:
    """Whose state it is; None where nothing was written yet. Raises as msgspec does."""
    text = _fact_text(connection, "identity")
    return _identity_decoder.decode(text) if text else None


def _fact_text(connection: sqlite3.Connection, name: str) -> bytes | None:
    row = connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return row[0] if row else None
