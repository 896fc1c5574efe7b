"""One record, one line: when, what, which event, what became of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rich.text import Text

from forge_emu.console import palette as p
from forge_emu.console.format import (
    offset,
    pace,
    plural,
    safe,
    short_id,
    short_offset,
    span,
)
from forge_emu.errors import Problem
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
from forge_emu.timeline import Lineage, Who
from forge_emu.timeline.lineage import NOBODY

Part = tuple[str, str]
"""Text and its style."""
Row = tuple[Part, str, list[Part]]
"""Glyph with its style, what happened, and the details."""


class LineWriter:
    """Formats records as lines that name the event they concern. Give it every record in order.

    `wide` gives full offsets and details; without it a line is cut for a narrow screen. Give it the
    `Lineage` of a timeline to share it; records are then not added to it here.
    """

    def __init__(self, *, wide: bool = True, lineage: Lineage | None = None) -> None:
        self._wide = wide
        self._lineage = lineage or Lineage()
        self._own = lineage is None

    def feed(self, record: Record) -> None:
        """Add a record that is not shown."""
        if self._own:
            self._lineage.feed(record)

    def line(self, record: Record) -> Text:
        """The line of `record`: no newline, no wrapping."""
        self.feed(record)
        return line(record, wide=self._wide, who=self._lineage.who(record))


def line(record: Record, *, wide: bool = True, who: Who | None = None) -> Text:
    """`record` as one line of coloured text. `context` is what it concerns, if known.

    The line is as long as it needs to be: print it with `soft_wrap=True`, or crop it.
    """
    body = record.body
    who = who or _own(body)
    (glyph, style), verb, details = _ROWS[type(body)](body, wide)
    loud = style in (p.BAD, p.LOUD, p.RETRY, p.LIMIT)
    text = Text(no_wrap=True, overflow="ellipsis", end="")
    text.append(offset(record.at) if wide else f"{short_offset(record.at):>9}", p.DIM)
    text.append(f" {glyph} ", style)
    text.append(f"{verb:<9}", style if loud else p.PLAIN)
    name = short_id(who.event_id or who.product_event_id or "-")
    text.append(f" {name:<8}", p.CALM if name != "-" else p.DIM)
    if who.subject:
        text.append(f" {safe(who.subject)}", p.TITLE)
    if who.place and not isinstance(body, Log):
        text.append(f" {safe(who.place)}", p.DIM)
    for part, part_style in details:
        if part:
            text.append("  " if wide else " ")
            text.append(part, part_style)
    return text


def _own(body: Any) -> Who:
    """What a record concerns by its own fields."""
    ids = [getattr(body, name, None) for name in ("event_id", "product_event_id")]
    event_id, product_event_id = (id if isinstance(id, str) else None for id in ids)
    places = (getattr(body, name, None) for name in ("queue", "trigger"))
    place = next((x for x in places if isinstance(x, str)), None)
    if event_id is None and product_event_id is None and place is None:
        return NOBODY
    return Who(event_id, product_event_id, None, None, place)


def _loaded(body: AppLoaded | AppReloaded, wide: bool) -> Row:
    verb = "ready" if isinstance(body, AppLoaded) else "reloaded"
    parts: list[Part] = [
        (safe(body.app_id), p.TITLE),
        (
            f"{plural(len(body.triggers), 'trigger')}, {plural(len(body.consumers), 'consumer')}, "
            f"{plural(len(body.functions), 'function')}",
            p.DIM,
        ),
    ]
    if isinstance(body, AppLoaded):
        parts.append((f"seed {body.seed}, {pace(body.speed)}, limits {body.limits}", p.DIM))
        if body.faults:
            parts.append((safe(f"faults {', '.join(body.faults)}"), p.LIMIT))
        if body.url:
            parts.append((body.url, p.CALM))
    parts += _problems(body.problems)
    return ("●", p.GOOD), verb, parts


def _restarted(body: EmulatorRestarted, wide: bool) -> Row:
    how = "went on" if body.clean else "went on after it was ended by force"
    parts: list[Part] = [
        (f"{how}, {span(body.away_ms)} later", p.TITLE),
        (f"{body.pending:,} pending", p.PLAIN),
    ]
    if body.overdue:
        parts.append((f"{body.overdue:,} overdue", p.RETRY))
    if body.interrupted:
        parts.append((f"{body.interrupted:,} were running and run again", p.RETRY))
    return ("●", p.GOOD), "restarted", parts


def _rejected(body: AppRejected, wide: bool) -> Row:
    return (
        ("✗", p.LOUD),
        "rejected",
        [("the last good version goes on", p.DIM), *_problems(body.problems)],
    )


def _problems(problems: list[Problem]) -> list[Part]:
    if not problems:
        return []
    gravest = min(problems, key=lambda found: found.severity != "error")
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return [(safe(str(gravest)) + more, p.BAD if gravest.severity == "error" else p.RETRY)]


def _sent(body: ProductEventSent, wide: bool) -> Row:
    return ("◆", p.CALM), "sent", [(safe(body.name), p.PLAIN), (_size(body.size_bytes), p.DIM)]


def _filtered(body: ProductEventFiltered, wide: bool) -> Row:
    return ("-", p.DIM), "filtered", [(body.reason, p.DIM)]


def _started(body: InvocationStarted, wide: bool) -> Row:
    parts: list[Part] = [(safe(body.function), p.PLAIN)]
    if body.attempt > 1:
        parts.append((f"attempt {body.attempt}", p.RETRY))
    if body.duplicate:
        parts.append(("duplicate delivery", p.LIMIT))
    if body.cold_start:
        parts.append(("cold start", p.DIM))
    return p.RUNNING, "started", parts


def _finished(body: InvocationFinished, wide: bool) -> Row:
    glyph, style = p.OUTCOMES.get(body.outcome, ("?", p.BAD))
    words = p.OUTCOME_WORDS.get(body.outcome, body.outcome)
    parts: list[Part] = [
        (safe(body.function), p.PLAIN),
        (f"{words} in {span(body.duration_ms)}", style),
    ]
    if body.error:
        parts.append((safe(f"{body.error.name}: {body.error.message}"), p.BAD))
        if wide and (place := _top_frame(body.error.stack)):
            parts.append((place, p.DIM))
    return (glyph, style), "finished", parts


def _top_frame(stack: str | None) -> str:
    """The innermost frame: where the user's code failed."""
    frames = (row.strip() for row in (stack or "").splitlines())
    return next((safe(row) for row in frames if row.startswith("at ")), "")


