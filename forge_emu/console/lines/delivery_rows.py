"""Lines about events, product events, and the invocations that serve them."""

from __future__ import annotations

from typing import Final

from forge_emu.console import palette as p
from forge_emu.console.format import escape, plural
from forge_emu.console.lines.row import RecordRow, RowOf, StyledText, size_text
from forge_emu.durations import duration_text
from forge_emu.model import HARMLESS_DROP_REASONS, ModuleKind
from forge_emu.offsets import short_offset_text
from forge_emu.records import (
    CallFailed,
    CallReceived,
    CallSucceeded,
    EventCancelled,
    EventDeferred,
    EventDropped,
    EventExpired,
    EventPushed,
    EventSucceeded,
    InvocationFinished,
    InvocationStarted,
    ProductEventDropped,
    ProductEventFiltered,
    ProductEventSent,
    ProductEventSucceeded,
    PushRefused,
    RetryScheduled,
    ScheduleByHand,
    ScheduleSkipped,
)
from forge_emu.report.format import unanswered_text

_ASKED_BY: Final = {
    "app": "asked by the app",
    "platform": "by the platform",
    "emulator": "by the emulator",
}

_SKIPPED_BECAUSE: Final = {
    "missed": "no emulator ran when due",
    "waiting": "the one before has not started",
    "running": "the one before still runs",
    "paused": "paused by hand",
}


def _sent_row(body: ProductEventSent, wide: bool) -> RecordRow:
    return (
        ("◆", p.ACCENT),
        "sent",
        [(escape(body.name), p.PLAIN), (size_text(body.size_bytes), p.DIM)],
    )


def _filtered_row(body: ProductEventFiltered, wide: bool) -> RecordRow:
    return ("-", p.DIM), "filtered", [(body.reason, p.DIM)]


def _started_row(body: InvocationStarted, wide: bool) -> RecordRow:
    parts: list[StyledText] = [(escape(body.function), p.PLAIN)]
    if body.attempt > 1:
        parts.append((f"attempt {body.attempt}", p.RETRY))
    if body.duplicate:
        parts.append(("duplicate delivery", p.LIMIT))
    if body.cold_start:
        parts.append(("cold start", p.DIM))
    return p.RUNNING, "started", parts


def _finished_row(body: InvocationFinished, wide: bool) -> RecordRow:
    glyph, style = p.OUTCOMES.get(body.outcome, ("?", p.BAD))
    words = p.OUTCOME_WORDS.get(body.outcome, body.outcome)
    parts: list[StyledText] = [
        (escape(body.function), p.PLAIN),
        (f"{words} in {duration_text(body.duration_ms)}", style),
    ]
    if body.error:
        parts.append((escape(f"{body.error.name}: {body.error.message}"), p.BAD))
        if wide and (place := _top_frame(body.error.stack)):
            parts.append((place, p.DIM))
    if body.unanswered:
        text = escape(unanswered_text(body.unanswered))
        parts.append((text if wide else text.partition(":")[0], p.LIMIT))
    return (glyph, style), "finished", parts


def _top_frame(stack: str | None) -> str:
    """The innermost frame: where the user's code failed."""
    frames = (row.strip() for row in (stack or "").splitlines())
    return next((escape(row) for row in frames if row.startswith("at ")), "")


def _pushed_row(body: EventPushed, wide: bool) -> RecordRow:
    return (
        ("→", p.ACCENT),
        "pushed",
        [(f"due {short_offset_text(body.due_at)}", p.DIM), (size_text(body.size_bytes), p.DIM)],
    )


def _push_refused_row(body: PushRefused, wide: bool) -> RecordRow:
    parts: list[StyledText] = [
        (f"push of {plural(body.events, 'event')} to {escape(body.queue)} refused", p.ALERT),
        (f"{body.error} ({body.status})", p.BAD),
        (body.limit, p.LIMIT),
    ]
    return ("⊘", p.ALERT), "refused", parts


def _retry_row(body: RetryScheduled, wide: bool) -> RecordRow:
    asked = _ASKED_BY[body.asked_by]
    number = f"retry {body.retry_count}" if body.retry_count else "retry"
    parts: list[StyledText] = [
        (f"{number} in {duration_text(body.retry_after_ms)}", p.RETRY),
        (escape(body.retry_reason), p.PLAIN),
        (asked, p.DIM),
    ]
    if isinstance(body.retry_after_given, str):
        parts.append((f"retryAfter was {escape(body.retry_after_given)}, no number", p.LIMIT))
    if body.clamped_from_ms is not None:
        parts.append((f"moved from {duration_text(body.clamped_from_ms)}", p.LIMIT))
    if body.retry_data_left_out is True:
        parts.append(("retryData is no object: left out", p.LIMIT))
    return ("↻", p.RETRY), "retry", parts


