"""Resumes the readers of records from earlier runs: adds what is still open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from msgspec import structs

from forge_emu import records as r
from forge_emu.emulator.trigger_batches import TriggerBatches
from forge_emu.engine.delivery.delivery import LOST
from forge_emu.engine.delivery.kinds import kind_of_saved
from forge_emu.engine.journal.masking import mask_body
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.engine.snapshot.shapes import DeliveryProgress, EngineSnapshot
from forge_emu.report import SummaryBuilder
from forge_emu.store.database import Database
from forge_emu.store.opening import damaged_error
from forge_emu.timeline import Timeline

_LINEAGE_RECORDS = 20_000
"""Records that the lineage of events is read from."""


@contextmanager
def damage_reported(path: Path) -> Iterator[None]:
    """Report what a state holds that no emulator has written as damage of the file at `path`.

    Raises StateError.
    """
    try:
        yield
    except (msgspec.MsgspecError, LookupError, TypeError, ValueError, ArithmeticError) as error:
        raise damaged_error(path, error) from error


def resume_from(
    saved: EngineSnapshot,
    database: Database,
    timeline: Timeline,
    summary: SummaryBuilder,
    trigger_batches: TriggerBatches,
    secrets: Secrets,
) -> None:
    """Count the open deliveries as if they had been pushed in this run.

    `secrets` are learnt from the saved values, and masked in the restored records.
    """
    secrets.add_saved_values(saved.values)
    for line in database.record_lines(saved.seq - _LINEAGE_RECORDS, _LINEAGE_RECORDS):
        try:
            record = r.decode_record(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        timeline.lineage.add_record(record)
        trigger_batches.add_past_record(record)
    for told in _records_of_open(saved):
        record = structs.replace(told, body=mask_body(told.body, secrets))
        timeline.resume_from(record)
        summary.resume_from(record)


def _records_of_open(saved: EngineSnapshot) -> Iterator[r.Record]:
    """The records by which the open deliveries would have become known."""
    seen: set[str] = set()
    for fixed, progress in saved.deliveries.values():
        if progress.state in LOST:
            continue
        kind = kind_of_saved(fixed)
        routing = kind.restored_routing(fixed)
        if routing is None:
            continue
        key, body = kind.restored_record(fixed, progress.due_at)
        if key not in seen:
            seen.add(key)
            yield r.Record(0, fixed.created_at, "", body)
        if progress.state == "waiting" and progress.retry_reason is not None:
            yield r.Record(0, fixed.created_at, "", _retry_record(progress, routing))


def _retry_record(progress: DeliveryProgress, routing: dict[str, str]) -> r.RetryScheduled:
    fields: dict[str, Any] = {
        "retry_count": progress.retry_count,
        "retry_reason": progress.retry_reason or "",
        "retry_after_ms": 0,
        "due_at": progress.due_at,
        "asked_by": "platform",
        **routing,
    }
    return r.RetryScheduled(**fields)