def _pushed(body: EventPushed, wide: bool) -> Row:
    return (
        ("→", p.CALM),
        "pushed",
        [(f"due {short_offset(body.due_at)}", p.DIM), (_size(body.size_bytes), p.DIM)],
    )


def _push_refused(body: PushRefused, wide: bool) -> Row:
    parts: list[Part] = [
        (f"push of {plural(body.events, 'event')} to {safe(body.queue)} refused", p.LOUD),
        (f"{body.error} ({body.status})", p.BAD),
        (body.limit, p.LIMIT),
    ]
    return ("⊘", p.LOUD), "refused", parts


def _retry(body: RetryScheduled, wide: bool) -> Row:
    asked = "asked by the app" if body.asked_by == "app" else "by the platform"
    parts: list[Part] = [
        (f"retry {body.retry_count} in {span(body.retry_after_ms)}", p.RETRY),
        (safe(body.retry_reason), p.PLAIN),
        (asked, p.DIM),
    ]
    if body.clamped_from_ms is not None:
        parts.append((f"moved from {span(body.clamped_from_ms)}", p.LIMIT))
    return ("↻", p.RETRY), "retry", parts


def _succeeded(body: EventSucceeded | ProductEventSucceeded, wide: bool) -> Row:
    words = f"after {plural(body.attempts, 'attempt')} in {span(body.age_ms)}"
    return ("✓", p.GOOD), "succeeded", [(words, p.RETRY if body.attempts > 1 else p.DIM)]


def _cancelled(body: EventCancelled, wide: bool) -> Row:
    return p.CANCELLED, "cancelled", [(f"after {plural(body.attempts, 'attempt')}", p.DIM)]


def _dropped(body: EventDropped | ProductEventDropped, wide: bool) -> Row:
    calm = body.reason in ("filtered", "no_trigger")
    words = f"after {plural(body.attempts, 'attempt')} in {span(body.age_ms)}"
    return (
        (p.DROPPED[0], p.DIM if calm else p.LOUD),
        "dropped",
        [
            (body.reason, p.PLAIN if calm else p.LOUD),
            (words, p.DIM),
        ],
    )