def _succeeded_row(body: EventSucceeded | ProductEventSucceeded, wide: bool) -> RecordRow:
    words = f"after {plural(body.attempts, 'attempt')} in {duration_text(body.age_ms)}"
    return ("✓", p.GOOD), "succeeded", [(words, p.RETRY if body.attempts > 1 else p.DIM)]


def _cancelled_row(body: EventCancelled, wide: bool) -> RecordRow:
    return p.CANCELLED, "cancelled", [(f"after {plural(body.attempts, 'attempt')}", p.DIM)]


def _dropped_row(body: EventDropped | ProductEventDropped, wide: bool) -> RecordRow:
    calm = body.reason in HARMLESS_DROP_REASONS
    words = f"after {plural(body.attempts, 'attempt')} in {duration_text(body.age_ms)}"
    return (
        (p.DROPPED[0], p.DIM if calm else p.ALERT),
        "dropped",
        [
            (body.reason, p.PLAIN if calm else p.ALERT),
            (words, p.DIM),
        ],
    )


def _expired_row(body: EventExpired, wide: bool) -> RecordRow:
    words = f"after {plural(body.attempts, 'attempt')} in {duration_text(body.age_ms)}"
    return (
        p.EXPIRED,
        "expired",
        [("platform errors until its window ended", p.ALERT), (words, p.DIM)],
    )


def _deferred_row(body: EventDeferred, wide: bool) -> RecordRow:
    parts: list[StyledText] = [
        (f"until {short_offset_text(body.due_at)}", p.PLAIN),
        (escape(body.limit), p.LIMIT),
    ]
    return p.DEFERRED, "deferred", parts


def _call_received_row(body: CallReceived, wide: bool) -> RecordRow:
    if body.module != ModuleKind.SCHEDULED_TRIGGER:
        what = f"{body.module.replace('_', ' ')} {body.module_key}"
        if isinstance(body.resolver_key, str):
            what += f".{body.resolver_key}"
        size = size_text(body.size_bytes) if isinstance(body.size_bytes, int) else ""
        return ("◆", p.ACCENT), "called", [(escape(what), p.PLAIN), (size, p.DIM)]
    by_time = isinstance(body.due_at, int)
    parts: list[StyledText] = [
        (escape(body.module_key), p.PLAIN),
        (escape(body.function), p.PLAIN),
        ("by its schedule" if by_time else "by hand", p.DIM),
    ]
    return ("◆", p.ACCENT), "called", parts


def _call_succeeded_row(body: CallSucceeded, wide: bool) -> RecordRow:
    return ("✓", p.GOOD), "returned", [(f"in {duration_text(body.age_ms)}", p.DIM)]


def _call_failed_row(body: CallFailed, wide: bool) -> RecordRow:
    parts: list[StyledText] = [
        (body.reason, p.ALERT),
        (body.limit if isinstance(body.limit, str) else "", p.LIMIT),
        (f"in {duration_text(body.age_ms)}", p.DIM),
    ]
    return p.DROPPED, "failed", parts


def _schedule_skipped_row(body: ScheduleSkipped, wide: bool) -> RecordRow:
    parts: list[StyledText] = [
        (f"{plural(body.runs, 'run')} of {escape(body.module_key)}", p.PLAIN),
        (_SKIPPED_BECAUSE.get(body.reason, body.reason), p.LIMIT),
    ]
    return ("-", p.LIMIT), "skipped", parts


def _schedule_by_hand_row(body: ScheduleByHand, wide: bool) -> RecordRow:
    done = {"pause": "paused", "resume": "resumed"}.get(body.action, body.action)
    parts: list[StyledText] = [(escape(body.module_key), p.PLAIN), ("by hand", p.DIM)]
    return ("‖" if body.action == "pause" else "▸", p.LIMIT), done, parts


DELIVERY_ROWS: dict[type, RowOf] = {
    CallReceived: _call_received_row,
    CallSucceeded: _call_succeeded_row,
    CallFailed: _call_failed_row,
    ScheduleSkipped: _schedule_skipped_row,
    ScheduleByHand: _schedule_by_hand_row,
    ProductEventSent: _sent_row,
    ProductEventFiltered: _filtered_row,
    ProductEventSucceeded: _succeeded_row,
    ProductEventDropped: _dropped_row,
    InvocationStarted: _started_row,
    InvocationFinished: _finished_row,
    EventPushed: _pushed_row,
    EventSucceeded: _succeeded_row,
    EventCancelled: _cancelled_row,
    EventDropped: _dropped_row,
    EventExpired: _expired_row,
    EventDeferred: _deferred_row,
    PushRefused: _push_refused_row,
    RetryScheduled: _retry_row,
}
