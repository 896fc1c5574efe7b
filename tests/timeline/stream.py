"""Streams of records made by hand: the fewest words that say what happened and when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import UNSET

from forge_emu.model import ErrorReport, Instant, Unanswered, iso8601
from forge_emu.records import (
    AnyBody,
    AppLoaded,
    EventDropped,
    EventExpired,
    EventPushed,
    EventSucceeded,
    InvocationFinished,
    InvocationStarted,
    ProductEventDropped,
    ProductEventSent,
    ProductEventSucceeded,
    PushRefused,
    Record,
    RetryScheduled,
)

EPOCH = 1_764_000_000_000
BOOM = ErrorReport("Error", "boom")


class Stream:
    """Numbers records and gives each to every reader as it is made."""

    def __init__(self, *readers: Callable[[Record], None]) -> None:
        self.records: list[Record] = []
        self._readers = readers
        self._pushed: dict[str, tuple[str, Instant]] = {}
        self._attempts: dict[str, int] = {}

    def record(self, at: Instant, body: AnyBody) -> Record:
        """Append a record with this body at `at`."""
        record = Record(len(self.records) + 1, at, iso8601(EPOCH + at), body)
        self.records.append(record)
        for read in self._readers:
            read(record)
        return record

    def loaded(self, **more: Any) -> None:
        """The app is ready, with one trigger and one consumer."""
        fields = {
            "app_id": "sample",
            "functions": ["on-created", "store"],
            "consumers": {"snapshots": "snapshots-consumer"},
            "triggers": {"on-created": ["avi:jira:created:issue"]},
            "generation": 1,
            "seed": 42,
            "speed": 1.0,
            "limits": "current",
        }
        self.record(0, AppLoaded(**{**fields, **more}))

    def sent(self, at: Instant, id: str, **more: Any) -> None:
        """A product event entered."""
        fields = {"name": "avi:jira:created:issue", "size_bytes": 900, "subject": None}
        self.record(at, ProductEventSent(product_event_id=id, **{**fields, **more}))

    def triggered(self, at: Instant, id: str, *, attempt: int = 1, key: str = "on-created") -> str:
        """A trigger's function began; answers the invocation's id."""
        invocation = f"i{len(self.records)}"
        body = InvocationStarted(
            invocation_id=invocation,
            function=key,
            module="trigger",
            module_key=key,
            attempt=attempt,
            instance="w1",
            cold_start=False,
            product_event_id=id,
        )
        self.record(at, body)
        return invocation

    def returned(
        self,
        at: Instant,
        invocation: str,
        id: str,
        outcome: str = "success",
        error: ErrorReport | None = None,
        took: int = 20,
    ) -> None:
        """That function ended."""
        body = InvocationFinished(
            invocation_id=invocation,
            function="on-created",
            outcome=outcome,
            duration_ms=took,
            error=error,
            product_event_id=id,
        )
        self.record(at, body)

    def product_succeeded(self, at: Instant, id: str, attempts: int = 1, age: int = 20) -> None:
        """A product event reached its end well."""
        body = ProductEventSucceeded(product_event_id=id, attempts=attempts, age_ms=age)
        self.record(at, body)

    def product_dropped(self, at: Instant, id: str, reason: str, attempts: int = 0) -> None:
        """A product event was given up."""
        body = ProductEventDropped(product_event_id=id, attempts=attempts, age_ms=0, reason=reason)
        self.record(at, body)

    def pushed(
        self,
        at: Instant,
        id: str,
        *,
        queue: str = "snapshots",
        delay: int = 500,
        by: str = "i0",
        again: str | None = None,
    ) -> None:
        """An event entered a queue; `again` is the one that it repeats."""
        self._pushed[id] = (queue, at)
        body = EventPushed(
            event_id=id,
            job_id=f"job-{id}",
            queue=queue,
            due_at=at + delay,
            size_bytes=120,
            invocation_id=by,
            replay_of=again or UNSET,
        )
        self.record(at, body)

    def started(self, at: Instant, id: str) -> str:
        """A consumer's function began on an event; answers the invocation's id."""
        queue, _ = self._pushed[id]
        self._attempts[id] = self._attempts.get(id, 0) + 1
        invocation = f"i{len(self.records)}"
        body = InvocationStarted(
            invocation_id=invocation,
            function="store",
            module="consumer",
            module_key=f"{queue}-consumer",
            attempt=self._attempts[id],
            instance="w1",
            cold_start=False,
            event_id=id,
            queue=queue,
        )
        self.record(at, body)
        return invocation

    def finished(
        self,
        at: Instant,
        invocation: str,
        id: str,
        outcome: str = "success",
        error: ErrorReport | None = None,
        took: int = 20,
        unanswered: Unanswered | None = None,
    ) -> None:
        """That function ended."""
        body = InvocationFinished(
            invocation_id=invocation,
            function="store",
            outcome=outcome,
            duration_ms=took,
            error=error,
            event_id=id,
            unanswered=unanswered or UNSET,
        )
        self.record(at, body)

    def retry(
        self,
        at: Instant,
        id: str,
        due_at: Instant,
        *,
        count: int = 1,
        reason: str = "FUNCTION_RETRY_REQUEST",
        by: str = "app",
        clamped: int | None = None,
        limit: str | None = None,
    ) -> None:
        """An event will be delivered again."""
        body = RetryScheduled(
            retry_count=count,
            retry_reason=reason,
            retry_after_ms=due_at - at,
            due_at=due_at,
            asked_by=by,
            clamped_from_ms=clamped,
            limit=limit or UNSET,
            event_id=id,
            queue=self._pushed[id][0],
        )
        self.record(at, body)

    def failed(
        self,
        at: Instant,
        id: str,
        *,
        outcome: str = "retry_requested",
        error: ErrorReport | None = None,
        took: int = 20,
    ) -> None:
        """An attempt began and ended badly; what becomes of the event is not said yet."""
        self.finished(at + took, self.started(at, id), id, outcome, error, took)

    def succeeded(self, at: Instant, id: str) -> None:
        """An attempt began, ended well, and so did the event."""
        self.finished(at + 20, self.started(at, id), id)
        self.ended(at + 20, id)

    def ended(self, at: Instant, id: str) -> None:
        """An event reached its end well."""
        queue, pushed_at = self._pushed[id]
        body = EventSucceeded(
            event_id=id, queue=queue, attempts=self._attempts[id], age_ms=at - pushed_at
        )
        self.record(at, body)

    def expired(self, at: Instant, id: str) -> None:
        """Platform errors lasted until the end of the event's window."""
        queue, pushed_at = self._pushed[id]
        attempts = self._attempts.get(id, 0)
        age_ms = at - pushed_at
        self.record(at, EventExpired(event_id=id, queue=queue, attempts=attempts, age_ms=age_ms))

    def dropped(
        self, at: Instant, id: str, reason: str = "max_retries", *, first_form: bool = False
    ) -> None:
        """An event was given up."""
        queue, pushed_at = self._pushed[id]
        body = EventDropped(
            event_id=id,
            queue=queue,
            attempts=self._attempts.get(id, 0),
            age_ms=at - pushed_at,
            reason=reason,
            first_form=first_form or UNSET,
        )
        self.record(at, body)

    def push_refused(
        self,
        at: Instant,
        *,
        events: int = 1,
        by: str = "i0",
        limit: str = "limits.push.events_per_minute",
    ) -> None:
        """A push met a limit: that of the minute, unless another one is named."""
        body = PushRefused(
            queue="snapshots",
            events=events,
            error="RateLimitError",
            limit=limit,
            status=429,
            message="Too many requests.",
            invocation_id=by,
        )
        self.record(at, body)