def _deferred(body: EventDeferred, wide: bool) -> Row:
    parts: list[Part] = [
        (f"until {short_offset(body.due_at)}", p.PLAIN),
        (safe(body.limit), p.LIMIT),
    ]
    return p.DEFERRED, "deferred", parts


def _kvs_done(body: KvsDone, wide: bool) -> Row:
    units = plural(body.units, "unit")
    parts: list[Part] = [
        (_store_call(body), p.PLAIN),
        (f"{_size(body.bytes)}, {units}", p.DIM),
    ]
    return ("·", p.DIM), "kvs", parts


def _store_call(body: KvsDone | KvsRefused) -> str:
    """What was asked of the store; a query asks for keys that begin with something."""
    key = f"{body.key}*" if body.operation == "query" else body.key
    return f"{body.operation} {safe(key)}"


def _kvs_refused(body: KvsRefused, wide: bool) -> Row:
    parts: list[Part] = [
        (f"{_store_call(body)} refused", p.LOUD),
        (f"{body.code} ({body.status})", p.BAD),
        (body.limit or "", p.LIMIT),
    ]
    return ("⊘", p.LOUD), "refused", parts


def _fault(body: FaultInjected, wide: bool) -> Row:
    return ("ϟ", p.LIMIT), "fault", [(safe(body.rule), p.LIMIT)]


def _by_hand(body: ActedByHand, wide: bool) -> Row:
    words = body.action.replace("_", " ")
    parts: list[Part] = [
        (f"{words} {safe(body.queue) if body.queue else 'all'}", p.PLAIN)
        if body.action in ("pause", "resume")
        else (f"{words} of {plural(body.events, 'event')}", p.PLAIN)
    ]
    return ("☞", p.CALM), "by hand", parts


def _control_refused(body: ControlRefused, wide: bool) -> Row:
    parts: list[Part] = [
        (f"request to forge-emu refused: {safe(f'{body.method} {body.path}')}", p.LOUD),
        (f"({body.status})", p.BAD),
        (safe(body.reason), p.LIMIT),
    ]
    if body.unrecorded:
        parts.append((f"and {body.unrecorded:,} before it", p.LIMIT))
    return ("⊘", p.LOUD), "refused", parts


def _mocked(body: RequestMocked, wide: bool) -> Row:
    style = p.BAD if body.status >= 400 else p.DIM
    parts: list[Part] = [
        (safe(f"{body.method} {body.path}"), p.PLAIN),
        (str(body.status), style),
        (body.mock, p.DIM),
    ]
    return ("·", p.DIM), "mocked", parts


def _unsupported(body: RequestUnsupported, wide: bool) -> Row:
    parts: list[Part] = [
        (safe(f"{body.service} {body.method} {body.path}"), p.PLAIN),
        (safe(body.message), p.BAD),
    ]
    return ("⊘", p.BAD), "missing", parts


def _log(body: Log, wide: bool) -> Row:
    style = {"warn": p.RETRY, "error": p.BAD, "debug": p.DIM}.get(body.level, p.PLAIN)
    verb = {"warn": "warning"}.get(body.level, body.level[:9])
    return ("│", style or p.DIM), verb, [(safe(body.message), style)]


def _size(bytes_: int) -> str:
    return f"{bytes_} B" if bytes_ < 1024 else f"{bytes_ / 1024:.1f} KiB"


_ROWS: dict[type, Callable[[Any, bool], Row]] = {
    AppLoaded: _loaded,
    EmulatorRestarted: _restarted,
    AppReloaded: _loaded,
    AppRejected: _rejected,
    ProductEventSent: _sent,
    ProductEventFiltered: _filtered,
    ProductEventSucceeded: _succeeded,
    ProductEventDropped: _dropped,
    InvocationStarted: _started,
    InvocationFinished: _finished,
    EventPushed: _pushed,
    EventSucceeded: _succeeded,
    EventCancelled: _cancelled,
    EventDropped: _dropped,
    EventDeferred: _deferred,
    PushRefused: _push_refused,
    RetryScheduled: _retry,
    KvsDone: _kvs_done,
    KvsRefused: _kvs_refused,
    FaultInjected: _fault,
    ActedByHand: _by_hand,
    ControlRefused: _control_refused,
    RequestMocked: _mocked,
    RequestUnsupported: _unsupported,
    Log: _log,
}
