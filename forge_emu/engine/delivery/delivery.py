"""What the engine delivers, and its states. A wrong step raises and changes nothing."""

from __future__ import annotations

from enum import StrEnum

from forge_emu.engine.delivery.retry import History
from forge_emu.engine.delivery.schedule import ScheduleEntry
from forge_emu.model import Instant, Json, Millis, ProductEvent, PushItem


class State(StrEnum):
    """The state of a delivery."""

    SCHEDULED = "scheduled"
    """Pushed; its first due time has not come."""
    READY = "ready"
    """Due; waits for a free instance, or for delivery to be resumed."""
    RUNNING = "running"
    """A handler works on it."""
    WAITING = "waiting"
    """Waits for a retry, or was deferred."""
    SUCCEEDED = "succeeded"
    DROPPED = "dropped"
    CANCELLED = "cancelled"


TERMINAL = frozenset({State.SUCCEEDED, State.DROPPED, State.CANCELLED})

TRANSITIONS: dict[State, frozenset[State]] = {
    State.SCHEDULED: frozenset({State.READY, State.CANCELLED}),
    State.READY: frozenset({State.RUNNING, State.WAITING, State.DROPPED, State.CANCELLED}),
    State.RUNNING: frozenset({State.SUCCEEDED, State.WAITING, State.DROPPED, State.CANCELLED}),
    State.WAITING: frozenset({State.READY, State.DROPPED, State.CANCELLED}),
    State.SUCCEEDED: frozenset(),
    State.DROPPED: frozenset(),
    State.CANCELLED: frozenset(),
}


class Delivery:
    """One thing to be handled by one function, however many attempts it takes.

    `origin` is the first, non-async invocation that it descends from. `retry_count` counts
    app-level retries, `platform_errors` the uncounted ones, `deferrals` waits since the last
    attempt. `away_ms` is how long no emulator ran since it was created; its retention window stood
    still then. `snapshot_number` is its number in the saved state, once it is saved.
    """

    __slots__ = (
        "attempts",
        "away_ms",
        "created_at",
        "deferrals",
        "due_at",
        "id",
        "invocation_id",
        "origin",
        "platform_errors",
        "retry_count",
        "retry_data",
        "retry_reason",
        "schedule_entry",
        "snapshot_number",
        "state",
        "window_end",
    )

    def __init__(self, id: str, origin: str, now: Instant, due_at: Instant, state: State) -> None:
        self.id = id
        self.origin = origin
        self.created_at = now
        self.due_at = due_at
        self.state = state
        self.attempts = 0
        self.retry_count = 0
        self.platform_errors = 0
        self.deferrals = 0
        self.away_ms: Millis = 0
        self.snapshot_number: int | None = None
        self.retry_reason: str | None = None
        self.retry_data: Json = None
        self.window_end: Instant | None = None
        self.schedule_entry: ScheduleEntry[DueAction] | None = None
        self.invocation_id: str | None = None

    def become(self, state: State) -> None:
        """Move to `state`. Raises ValueError where the transition table does not allow it."""
        if state not in TRANSITIONS[self.state]:
            raise ValueError(f"{self.id} cannot go from {self.state} to {state}")
        self.state = state

    @property
    def history(self) -> History:
        """What the retry decision needs to know of it."""
        begun = self.created_at + self.away_ms
        return History(self.retry_count, self.platform_errors, self.retry_data, begun)


class QueuedEvent(Delivery):
    """One event of a push, on its way to its queue's consumer. `pushed_by` is an invocation."""

    __slots__ = (
        "concurrency_key",
        "concurrency_limit",
        "item",
        "job_id",
        "legacy",
        "pushed_by",
        "queue",
        "size_bytes",
    )

    def __init__(
        self,
        id: str,
        origin: str,
        now: Instant,
        due_at: Instant,
        *,
        queue: str,
        job_id: str,
        item: PushItem,
        size_bytes: int,
        legacy: bool,
        concurrency_key: str | None,
        concurrency_limit: int,
        pushed_by: str = "",
    ) -> None:
        super().__init__(id, origin, now, due_at, State.SCHEDULED)
        self.queue = queue
        self.job_id = job_id
        self.item = item
        self.size_bytes = size_bytes
        self.legacy = legacy
        self.concurrency_key = concurrency_key
        self.concurrency_limit = concurrency_limit
        self.pushed_by = pushed_by

    @property
    def event_id(self) -> str:
        """The event's id, as the app and the records have it."""
        return self.id


class Duplicate(QueuedEvent):
    """One more delivery of an event that has succeeded. Nothing comes of how it ends."""

    __slots__ = ()

    @classmethod
    def of(cls, event: QueuedEvent, now: Instant, due_at: Instant) -> Duplicate:
        """The same delivery of `event` again, its retry context included."""
        again = cls(
            f"{event.id}/again", event.origin, now, due_at,
            queue=event.queue, job_id=event.job_id, item=event.item, size_bytes=event.size_bytes,
            legacy=event.legacy, concurrency_key=event.concurrency_key,
            concurrency_limit=event.concurrency_limit,
        )  # fmt: skip
        again.attempts = event.attempts
        again.retry_count = event.retry_count
        again.platform_errors = event.platform_errors
        again.retry_reason = event.retry_reason
        again.retry_data = event.retry_data
        return again

    @property
    def event_id(self) -> str:
        """The id of the event that it repeats."""
        return self.id.removesuffix("/again")


class TriggerDelivery(Delivery):
    """One product event, on its way to one trigger."""

    __slots__ = ("event", "trigger")

    def __init__(self, event: ProductEvent, trigger: str, now: Instant, due_at: Instant) -> None:
        id = f"{event.product_event_id}/{trigger}"
        state = State.SCHEDULED if due_at > now else State.READY
        super().__init__(id, id, now, due_at, state)
        self.event = event
        self.trigger = trigger


class DueAction:
    """Why the engine wakes up for a delivery: to deliver it, to drop it, or to time it out."""

    __slots__ = ("delivery", "kind", "reason")

    def __init__(self, kind: str, delivery: Delivery, reason: str = "") -> None:
        self.kind = kind
        self.delivery = delivery
        self.reason = reason
