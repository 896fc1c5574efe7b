"""Resumes the readers of records from earlier runs: adds what is still open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import structs

from forge_emu import records as r
from forge_emu.emulator.trigger_batches import TriggerBatches
from forge_emu.engine.delivery.handler_arguments import subject_of
from forge_emu.engine.journal.masking import mask_body
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.engine.snapshot.shapes import DeliveryProgress, EngineSnapshot, SavedTriggerDelivery
from forge_emu.report import SummaryBuilder
from forge_emu.store.database import Database
from forge_emu.timeline import Timeline

_LINEAGE_RECORDS = 20_000
"""Records that the lineage of events is read from."""


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
    for fixed, standing in saved.deliveries.values():
        if standing.state == "dropped":
            continue
        if isinstance(fixed, SavedTriggerDelivery):
            event = fixed.event
            if event.product_event_id not in seen:
                seen.add(event.product_event_id)
                yield r.Record(
                    0,
                    fixed.created_at,
                    "",
                    r.ProductEventSent(
                        product_event_id=event.product_event_id,
                        name=event.name,
                        size_bytes=event.size_bytes,
                        subject=subject_of(event.payload),
                        batch=event.batch,
                    ),
                )
            place = {"product_event_id": event.product_event_id, "trigger": fixed.trigger}
        else:
            if fixed.duplicate:
                continue
            yield r.Record(
                0,
                fixed.created_at,
                "",
                r.EventPushed(
                    event_id=fixed.id,
                    job_id=fixed.job_id,
                    queue=fixed.queue,
                    due_at=standing.due_at,
                    size_bytes=fixed.size_bytes,
                    invocation_id="",
                ),
            )
            place = {"event_id": fixed.id, "queue": fixed.queue}
        if standing.state == "waiting" and standing.retry_reason is not None:
            yield r.Record(0, fixed.created_at, "", _retry_record(standing, place))


def _retry_record(standing: DeliveryProgress, place: dict[str, str]) -> r.RetryScheduled:
    fields: dict[str, Any] = {
        "retry_count": standing.retry_count,
        "retry_reason": standing.retry_reason or "",
        "retry_after_ms": 0,
        "due_at": standing.due_at,
        "asked_by": "platform",
        **place,
    }
    return r.RetryScheduled(**fields)
