"""One record, one line: when, what, which event, what became of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rich.text import Text

from forge_emu.console import palette as p
from forge_emu.console.format import escape, plural, short_id, speed_text
from forge_emu.durations import duration_text
from forge_emu.errors import Problem
from forge_emu.offsets import offset_text, short_offset_text
from forge_emu.records import (
    ActedByHand,
    AppLoaded,
    AppRejected,
    AppReloaded,
    ControlRefused,
    EmulatorRestarted,
    EventCancelled,
    EventDeferred,
    EventDropped,
    EventPushed,
    EventSucceeded,
    FaultInjected,
    InvocationFinished,
    InvocationStarted,
    KvsDone,
    KvsRefused,
    Log,
    ProductEventDropped,
    ProductEventFiltered,
    ProductEventSent,
    ProductEventSucceeded,
    PushRefused,
    Record,
    RequestMocked,
    RequestUnsupported,
    RetryScheduled,
)
from forge_emu.timeline import Lineage, RecordContext
from forge_emu.timeline.lineage import NO_CONTEXT

StyledText = tuple[str, str]
"""Text and its style."""
RecordRow = tuple[StyledText, str, list[StyledText]]
"""Glyph with its style, what happened, and the details."""


class LineFormatter:
    """Formats records as lines that name the event they concern. Give it every record in order.

    `wide` gives full offsets and details; without it a line is cut for a narrow screen. Give it the
    `Lineage` of a timeline to share it; records are then not added to it here.
    """

    def __init__(self, *, wide: bool = True, lineage: Lineage | None = None) -> None:
        self._wide = wide
        self._lineage = lineage or Lineage()
        self._owns_lineage = lineage is None

    def add_record(self, record: Record) -> None:
        """Add a record that is not shown."""
        if self._owns_lineage:
            self._lineage.add_record(record)

    def format_record(self, record: Record) -> Text:
        """The line of `record`: no newline, no wrapping."""
        self.add_record(record)
        return record_line(record, wide=self._wide, context=self._lineage.context_of(record))


def record_line(record: Record, *, wide: bool = True, context: RecordContext | None = None) -> Text:
    """`record` as one line of coloured text. `context` is what it concerns, if known.

    The line is as long as it needs to be: print it with `soft_wrap=True`, or crop it.
    """
    body = record.body
    context = context or _own_context(body)
    (glyph, style), verb, details = _ROWS[type(body)](body, wide)
    loud = style in (p.BAD, p.ALERT, p.RETRY, p.LIMIT)
    text = Text(no_wrap=True, overflow="ellipsis", end="")
    text.append(offset_text(record.at) if wide else f"{short_offset_text(record.at):>9}", p.DIM)
    text.append(f" {glyph} ", style)
    text.append(f"{verb:<9}", style if loud else p.PLAIN)
    name = short_id(context.event_id or context.product_event_id or "-")
    text.append(f" {name:<8}", p.ACCENT if name != "-" else p.DIM)
    if context.subject:
        text.append(f" {escape(context.subject)}", p.TITLE)
    if context.place and not isinstance(body, Log):
        text.append(f" {escape(context.place)}", p.DIM)
    for part, part_style in details:
        if part:
            text.append("  " if wide else " ")
            text.append(part, part_style)
    return text


def _own_context(body: Any) -> RecordContext:
    """What a record concerns by its own fields."""
    ids = [getattr(body, name, None) for name in ("event_id", "product_event_id")]
    event_id, product_event_id = (id if isinstance(id, str) else None for id in ids)
    places = (getattr(body, name, None) for name in ("queue", "trigger"))
    place = next((x for x in places if isinstance(x, str)), None)
    if event_id is None and product_event_id is None and place is None:
        return NO_CONTEXT
    return RecordContext(event_id, product_event_id, None, None, place)


def _loaded_row(body: AppLoaded | AppReloaded, wide: bool) -> RecordRow:
    verb = "ready" if isinstance(body, AppLoaded) else "reloaded"
    parts: list[StyledText] = [
        (escape(body.app_id), p.TITLE),
        (
            f"{plural(len(body.triggers), 'trigger')}, {plural(len(body.consumers), 'consumer')}, "
            f"{plural(len(body.functions), 'function')}",
            p.DIM,
        ),
    ]
    if isinstance(body, AppLoaded):
        parts.append((f"seed {body.seed}, {speed_text(body.speed)}, limits {body.limits}", p.DIM))
        if body.faults:
            parts.append((escape(f"faults {', '.join(body.faults)}"), p.LIMIT))
        if body.url:
            parts.append((body.url, p.ACCENT))
    parts += _problem_parts(body.problems)
    return ("●", p.GOOD), verb, parts


def _restarted_row(body: EmulatorRestarted, wide: bool) -> RecordRow:
    how = "went on" if body.clean else "went on after it was ended by force"
    parts: list[StyledText] = [
        (f"{how}, {duration_text(body.away_ms)} later", p.TITLE),
        (f"{body.pending:,} pending", p.PLAIN),
    ]
    if body.overdue:
        parts.append((f"{body.overdue:,} overdue", p.RETRY))
    if body.interrupted:
        parts.append((f"{body.interrupted:,} were running and run again", p.RETRY))
    return ("●", p.GOOD), "restarted", parts


def _rejected_row(body: AppRejected, wide: bool) -> RecordRow:
    return (
        ("✗", p.ALERT),
        "rejected",
        [("the last good version goes on", p.DIM), *_problem_parts(body.problems)],
    )


def _problem_parts(problems: list[Problem]) -> list[StyledText]:
    if not problems:
        return []
    gravest = min(problems, key=lambda found: found.severity != "error")
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return [(escape(str(gravest)) + more, p.BAD if gravest.severity == "error" else p.RETRY)]


def _sent_row(body: ProductEventSent, wide: bool) -> RecordRow:
    return (
        ("◆", p.ACCENT),
        "sent",
        [(escape(body.name), p.PLAIN), (_size_text(body.size_bytes), p.DIM)],
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
    return (glyph, style), "finished", parts


def _top_frame(stack: str | None) -> str:
    """The innermost frame: where the user's code failed."""
    frames = (row.strip() for row in (stack or "").splitlines())
    return next((escape(row) for row in frames if row.startswith("at ")), "")


