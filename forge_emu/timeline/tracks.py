"""The history of one retried event: its attempts, retries and deferrals."""

from __future__ import annotations

from collections import deque
from typing import Literal, NamedTuple

from forge_emu.model import ErrorReport, Instant, Millis

HISTORY = 64
"""Attempts, retries and deferrals kept per event; of older ones only attempts are counted."""

Ending = Literal["succeeded", "dropped", "expired", "cancelled"]


class Attempt(NamedTuple):
    """One delivery. `finished_at` and `outcome` are None while it runs.

    `refused_by` is the last limit that refused a call made by it.
    """

    number: int
    started_at: Instant
    finished_at: Instant | None = None
    outcome: str | None = None
    error: ErrorReport | None = None
    refused_by: str | None = None


class ScheduledRetry(NamedTuple):
    """A retry that was scheduled, by the app or by the platform."""

    asked_at: Instant
    due_at: Instant
    reason: str
    asked_by: str
    clamped_from_ms: Millis | None


class Deferral(NamedTuple):
    """A wait that a limit of the platform imposed; the app never learns of it."""

    at: Instant
    due_at: Instant
    limit: str


class Track:
    """One event, or one product event on its way to one trigger, that did not go through at once.

    `id` is what `retry_now` takes. `place` is the queue or the trigger's key. `next_due` is None
    while it runs and after it has ended.
    """

    __slots__ = (
        "attempts",
        "attempts_made",
        "deferrals",
        "ended_at",
        "ending",
        "first_at",
        "id",
        "next_due",
        "place",
        "reason",
        "retries",
        "subject",
    )

    def __init__(self, id: str, place: str, subject: str | None, first_at: Instant) -> None:
        self.id = id
        self.place = place
        self.subject = subject
        self.first_at = first_at
        self.attempts: deque[Attempt] = deque(maxlen=HISTORY)
        self.retries: deque[ScheduledRetry] = deque(maxlen=HISTORY)
        self.deferrals: deque[Deferral] = deque(maxlen=HISTORY)
        self.attempts_made = 0
        self.next_due: Instant | None = None
        self.ending: Ending | None = None
        self.ended_at: Instant | None = None
        self.reason: str | None = None

    @property
    def running_since(self) -> Instant | None:
        """When the delivery under way began."""
        last = self.attempts[-1] if self.attempts else None
        return last.started_at if last and last.finished_at is None else None

    @property
    def last_failure(self) -> Attempt | None:
        """The latest attempt that went wrong."""
        return next(
            (a for a in reversed(self.attempts) if a.outcome not in (None, "success")), None
        )

    def start_attempt(self, number: int, at: Instant) -> None:
        """Add an attempt that began."""
        self.attempts.append(Attempt(number, at))
        self.attempts_made = max(self.attempts_made, number)
        self.next_due = None

    def finish_attempt(
        self, at: Instant, outcome: str, error: ErrorReport | None, refused_by: str | None
    ) -> None:
        """Complete the running attempt; without one it changes nothing."""
        if self.running_since is not None:
            last = self.attempts.pop()
            self.attempts.append(
                Attempt(last.number, last.started_at, at, outcome, error, refused_by)
            )

    def add_retry(self, retry: ScheduledRetry) -> None:
        """Add a scheduled retry; the event is due when it is."""
        self.retries.append(retry)
        self.next_due = retry.due_at

    def add_deferral(self, deferral: Deferral) -> None:
        """Add a deferral; the event is due when it ends."""
        self.deferrals.append(deferral)
        self.next_due = deferral.due_at

    def end_track(self, at: Instant, ending: Ending, reason: str | None = None) -> None:
        """It reached a terminal state."""
        self.next_due = None
        self.ending = ending
        self.ended_at = at
        self.reason = reason

    def matches(self, text: str) -> bool:
        """Whether `text` (lower case) is part of its id, place, subject or last failure."""
        failure = self.last_failure
        error = failure.error if failure else None
        found = (
            self.id,
            self.place,
            self.subject,
            self.retries[-1].reason if self.retries else None,
            failure.outcome if failure else None,
            failure.refused_by if failure else None,
            f"{error.name}: {error.message}" if error else None,
        )
        return any(text in word.lower() for word in found if word)
