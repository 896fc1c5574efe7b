"""What is kept of one event, as people and programs read it: without secrets, and what is missing.

The shape is described in docs/control-api.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar

import msgspec
from msgspec import structs

from forge_emu.engine.delivery.kind import SavedDelivery
from forge_emu.engine.delivery.kinds import saved_delivery_types
from forge_emu.engine.delivery.queued_event import SavedQueuedEvent
from forge_emu.engine.delivery.trigger_delivery import SavedTriggerDelivery
from forge_emu.model import Json
from forge_emu.payloads.collector import PayloadCollector
from forge_emu.payloads.entries import KeptInvocation, PayloadRow
from forge_emu.payloads.kept import KeptEvent

_saved: Final[msgspec.json.Decoder[SavedDelivery]] = msgspec.json.Decoder(saved_delivery_types())
_attempt: Final = msgspec.json.Decoder(KeptInvocation)
_any: Final[msgspec.json.Decoder[Json]] = msgspec.json.Decoder()

T = TypeVar("T")


def saved_event(row: PayloadRow) -> SavedDelivery | None:
    """The event of an entry, as a state holds it, with its secrets; None where it is damaged."""
    return _read(_saved, structs.replace(row, entry=row.original or row.entry))


def body_of(saved: SavedDelivery) -> Json:
    """The body of a saved event; None for one that has none."""
    if isinstance(saved, SavedQueuedEvent):
        return saved.item.body
    return saved.event.payload if isinstance(saved, SavedTriggerDelivery) else None


def shown_payload(
    id: str,
    kind: str,
    kept: KeptEvent | None,
    collector: PayloadCollector,
    unsaved_body: Callable[[], Json],
    notes: Sequence[str] = (),
) -> dict[str, Json]:
    """All that is kept of an event, and in `note` what is not.

    `unsaved_body` gives the body that the engine itself still has, None where it has none.
    """
    attempts = [a for row in (kept.attempts if kept else ()) if (a := _read(_attempt, row))]
    damaged = len(kept.attempts) - len(attempts) if kept else 0
    attempts += [
        collector.attempt_of(running)
        for running in collector.running.values()
        if running.event == id
    ]
    body = kept_body(kept) if kept and kept.event else unsaved_body()
    if damaged:
        notes = [*notes, f"{damaged} of its attempts cannot be read: the state is damaged"]
    found: dict[str, Json] = {
        "id": id,
        "kind": kind,
        "body": body,
        "invocations": [_shown_attempt(attempt, body) for attempt in attempts],
        "note": _note(body, kept, attempts, notes),
    }
    # Once more: what has become a secret since is not shown either.
    masked: dict[str, Json] = msgspec.json.decode(
        collector.secrets.mask_json(msgspec.json.encode(found).decode())
    )
    return masked


def payloads_of(ids: Iterable[str], collector: PayloadCollector) -> dict[str, Json]:
    """What is kept of each of these events; those of which nothing is are left out."""
    wanted = list(ids)
    found = collector.kept.find(wanted)
    return {
        id: shown_payload(id, kept.kind, kept, collector, lambda: None)
        for id in wanted
        if (kept := found.get(id)) is not None
    }


def kept_body(kept: KeptEvent) -> Json:
    """The body of an event whose entry is kept, without secrets."""
    assert kept.event is not None
    # A product event's payload is left as text: whether all of it can be read is seen here.
    entry = _read(_any, kept.event)
    if entry is None or kept.kind == "call":
        return entry
    saved = _read(_saved, kept.event)
    return None if saved is None else body_of(saved)


def _read(decoder: msgspec.json.Decoder[T], row: PayloadRow) -> T | None:
    """An entry; None where damage has made something else of it."""
    try:
        return decoder.decode(row.entry)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _shown_attempt(attempt: KeptInvocation, body: Json) -> dict[str, Json]:
    given = msgspec.json.decode(attempt.given)
    if attempt.adds_to_body and isinstance(body, dict):
        given["event"] = {**body, **given["event"]}
    if attempt.leaves_body:
        given["event"]["body"] = body
    shown: dict[str, Json] = {
        "invocation": attempt.invocation,
        "attempt": attempt.attempt,
        "function": attempt.function,
        "outcome": attempt.outcome,
        "given": given,
        "returned": attempt.returned,
        "logs": attempt.logs,
        "requests": attempt.requests,
    }
    if attempt.error is not None:
        shown["error"] = attempt.error
    return shown


def _note(
    body: Json, kept: KeptEvent | None, attempts: Sequence[KeptInvocation], notes: Sequence[str]
) -> str | None:
    """What is left out, in words; None for nothing."""
    words = list(notes)
    if kept is not None and kept.event is None and body is None:
        words.append("its body is no longer kept: the oldest goes first (state.payloads_mb)")
    if kept is not None and kept.attempts_deleted:
        words.append(f"{kept.attempts_deleted} older attempts are no longer kept")
    words += [
        f"of attempt {attempt.attempt}, {' and '.join(attempt.left_out)} left out"
        for attempt in attempts
        if attempt.left_out
    ]
    return "; ".join(words) or None
