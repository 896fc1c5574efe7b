"""Resumes the readers of records from earlier runs: adds what is still open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import structs

from forge_emu import records as r
from forge_emu.emulator.trigger_batches import TriggerBatches
from forge_emu.engine.delivery.delivery import LOST
from forge_emu.engine.delivery.kind import SavedDelivery
from forge_emu.engine.delivery.kinds import kind_of_saved
from forge_emu.engine.delivery.queued_event import SavedQueuedEvent
from forge_emu.engine.journal.masking import mask_body
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.engine.snapshot.shapes import DeliveryProgress, EngineSnapshot
from forge_emu.report.summary_builder import SummaryBuilder
from forge_emu.store.database import Database
from forge_emu.store.opening import damaged_error
from forge_emu.timeline.timeline import Timeline

_LINEAGE_RECORDS = 20_000
"""Records that the lineage of events, and their attempts, are read from."""

_OF_ATTEMPTS: Final = (
    r.InvocationStarted,
    r.InvocationFinished,
    r.RetryScheduled,
    r.EventDeferred,
)
"""What the timeline reads the attempts of an event from, besides refusals."""


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
    """Count the open deliveries as if they had been pushed in this run, and show their attempts.

    `secrets` are learnt from the saved values, and masked in the restored records.
    """
    secrets.add_saved_values(saved.values)
    attempts = PastAttempts(id for fixed, _ in _open(saved) for id in _ids_of(fixed))
    for record in _past_records(saved, database):
        timeline.lineage.add_record(record)
        trigger_batches.add_past_record(record)
        attempts.add_record(record)
    _resume_subjects(saved, database, timeline)
    for told in _records_of_open(saved):
        record = _masked(told, secrets)
        timeline.resume_from(record)
        summary.resume_from(record)
    for record in attempts.records:
        timeline.resume_from(_masked(record, secrets))
    _resume_tracks(saved, timeline, secrets)


class PastAttempts:
    """The records of earlier runs that tell of the attempts of some events."""

    def __init__(self, ids: Iterable[str]) -> None:
        self.records: list[r.Record] = []
        self._ids = frozenset(ids)
        self._invocations: set[str] = set()

    def add_record(self, record: r.Record) -> None:
        """Keep the record if it is one of them."""
        body = record.body
        if isinstance(body, r.KvsRefused | r.PushRefused):
            if body.invocation_id in self._invocations:
                self.records.append(record)
        elif isinstance(body, _OF_ATTEMPTS) and _id_in(body) in self._ids:
            self.records.append(record)
            if isinstance(body, r.InvocationStarted):
                self._invocations.add(body.invocation_id)


def _past_records(saved: EngineSnapshot, database: Database) -> Iterator[r.Record]:
    """The last records of the runs before; what cannot be read is left out."""
    for line in database.record_lines(saved.seq - _LINEAGE_RECORDS, _LINEAGE_RECORDS):
        try:
            yield r.decode_record(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue


def _open(saved: EngineSnapshot) -> Iterator[tuple[SavedDelivery, DeliveryProgress]]:
    """The deliveries that have not ended."""
    for fixed, progress in saved.deliveries.values():
        if progress.state not in LOST:
            yield fixed, progress


def _ids_of(fixed: SavedDelivery) -> Iterator[str]:
    """The id of the event or product event that a delivery is of; none of other kinds."""
    routing = kind_of_saved(fixed).restored_routing(fixed) or {}
    for name in ("event_id", "product_event_id"):
        if name in routing:
            yield routing[name]


def _id_in(body: r.AnyBody) -> str | None:
    ids = (getattr(body, name, None) for name in ("event_id", "product_event_id"))
    return next((id for id in ids if isinstance(id, str)), None)


def _masked(record: r.Record, secrets: Secrets) -> r.Record:
    return structs.replace(record, body=mask_body(record.body, secrets))


def _resume_subjects(saved: EngineSnapshot, database: Database, timeline: Timeline) -> None:
    """What an event descends from, by what is kept of product events where records are not."""
    unknown = [
        fixed
        for fixed, _ in _open(saved)
        if isinstance(fixed, SavedQueuedEvent)
        and timeline.lineage.event_context(fixed.id).subject is None
    ]
    if not unknown:
        return
    subjects = database.payload_subjects()
    for fixed in unknown:
        product_event_id = fixed.origin.partition("/")[0]
        if (subject := subjects.get(product_event_id)) is not None:
            timeline.lineage.resume_event(fixed.id, fixed.queue, product_event_id, subject)


def _records_of_open(saved: EngineSnapshot) -> Iterator[r.Record]:
    """The records by which the open deliveries would have become known."""
    seen: set[str] = set()
    for fixed, progress in _open(saved):
        kind = kind_of_saved(fixed)
        if kind.restored_routing(fixed) is None:
            continue
        key, body = kind.restored_record(fixed, progress.due_at)
        if key not in seen:
            seen.add(key)
            yield r.Record(0, fixed.created_at, "", body)


def _resume_tracks(saved: EngineSnapshot, timeline: Timeline, secrets: Secrets) -> None:
    """The retries that wait, with how many attempts there were, whatever records there are."""
    for fixed, progress in _open(saved):
        routing = kind_of_saved(fixed).restored_routing(fixed)
        if routing is None:
            continue
        id = (
            routing.get("event_id") or f"{routing.get('product_event_id')}/{routing.get('trigger')}"
        )
        waits = progress.state == "waiting" and progress.drop_reason is None
        if waits and progress.retry_reason is not None and not _has_retry(timeline, id):
            record = r.Record(0, fixed.created_at, "", _retry_record(progress, routing))
            timeline.resume_from(_masked(record, secrets))
        timeline.resume_track(id, progress.attempts, progress.due_at if waits else None)


def _has_retry(timeline: Timeline, id: str) -> bool:
    track = timeline.tracks.get(id)
    return track is not None and bool(track.retries)


def _retry_record(progress: DeliveryProgress, routing: dict[str, str]) -> r.RetryScheduled:
    fields: dict[str, Any] = {
        "retry_count": progress.retry_count,
        "retry_reason": progress.retry_reason or "",
        "retry_after_ms": 0,
        "due_at": progress.due_at,
        "asked_by": progress.asked_by or "platform",
        **routing,
    }
    return r.RetryScheduled(**fields)
