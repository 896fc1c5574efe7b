"""Collects what the page shows, record by record, in bounded memory."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import msgspec

from forge_emu.model import Instant
from forge_emu.records import (
    EmulatorRestarted,
    EventCancelled,
    EventDeferred,
    EventDropped,
    EventExpired,
    EventPushed,
    EventSucceeded,
    InvocationFinished,
    InvocationStarted,
    KvsRefused,
    ProductEventDropped,
    ProductEventSent,
    ProductEventSucceeded,
    PushRefused,
    Record,
    RetryScheduled,
)
from forge_emu.report.collectors.collector import Collector, handlers_of
from forge_emu.report.collectors.over_time import OverTimeCollector
from forge_emu.report.format import one_line, unanswered_text
from forge_emu.report.page.capacity import Capacity
from forge_emu.report.page.changes import RowsReader
from forge_emu.report.page.columns import NONE, Columns, TextTable
from forge_emu.report.page.open_attempt import OpenAttempt
from forge_emu.report.stack_frames import frame_of
from forge_emu.report.usage import UsageOverTime
from forge_emu.settings import Settings
from forge_emu.timeline.invocations import delivery_of

MOST_EVENTS = 100_000
"""Events that are listed one by one; of those beyond, only the figures know."""
MOST_ATTEMPTS = 300_000

STATES = ("pending", "succeeded", "dropped", "cancelled", "expired")
PENDING, SUCCEEDED, DROPPED, CANCELLED, EXPIRED = range(5)


class PageBuilder:
    """Give it every record in order; `columns` at any moment.

    Attempts are kept only of events that did not succeed at the first attempt. Of earlier runs of a
    state, events are listed, and nothing is in the charts.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        most_events: int = MOST_EVENTS,
        most_attempts: int = MOST_ATTEMPTS,
    ) -> None:
        self._most_events = most_events
        self._most_attempts = most_attempts
        self._left_out = {"events": 0, "attempts": 0}
        self._texts = TextTable()
        self._ids: list[str] = []
        self._events = Columns(
            ("kind", "place", "subject", "at", "age", "state", "attempts", "reason", "parent"),
            deltas=("at",),
        )
        self._attempts = Columns(
            ("event", "function", "number", "at", "took", "outcome", "refused", "error", "due"),
            deltas=("event", "at"),
        )
        self._settings = settings or Settings()
        # Rows of what has not ended, by id; the last attempt of each retried delivery.
        self._open_rows: dict[str, int] = {}
        self._last_attempts: dict[str, int] = {}
        self._row_deliveries: dict[int, list[str]] = {}
        self._open: dict[str, OpenAttempt] = {}
        self._rows = Collector()
        self._rows.handlers = {
            EmulatorRestarted: lambda b, at: self._begin_figures(),
            ProductEventSent: self._on_sent,
            EventPushed: self._on_pushed,
            InvocationStarted: self._on_started,
            InvocationFinished: self._on_finished,
            RetryScheduled: self._on_retry,
            EventDeferred: self._on_deferred,
            PushRefused: self._on_refused,
            KvsRefused: self._on_refused,
            EventSucceeded: lambda b, at: self._end_event(b.event_id, SUCCEEDED, b),
            EventCancelled: lambda b, at: self._end_event(b.event_id, CANCELLED, b),
            EventDropped: lambda b, at: self._end_event(b.event_id, DROPPED, b, b.reason),
            EventExpired: lambda b, at: self._end_event(b.event_id, EXPIRED, b),
            ProductEventSucceeded: lambda b, at: self._end_event(b.product_event_id, SUCCEEDED, b),
            ProductEventDropped: lambda b, at: self._end_event(
                b.product_event_id, DROPPED, b, b.reason
            ),
        }
        self._begin_figures()

    def _begin_figures(self) -> None:
        """Count over time from now on: what charts show is of one run."""
        self._usage = UsageOverTime(self._settings)
        self._capacity = Capacity(self._settings)
        self._over_time = OverTimeCollector(most=240)
        self._handlers = handlers_of((self._capacity, self._over_time, self._rows))

    def add_record(self, record: Record) -> None:
        """Add the next record."""
        kind = type(record.body)
        if count := self._usage.handlers.get(kind):
            count(record.body, record)
        for handle in self._handlers.get(kind, ()):
            handle(record.body, record.at)

    def columns(self, now: Instant) -> dict[str, Any]:
        """Everything but the summary, as plain values; what runs at `now` is shown as running."""
        with closing(self.reader()) as reader:
            # The words of what runs come with the rows, which are read last.
            return {**self.running(), **self.figures(now), **reader.read(now)}

    def reader(self) -> RowsReader:
        """A reader that has read nothing yet."""
        return RowsReader(self._texts, self._ids, self._events, self._attempts)

    def running(self) -> dict[str, Any]:
        """What has not finished: row, function, attempt, start."""
        rows = [
            [found.row, self._texts.number(found.function), found.attempt, found.started_at]
            for found in self._open.values()
            if found.row >= 0
        ]
        return {"states": STATES, "running": rows, "left_out": self._left_out}

    def figures(self, now: Instant) -> dict[str, Any]:
        """What is counted over time."""
        series = self._usage.series(now)
        return {
            "usage": msgspec.to_builtins(series),
            "capacity": self._capacity.calls_per_minute([s.name for s in series if any(s.hits)]),
            "over_time": msgspec.to_builtins(self._over_time.series()),
        }

    # --- records ------------------------------------------------------------------------------

    def _on_sent(self, body: ProductEventSent, at: Instant) -> None:
        self._add_event_row(
            body.product_event_id, 0, body.name, self._texts.number(body.subject), at, NONE
        )

    def _on_pushed(self, body: EventPushed, at: Instant) -> None:
        pusher = self._open.get(body.invocation_id)
        parent = pusher.row if pusher else NONE
        if isinstance(body.replay_of, str) and body.replay_of in self._ids:
            parent = self._events.get(self._ids.index(body.replay_of), "parent")
        subject = self._events.get(parent, "subject") if parent >= 0 else NONE
        self._add_event_row(body.event_id, 1, body.queue, subject, at, parent)

    def _add_event_row(
        self, id: str, kind: int, place: str, subject: int, at: Instant, parent: int
    ) -> None:
        if len(self._ids) >= self._most_events:
            self._left_out["events"] += 1
            return
        self._ids.append(id)
        self._open_rows[id] = self._events.add_row(
            kind=kind,
            place=self._texts.number(place),
            subject=subject,
            at=at,
            age=NONE,
            state=PENDING,
            attempts=0,
            reason=NONE,
            parent=parent,
        )

    def _on_started(self, body: InvocationStarted, at: Instant) -> None:
        event_id = body.event_id if isinstance(body.event_id, str) else None
        id = event_id or (body.product_event_id if isinstance(body.product_event_id, str) else "")
        row = self._open_rows.get(id, NONE)
        delivery = event_id or f"{id}/{body.module_key}"
        self._open[body.invocation_id] = OpenAttempt(row, delivery, body, at)
        if row >= 0 and body.attempt > self._events.get(row, "attempts"):
            self._events.set(row, attempts=body.attempt)

    def _on_finished(self, body: InvocationFinished, at: Instant) -> None:
        found = self._open.pop(body.invocation_id, None)
        if found is None or found.row < 0:
            return
        is_plain = body.outcome == "success" and not body.unanswered
        if is_plain and found.delivery not in self._last_attempts:
            return
        error = unanswered_text(body.unanswered) if body.unanswered else None
        if body.error is not None:
            place = frame_of(body.error.stack)
            error = one_line(body.error.name, body.error.message) + (f" ({place})" if place else "")
        self._add_attempt_row(
            found.row,
            found.delivery,
            function=found.function,
            number=found.attempt,
            at=found.started_at,
            took=at - found.started_at,
            outcome=body.outcome,
            refused=found.refused_by,
            error=error,
        )

    def _add_attempt_row(
        self,
        row: int,
        delivery: str,
        *,
        function: str | None,
        number: int,
        at: Instant,
        took: int,
        outcome: str,
        refused: str | None,
        error: str | None,
        due: Instant = NONE,
    ) -> None:
        if len(self._attempts) >= self._most_attempts:
            self._left_out["attempts"] += 1
            return
        words = self._texts.number
        if delivery not in self._last_attempts:
            self._row_deliveries.setdefault(row, []).append(delivery)
        self._last_attempts[delivery] = self._attempts.add_row(
            event=row,
            function=words(function),
            number=number,
            at=at,
            took=took,
            outcome=words(outcome),
            refused=words(refused),
            error=words(error),
            due=due,
        )

    def _on_retry(self, body: RetryScheduled, at: Instant) -> None:
        last = self._last_attempts.get(delivery_of(body) or "")
        if last is not None:
            self._attempts.set(last, due=body.due_at)

    def _on_deferred(self, body: EventDeferred, at: Instant) -> None:
        delivery = delivery_of(body) or ""
        row = self._open_rows.get(delivery.partition("/")[0], NONE)
        if row >= 0:
            self._add_attempt_row(
                row,
                delivery,
                function=None,
                number=0,
                at=at,
                took=0,
                outcome="deferred",
                refused=body.limit,
                error=None,
                due=body.due_at,
            )

    def _on_refused(self, body: PushRefused | KvsRefused, at: Instant) -> None:
        if found := self._open.get(body.invocation_id or ""):
            code = body.code if isinstance(body, KvsRefused) else body.error
            found.refused_by = body.limit or code

    def _end_event(self, id: str, state: int, body: Any, reason: str | None = None) -> None:
        row = self._open_rows.pop(id, NONE)
        if row >= 0:
            self._events.set(
                row,
                state=state,
                age=body.age_ms,
                attempts=body.attempts,
                reason=self._texts.number(reason),
            )
            for delivery in self._row_deliveries.pop(row, ()):
                self._last_attempts.pop(delivery, None)
