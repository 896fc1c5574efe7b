"""The events of a test: what became of each, and its story for a failed assertion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from forge_emu.console.lines import LineFormatter
from forge_emu.errors import UserError
from forge_emu.model import ErrorReport, Instant
from forge_emu.records import (
    EventCancelled,
    EventDropped,
    EventExpired,
    EventPushed,
    EventSucceeded,
    InvocationFinished,
    InvocationStarted,
    Log,
    ProductEventDropped,
    ProductEventSent,
    ProductEventSucceeded,
    Record,
)

EventState = Literal["pending", "succeeded", "dropped", "expired", "cancelled"]
_STORY_LINES: Final = 40


@dataclass
class Attempt:
    """One run of a handler for an event. `outcome` is None while it runs, else as in records."""

    number: int
    function: str
    started_at: Instant
    ended_at: Instant | None = None
    outcome: str | None = None
    error: ErrorReport | None = None


@dataclass(eq=False)
class _Story:
    """What all events have. Two are the same where they have one id."""

    id: str
    state: EventState = "pending"
    reason: str | None = None
    """Why it was dropped."""
    attempts: list[Attempt] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)
    """What the handlers printed."""
    ended_at: Instant | None = None
    records: list[Record] = field(default_factory=list, repr=False)

    @property
    def had_trouble(self) -> bool:
        """Whether one of its attempts has failed, or asked for a retry."""
        return any(each.outcome not in (None, "success") for each in self.attempts)

    @property
    def story(self) -> str:
        """Its records as lines, as the console shows them."""
        writer = LineFormatter()
        lines = [writer.format_record(record).plain for record in self.records]
        if len(lines) > _STORY_LINES:
            left_out = f"… {len(lines) - _STORY_LINES} more"
            lines = [*lines[: _STORY_LINES // 2], left_out, *lines[-_STORY_LINES // 2 :]]
        return "\n".join(lines)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Story) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)


@dataclass(eq=False)
class Event(_Story):
    """An event of a queue."""

    queue: str = ""
    job_id: str = ""
    pushed_at: Instant = 0
    subject: str | None = None
    """The issue or page that its product event is about, if there is one."""
    product_event_id: str | None = None
    """The product event whose handler pushed it, perhaps by way of other events."""

    def __repr__(self) -> str:
        return f"<Event {self.id[:8]} of {self.queue}, {_words(self)}\n{_indented(self.story)}>"


@dataclass(eq=False)
class ProductEvent(_Story):
    """A product event, with the attempts of all triggers that got it."""

    name: str = ""
    sent_at: Instant = 0
    subject: str | None = None
    """The issue or page that it is about, if there is one."""

    def __repr__(self) -> str:
        return f"<ProductEvent {self.id[:8]} {self.name}, {_words(self)}\n{_indented(self.story)}>"


def _words(event: Event | ProductEvent) -> str:
    reason = f" ({event.reason})" if event.reason else ""
    count = len(event.attempts)
    attempts = f"{count} attempt{'' if count == 1 else 's'}"
    return f"{event.subject or 'about nothing'}: {event.state}{reason} after {attempts}"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


class Events:
    """Collects the events of a run from its records."""

    def __init__(self) -> None:
        self.queued: dict[str, Event] = {}
        """Events of queues by id, in the order of their pushes."""
        self.products: dict[str, ProductEvent] = {}
        """Product events by id, in the order in which they were sent."""
        self.logs: list[str] = []
        """Every line that the app printed."""
        self._owners: dict[str, Event | ProductEvent] = {}
        self._attempts: dict[str, Attempt] = {}
        self._readers: dict[type, Callable[..., None]] = {
            ProductEventSent: self._on_sent,
            EventPushed: self._on_pushed,
            InvocationStarted: self._on_started,
            InvocationFinished: self._on_finished,
            Log: self._on_log,
            EventSucceeded: lambda body, at: self._end(body.event_id, "succeeded", at),
            EventCancelled: lambda body, at: self._end(body.event_id, "cancelled", at),
            EventExpired: lambda body, at: self._end(body.event_id, "expired", at),
            EventDropped: lambda body, at: self._end(body.event_id, "dropped", at, body.reason),
            ProductEventSucceeded: lambda body, at: self._end(
                body.product_event_id, "succeeded", at
            ),
            ProductEventDropped: lambda body, at: self._end(
                body.product_event_id, "dropped", at, body.reason
            ),
        }

    def add_record(self, record: Record) -> None:
        """Add what a record says."""
        read = self._readers.get(type(record.body))
        if read is not None:
            read(record.body, record.at)
        owner = self._owner_of(record)
        if owner is not None:
            owner.records.append(record)

    def find(self, id: str) -> Event | ProductEvent | None:
        """The event, or product event, with this id."""
        return self.queued.get(id) or self.products.get(id)

    def of_delivery(self, id: str) -> Event | ProductEvent | None:
        """The event that a delivery is of: that of a product event has the trigger's key too."""
        return self.find(id) or self.find(id.partition("/")[0])

    def get(self, id: str) -> Event | ProductEvent:
        """The same. Raises UserError where there is none."""
        found = self.find(id)
        if found is None:
            raise UserError(f"there is no event {id!r}", "See `events` and `product_events`.")
        return found

    def in_state(self, state: EventState) -> list[Event | ProductEvent]:
        """All that are in a state, product events first."""
        every: list[Event | ProductEvent] = [*self.products.values(), *self.queued.values()]
        return [event for event in every if event.state == state]

    def _owner_of(self, record: Record) -> Event | ProductEvent | None:
        body = record.body
        for name in ("event_id", "product_event_id"):
            found = self.find(getattr(body, name, None) or "")
            if found is not None:
                return found
        return self._owners.get(getattr(body, "invocation_id", None) or "")

    def _on_sent(self, body: ProductEventSent, at: Instant) -> None:
        self.products[body.product_event_id] = ProductEvent(
            body.product_event_id, name=body.name, sent_at=at, subject=body.subject
        )

    def _on_pushed(self, body: EventPushed, at: Instant) -> None:
        pusher = self._owners.get(body.invocation_id)
        product = pusher.id if isinstance(pusher, ProductEvent) else None
        self.queued[body.event_id] = Event(
            body.event_id,
            queue=body.queue,
            job_id=body.job_id,
            pushed_at=at,
            subject=pusher.subject if pusher else None,
            product_event_id=pusher.product_event_id if isinstance(pusher, Event) else product,
        )

    def _on_started(self, body: InvocationStarted, at: Instant) -> None:
        owner = self.find(body.event_id or "") or self.find(body.product_event_id or "")
        if owner is None:
            return
        self._owners[body.invocation_id] = owner
        attempt = Attempt(body.attempt, body.function, at)
        self._attempts[body.invocation_id] = attempt
        owner.attempts.append(attempt)

    def _on_finished(self, body: InvocationFinished, at: Instant) -> None:
        attempt = self._attempts.pop(body.invocation_id, None)
        if attempt is not None:
            attempt.ended_at, attempt.outcome, attempt.error = at, body.outcome, body.error

    def _on_log(self, body: Log, _: Instant) -> None:
        if body.invocation_id is None:
            return
        self.logs.append(body.message)
        owner = self._owners.get(body.invocation_id)
        if owner is not None:
            owner.logs.append(body.message)

    def _end(self, id: str, state: EventState, at: Instant, reason: str | None = None) -> None:
        event = self.find(id)
        if event is not None:
            event.state, event.reason, event.ended_at = state, reason, at
