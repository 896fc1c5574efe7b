"""The end of a run on one page: what became of everything, over time, beside the limits, advice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from rich.console import Group, RenderableType
from rich.text import Text

from forge_emu.console import palette as p
from forge_emu.console.advice_rows import advice_rows
from forge_emu.console.chart import attempts_chart, bar_rows, column_span
from forge_emu.console.count_rows import brief_count_rows, count_rows
from forge_emu.console.format import LAG_SHOWN, escape, lag_text, plural
from forge_emu.console.limit_rows import brief_limit_rows, limit_rows
from forge_emu.console.rows import Frame, cut, fit, row, title
from forge_emu.durations import duration_text
from forge_emu.report.summary import (
    CallFigures,
    DurationFigures,
    EventFigures,
    ProductFigures,
    Summary,
)

_LABEL = 18
_WIDE_TITLE = 90
LEAST_ATTEMPTS: Final = 20
"""With fewer attempts there is nothing that a picture would show better than the figures."""
_COLUMN_STYLES: Final = {
    "total": p.TITLE,
    "succeeded": p.GOOD,
    "dropped": p.ALERT,
    "expired": p.ALERT,
    "cancelled": p.PLAIN,
    "pending": p.RETRY,
}


def render_summary(
    summary: Summary | Mapping[str, Any], width: int, *, brief: bool = False
) -> RenderableType:
    """The summary for a terminal of `width` columns; also from its JSON form.

    `brief` leaves out the picture and the empty rows, for what is no terminal.
    Raises msgspec.ValidationError for a mapping that is no summary.
    """
    if not isinstance(summary, Summary):
        summary = msgspec.convert(dict(summary), Summary)
    width = min(max(40, width), 160)
    rows = [_title_row(summary, width), *_outcome_rows(summary, width)]
    if brief:
        rows += _attempts_row(summary, width) + brief_count_rows(summary, width)
        rows += brief_limit_rows(summary, width) + _handler_errors(summary, width)
        return Group(Frame(rows), *advice_rows(summary, width, brief=True))
    for section in (
        _attempts_over_time,
        _attempts_per_event,
        count_rows,
        limit_rows,
        _handler_errors,
    ):
        if found := section(summary, width):
            rows += [Text(end=""), *found]
    return Group(Frame(rows), *advice_rows(summary, width))


def _title_row(summary: Summary, width: int) -> Text:
    took = duration_text(max(0, summary.ended_at - summary.started_at))
    facts = [f"{took} emulated" if width < _WIDE_TITLE else f"{took} of emulated time"]
    if summary.limits_preset:
        facts.append(f"limits {summary.limits_preset}")
    if summary.latency:
        changed = len(summary.latency_changes)
        facts.append(f"latency {summary.latency}{f' but for {changed}' if changed else ''}")
    if summary.seed is not None:
        facts.append(f"seed {summary.seed}")
    return title("Summary", width, ", ".join(facts))


def _outcome_rows(summary: Summary, width: int) -> list[Text]:
    head = row((cut("", _LABEL), p.PLAIN))
    products, events = summary.product_events, summary.events
    columns = ["total", "succeeded", "dropped", "cancelled", "pending"]
    if events.expired:
        columns.insert(3, "expired")
    for name in columns:
        head.append(f"{name:>{_column_width(columns)}}", p.DIM)
    rows = [
        fit(head, width),
        _counts_row("product events", products, columns, width),
    ]
    named = [("events pushed", events)]
    if len(summary.queues) > 1:
        named += [(f"  {escape(name)}", figures) for name, figures in summary.queues.items()]
    for name, x in named:
        rows.append(_counts_row(name, x, columns, width))
    if events.pending:
        where = (
            (events.scheduled, "scheduled"),
            (events.running, "running"),
            (events.waiting, "waiting for a retry"),
        )
        words = ", ".join(f"{n:,} {state}" for n, state in where if n)
        rows.append(fit(row((cut("", _LABEL), p.PLAIN), (f"pending: {words}", p.RETRY)), width))
    rows += _call_rows(summary, width)
    rows += _unanswered_rows(summary, width)
    rows += _lag_rows(summary, width)
    if summary.taken_over is not None:
        rows.append(
            fit(row((cut("", _LABEL), p.PLAIN), (_resumed_text(summary.taken_over), p.DIM)), width)
        )
    for label, spans in (
        ("time to success", summary.time_to_success),
        ("  product events", summary.product_event_time_to_success),
    ):
        if spans.count:
            rows.append(
                fit(row((cut(label, _LABEL), p.DIM), (_durations_text(spans), p.PLAIN)), width)
            )
    return rows


def _call_rows(summary: Summary, width: int) -> list[Text]:
    calls = summary.calls
    if not isinstance(calls, CallFigures):
        return []
    words = f"{calls.received:,} received, {calls.succeeded:,} succeeded"
    failed = ", ".join(f"{n:,} failed ({escape(why)})" for why, n in calls.failures.items())
    parts = [(cut("calls", _LABEL), p.DIM), (words, p.PLAIN)]
    if failed:
        parts.append((f", {failed}", p.ALERT))
    return [fit(row(*parts), width)]


def _lag_rows(summary: Summary, width: int) -> list[Text]:
    if not isinstance(summary.lag_ms, int) or summary.lag_ms < LAG_SHOWN:
        return []
    return [fit(row((f" {lag_text(summary.lag_ms)}", p.ALERT)), width)]


def _unanswered_rows(summary: Summary, width: int) -> list[Text]:
    """The verdict where requests went nowhere: how much of the success is to be trusted."""
    found = summary.missing_answers
    if not found.requests:
        return []
    succeeded = summary.product_events.succeeded + summary.events.succeeded
    after = found.product_events + found.events
    text = f" {succeeded:,} succeeded, {after:,} of them after a request that nothing answered"
    rows = [fit(row((text, p.ALERT)), width)]
    if found.mocks_file is not None:
        text = f" {plural(len(found.mocks), 'missing mock')} in {escape(found.mocks_file)}"
        rows.append(fit(row((text, p.ACCENT)), width))
    return rows


def _resumed_text(pending: int) -> str:
    if not pending:
        return "an earlier run counts in the limits alone"
    left = plural(pending, "delivery", "deliveries")
    return f"with {left} that an earlier run had left"


def _counts_row(
    name: str, figures: EventFigures | ProductFigures, columns: list[str], width: int
) -> Text:
    text = row((cut(name, _LABEL), p.PLAIN if name.startswith(" ") else p.TITLE))
    total = figures.sent if isinstance(figures, ProductFigures) else figures.pushed
    for column in columns:
        n: int | None = total if column == "total" else getattr(figures, column, None)
        shown = "" if n is None else f"{n:,}"
        text.append(f"{shown:>{_column_width(columns)}}", _COLUMN_STYLES[column] if n else p.DIM)
    return fit(text, width)


def _column_width(columns: list[str]) -> int:
    """Six of them fit into a narrow terminal as well."""
    return 11 if len(columns) < 6 else 10


def _durations_text(spans: DurationFigures) -> str:
    half, most, longest = (duration_text(ms) for ms in (spans.p50_ms, spans.p95_ms, spans.max_ms))
    return f"half in {half}, 95 % in {most}, all in {longest}"


def _attempts_over_time(summary: Summary, width: int) -> list[Text]:
    over_time = summary.attempts_over_time
    attempts = sum(over_time.first) + sum(over_time.retries)
    # Of a single step, a picture says nothing.
    if attempts < LEAST_ATTEMPTS or len(over_time.first) < 2:
        return []
    note = f"a step is {column_span(over_time, width)}"
    return [title("Attempts over time", width, note), *attempts_chart(over_time, width)]


def _attempts_per_event(summary: Summary, width: int) -> list[Text]:
    if counted := _attempt_counts(summary):
        return [title("Attempts per event", width), *bar_rows(counted, width, _LABEL, p.GOOD)]
    return []


def _attempts_row(summary: Summary, width: int) -> list[Text]:
    """The same on one row: `1 attempt 657, 2 attempts 123`."""
    counted = _attempt_counts(summary)
    words = ", ".join(f"{name} {n:,}" for name, n in counted)
    return [fit(row((cut("events with", _LABEL), p.DIM), (words, p.PLAIN)), width)] if words else []


def _attempt_counts(summary: Summary) -> list[tuple[str, int]]:
    counted = [
        (plural(int(n), "attempt"), events) for n, events in summary.attempts.items() if n.isdigit()
    ]
    if len(counted) > 10:
        counted = [*counted[:9], ("more", sum(n for _, n in counted[9:]))]
    return counted


def _handler_errors(summary: Summary, width: int) -> list[Text]:
    if not summary.errors:
        return []
    rows = []
    for error in summary.errors:
        text = row((f"{error.count:>9,}  ", p.BAD), (escape(error.name), p.TITLE))
        if error.place:
            text.append(f" at {escape(error.place)}", p.ACCENT)
        text.append(": " + escape(" ".join(error.message.split())), p.PLAIN)
        rows.append(fit(text, width))
    return [title("Errors of handlers", width), *rows]