def _pushed_row(body: EventPushed, wide: bool) -> RecordRow:
    return (
        ("→", p.ACCENT),
        "pushed",
        [(f"due {short_offset_text(body.due_at)}", p.DIM), (_size_text(body.size_bytes), p.DIM)],
    )


def _push_refused_row(body: PushRefused, wide: bool) -> RecordRow:
    parts: list[StyledText] = [
        (f"push of {plural(body.events, 'event')} to {escape(body.queue)} refused", p.ALERT),
        (f"{body.error} ({body.status})", p.BAD),
        (body.limit, p.LIMIT),
    ]
    return ("⊘", p.ALERT), "refused", parts


def _retry_row(body: RetryScheduled, wide: bool) -> RecordRow:
    asked = "asked by the app" if body.asked_by == "app" else "by the platform"
    parts: list[StyledText] = [
        (f"retry {body.retry_count} in {duration_text(body.retry_after_ms)}", p.RETRY),
        (escape(body.retry_reason), p.PLAIN),
        (asked, p.DIM),
    ]
    if body.clamped_from_ms is not None:
        parts.append((f"moved from {duration_text(body.clamped_from_ms)}", p.LIMIT))
    return ("↻", p.RETRY), "retry", parts


def _succeeded_row(body: EventSucceeded | ProductEventSucceeded, wide: bool) -> RecordRow:
    words = f"after {plural(body.attempts, 'attempt')} in {duration_text(body.age_ms)}"
    return ("✓", p.GOOD), "succeeded", [(words, p.RETRY if body.attempts > 1 else p.DIM)]


def _cancelled_row(body: EventCancelled, wide: bool) -> RecordRow:
    return p.CANCELLED, "cancelled", [(f"after {plural(body.attempts, 'attempt')}", p.DIM)]


def _dropped_row(body: EventDropped | ProductEventDropped, wide: bool) -> RecordRow:
    calm = body.reason in ("filtered", "no_trigger")
    words = f"after {plural(body.attempts, 'attempt')} in {duration_text(body.age_ms)}"
    return (
        (p.DROPPED[0], p.DIM if calm else p.ALERT),
        "dropped",
        [
            (body.reason, p.PLAIN if calm else p.ALERT),
            (words, p.DIM),
        ],
    )


