"""From the tables of a state file to a state."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec

from forge_emu.engine.snapshot.shapes import (
    QuotaUse,
    EngineSnapshot,
    SavedDelivery,
    SavedQueuedEvent,
    SavedJob,
    SavedProductEvent,
    SavedTriggerDelivery,
    DeliveryProgress,
    QuotaCost,
)
from forge_emu.model import StoredValue
from forge_emu.store.collector import building_up
from forge_emu.store.opening import damaged
from forge_emu.store.shapes import Identity, Kept, Present

_fixed: msgspec.json.Decoder[SavedDelivery] = msgspec.json.Decoder(SavedQueuedEvent | SavedTriggerDelivery)
_standing = msgspec.json.Decoder(DeliveryProgress)
_job = msgspec.json.Decoder(SavedJob)
_progress = msgspec.json.Decoder(SavedProductEvent)
_uses = msgspec.json.Decoder(list[QuotaCost])
_figures = msgspec.json.Decoder(QuotaUse)
_paused = msgspec.json.Decoder(tuple[str, ...])
_identity = msgspec.json.Decoder(Identity)
_present = msgspec.json.Decoder(Present)


def read(connection: sqlite3.Connection, path: Path) -> Kept | None:
    """The whole state; None where nothing was written yet. Raises StateError."""
    try:
        # A cursor that is still open would keep the connection so, whoever closes that.
        with building_up(), closing(connection.cursor()) as cursor:
            return _read(cursor)
    except (msgspec.DecodeError, UnicodeDecodeError, TypeError, KeyError) as error:
        raise damaged(path, error) from None
    except sqlite3.OperationalError as error:
        # A table that is not there is damage as well; a disk that cannot be read is none.
        if "no such" in str(error):
            raise damaged(path, error) from None
        raise
    except sqlite3.DatabaseError as error:
        raise damaged(path, error) from None


def _read(cursor: sqlite3.Cursor) -> Kept | None:
    facts = dict(cursor.execute("SELECT name, value FROM facts"))
    if "identity" not in facts or "present" not in facts:
        return None
    identity = _identity.decode(facts["identity"])
    present = _present.decode(facts["present"])
    saved = _saved(cursor, identity, present)
    if "paused" in facts:
        saved.paused = _paused.decode(facts["paused"])
    return Kept(identity, present, saved, _orders(cursor))


def _saved(cursor: sqlite3.Cursor, identity: Identity, present: Present) -> EngineSnapshot:
    rows = cursor.execute
    standings = dict(rows("SELECT number, standing FROM standings"))
    return EngineSnapshot(
        at=present.at,
        seq=present.seq,
        installation=identity.installation,
        away_ms=present.away_ms,
        deliveries={
            number: (_fixed.decode(fixed), _standing.decode(standings[number]))
            for number, fixed in rows("SELECT number, fixed FROM deliveries ORDER BY number")
        },
        jobs={id: _job.decode(job) for id, job in rows("SELECT id, job FROM jobs")},
        values={
            (bool(secret), key): StoredValue(key, value, *times)
            for secret, key, value, *times in rows(
                "SELECT secret, key, value, created_at, updated_at, expires_at FROM kvs"
            )
        },
        pushes=dict(rows("SELECT origin, count FROM pushes")),
        progress={
            id: _progress.decode(text)
            for id, text in rows("SELECT product_event_id, progress FROM progress")
        },
        uses=[
            use
            for (text,) in rows("SELECT uses FROM uses ORDER BY id")
            for use in _uses.decode(text)
        ],
        figures={
            m: _figures.decode(text) for m, text in rows("SELECT meter, figures FROM figures")
        },
    )


def _orders(cursor: sqlite3.Cursor) -> dict[str, bytes]:
    return dict(cursor.execute("SELECT id, batch FROM orders"))