def _deferred_row(body: EventDeferred, wide: bool) -> RecordRow:
    parts: list[StyledText] = [
        (f"until {short_offset_text(body.due_at)}", p.PLAIN),
        (escape(body.limit), p.LIMIT),
    ]
    return p.DEFERRED, "deferred", parts


def _kvs_done_row(body: KvsDone, wide: bool) -> RecordRow:
    units = plural(body.units, "unit")
    parts: list[StyledText] = [
        (_kvs_call_text(body), p.PLAIN),
        (f"{_size_text(body.bytes)}, {units}", p.DIM),
    ]
    return ("·", p.DIM), "kvs", parts


def _kvs_call_text(body: KvsDone | KvsRefused) -> str:
    """What was asked of the store; a query asks for keys that begin with something."""
    key = f"{body.key}*" if body.operation == "query" else body.key
    return f"{body.operation} {escape(key)}"


def _kvs_refused_row(body: KvsRefused, wide: bool) -> RecordRow:
    parts: list[StyledText] = [
        (f"{_kvs_call_text(body)} refused", p.ALERT),
        (f"{body.code} ({body.status})", p.BAD),
        (body.limit or "", p.LIMIT),
    ]
    return ("⊘", p.ALERT), "refused", parts


def _fault_row(body: FaultInjected, wide: bool) -> RecordRow:
    return ("ϟ", p.LIMIT), "fault", [(escape(body.rule), p.LIMIT)]


def _by_hand_row(body: ActedByHand, wide: bool) -> RecordRow:
    words = body.action.replace("_", " ")
    parts: list[StyledText] = [
        (f"{words} {escape(body.queue) if body.queue else 'all'}", p.PLAIN)
        if body.action in ("pause", "resume")
        else (f"{words} of {plural(body.events, 'event')}", p.PLAIN)
    ]
    return ("☞", p.ACCENT), "by hand", parts


def _control_refused_row(body: ControlRefused, wide: bool) -> RecordRow:
    parts: list[StyledText] = [
        (f"request to forge-emu refused: {escape(f'{body.method} {body.path}')}", p.ALERT),
        (f"({body.status})", p.BAD),
        (escape(body.reason), p.LIMIT),
    ]
    if body.unrecorded:
        parts.append((f"and {body.unrecorded:,} before it", p.LIMIT))
    return ("⊘", p.ALERT), "refused", parts


def _mocked_row(body: RequestMocked, wide: bool) -> RecordRow:
    style = p.BAD if body.status >= 400 else p.DIM
    parts: list[StyledText] = [
        (escape(f"{body.method} {body.path}"), p.PLAIN),
        (str(body.status), style),
        (body.mock, p.DIM),
    ]
    return ("·", p.DIM), "mocked", parts


def _unsupported_row(body: RequestUnsupported, wide: bool) -> RecordRow:
    parts: list[StyledText] = [
        (escape(f"{body.service} {body.method} {body.path}"), p.PLAIN),
        (escape(body.message), p.BAD),
    ]
    return ("⊘", p.BAD), "missing", parts


def _log_row(body: Log, wide: bool) -> RecordRow:
    style = {"warn": p.RETRY, "error": p.BAD, "debug": p.DIM}.get(body.level, p.PLAIN)
    verb = {"warn": "warning"}.get(body.level, body.level[:9])
    return ("│", style or p.DIM), verb, [(escape(body.message), style)]


def _size_text(bytes_: int) -> str:
    return f"{bytes_} B" if bytes_ < 1024 else f"{bytes_ / 1024:.1f} KiB"


_ROWS: dict[type, Callable[[Any, bool], RecordRow]] = {
    AppLoaded: _loaded_row,
    EmulatorRestarted: _restarted_row,
    AppReloaded: _loaded_row,
    AppRejected: _rejected_row,
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
    EventDeferred: _deferred_row,
    PushRefused: _push_refused_row,
    RetryScheduled: _retry_row,
    KvsDone: _kvs_done_row,
    KvsRefused: _kvs_refused_row,
    FaultInjected: _fault_row,
    ActedByHand: _by_hand_row,
    ControlRefused: _control_refused_row,
    RequestMocked: _mocked_row,
    RequestUnsupported: _unsupported_row,
    Log: _log_row,
}
