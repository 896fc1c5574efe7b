"""Events of queues: what a push becomes, handled by its consumer.

https://developer.atlassian.com/platform/forge/runtime-reference/async-events-api/ (2026-09-01)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar, Final

import msgspec

from forge_emu import records as r
from forge_emu import settings as s
from forge_emu.engine.delivery import handler_arguments as h
from forge_emu.engine.delivery.delivery import LEFT, DeliveryWithBody, State
from forge_emu.engine.delivery.jobs import Jobs
from forge_emu.engine.delivery.kind import DeliveryKind, HandlerTarget, KindContext, SavedDelivery
from forge_emu.engine.delivery.remote.policies import QueuePolicies
from forge_emu.engine.delivery.retry import Policy
from forge_emu.engine.installation import AppProduct, Installation
from forge_emu.model import (
    SECOND,
    App,
    DropReason,
    Function,
    Instant,
    Json,
    Millis,
    ModuleKind,
    PushItem,
    seconds_to_ms,
)

_END_RECORDS: Final[dict[State, Callable[..., r.AnyBody]]] = {
    State.SUCCEEDED: r.EventSucceeded,
    State.CANCELLED: r.EventCancelled,
    State.DROPPED: r.EventDropped,
    State.EXPIRED: r.EventExpired,
}


class SavedQueuedEvent(msgspec.Struct, frozen=True, array_like=True, tag="event"):
    """What never changes of an event of a queue, as it is saved.

    `legacy` marks the push form of `@forge/events` 0 and 1. `key` and `slots` are its concurrency
    key. `pushed_by` is an invocation. `duplicate` marks one more delivery of it. `away_before` is
    for how long no emulator had run when it came to be.
    """

    id: str
    origin: str
    created_at: Instant
    queue: str
    job_id: str
    item: PushItem
    size_bytes: int
    legacy: bool
    key: str | None
    slots: int
    away_before: Millis = 0
    duplicate: bool = False
    pushed_by: str = ""


class QueuedEvent(DeliveryWithBody[SavedQueuedEvent]):
    """One event of a push, on its way to its queue's consumer."""

    __slots__ = ()
    left_item: ClassVar = PushItem(LEFT)

    def __init__(self, fixed: SavedQueuedEvent, due_at: Instant) -> None:
        super().__init__(fixed.id, fixed.origin, fixed.created_at, due_at, State.SCHEDULED, fixed)

    def without_body(self) -> SavedQueuedEvent:
        """Nor who has pushed it: that is of use in its record alone, which is written by then."""
        return msgspec.structs.replace(self.head, item=self.left_item, pushed_by="")

    @property
    def queue(self) -> str:
        return self.head.queue

    @property
    def job_id(self) -> str:
        return self.head.job_id

    @property
    def event_id(self) -> str:
        """The event's id, as the app and the records have it."""
        return self.id

    @property
    def noun(self) -> str:
        return "an event"

    @property
    def ids(self) -> dict[str, str]:
        """`event_id`."""
        return {"event_id": self.event_id}

    @property
    def routing(self) -> dict[str, str]:
        """`event_id` and `queue`."""
        return {"event_id": self.event_id, "queue": self.queue}

    @property
    def names(self) -> tuple[str, ...]:
        """The ids of the event and of its push."""
        return self.event_id, self.job_id, self.id

    @property
    def concurrency(self) -> tuple[str, int] | None:
        """Its concurrency key, and how many of that key may be handled at once."""
        key = self.head.key
        return None if key is None else (key, self.head.slots)

    @property
    def cancellable(self) -> bool:
        """Whether it waits: what runs or has ended cannot be cancelled."""
        return self.state in (State.SCHEDULED, State.READY, State.WAITING)


class Duplicate(QueuedEvent):
    """One more delivery of an event that has succeeded. Nothing comes of how it ends."""

    __slots__ = ()

    @classmethod
    def of(cls, event: QueuedEvent, now: Instant, due_at: Instant) -> Duplicate:
        """The same delivery of `event` again, its retry context included."""
        fixed = msgspec.structs.replace(
            event.whole(), id=f"{event.id}/again", created_at=now, duplicate=True, pushed_by=""
        )
        again = cls(fixed, due_at)
        again.attempts = event.attempts
        again.retry_count = event.retry_count
        again.platform_errors = event.platform_errors
        again.after_platform_error = event.after_platform_error
        again.retry_reason = event.retry_reason
        again.retry_data = event.retry_data
        return again

    @property
    def event_id(self) -> str:
        """The id of the event that it repeats."""
        return self.id.removesuffix("/again")

    @property
    def is_duplicate(self) -> bool:
        return True

    @property
    def cancellable(self) -> bool:
        """The event that it repeats has succeeded: there is nothing to cancel."""
        return False


class QueuedEvents(DeliveryKind[QueuedEvent]):
    """The kind: the consumer of its queue handles an event; a push's events make a job."""

    delivery_types = (QueuedEvent, Duplicate)
    saved_type = SavedQueuedEvent
    no_handler = DropReason.NO_CONSUMER

    def __init__(self, context: KindContext) -> None:
        self._policies = QueuePolicies(context.settings)
        self.jobs = Jobs(context.settings[s.ASYNC_JOBS_KEPT])
        self._context = context
        self._product = AppProduct()
        self._shows_window = context.settings[s.ASYNC_RETENTION_CONTEXT]
        self._duplicate_share = context.settings[s.DELIVERY_DUPLICATES]
        self._duplicate_chance = context.stream("duplicates")
        self._push_spread = context.settings[s.DELIVERY_PUSH_SPREAD_SECONDS] * SECOND

    def enqueue_event(self, event: QueuedEvent, now: Instant, replay_of: str | None = None) -> None:
        """Add an event, count it in its job and record it.

        `replay_of` is the event that it repeats.
        """
        self.jobs.add_event(event)
        self._context.add_delivery(event, now)
        self._context.journal.record(
            r.EventPushed(
                event_id=event.id,
                job_id=event.job_id,
                queue=event.queue,
                due_at=event.due_at,
                size_bytes=event.head.size_bytes,
                invocation_id=event.head.pushed_by,
                replay_of=msgspec.UNSET if replay_of is None else replay_of,
            ),
            now,
        )

    def extra_push_delay(self) -> Millis:
        """A further delay for a pushed event (`delivery.push_spread_seconds`)."""
        return round(self._push_spread * self._context.chance()) if self._push_spread else 0

    def policy_of(self, delivery: QueuedEvent) -> Policy:
        """That of remotes, or of the version of `@forge/events` that pushed it."""
        return self._policies.policy_of(delivery.queue, legacy=delivery.head.legacy)

    def app_loaded(self, app: App, now: Instant) -> None:
        """Retries of the queues that a remote handles have reasons of their own."""
        self._policies.use_app(app)

    def find_target(self, delivery: QueuedEvent, app: App) -> HandlerTarget | None:
        """The consumer of its queue."""
        consumer = app.consumer_of(delivery.queue)
        return HandlerTarget.of(app, consumer, ModuleKind.CONSUMER) if consumer else None

    def module_function(self, delivery: QueuedEvent, app: App) -> str | None:
        """That of the consumer of its queue."""
        return consumer.function if (consumer := app.consumer_of(delivery.queue)) else None

    def timeouts(self, function: Function, app: App) -> Iterator[Millis]:
        """`timeoutSeconds` of the function, for consumers alone."""
        if any(consumer.function == function.key for consumer in app.consumers):
            yield function.timeout_ms or self._context.settings[s.CONSUMER_TIMEOUT_SECONDS] * SECOND

    def handler_arguments(
        self, delivery: QueuedEvent, app: App, installation: Installation, now: Instant
    ) -> tuple[Json, Json]:
        """An `AsyncEvent`, or the call of an old resolver, and the context."""
        consumer = app.consumer_of(delivery.queue)
        assert consumer is not None
        retry, fixed = self._retry_context(delivery, now), delivery.whole()
        context = installation.context(self._product.of(app))
        if consumer.method is not None:
            return h.resolver_call(fixed.item, fixed.job_id, consumer, installation, retry), context
        event_id = delivery.event_id
        return h.async_event(fixed.item, fixed.queue, fixed.job_id, event_id, retry), context

    def _retry_context(self, delivery: QueuedEvent, now: Instant) -> dict[str, Json] | None:
        end = delivery.window_end
        if delivery.retry_reason is None or end is None or not self._shows_window:
            return h.retry_context(delivery, None)
        window = h.retention_window(delivery.created_at, end, now, self._context.journal.epoch_ms)
        return h.retry_context(delivery, window)

    def is_cancelled(self, delivery: QueuedEvent) -> bool:
        """Whether its job was cancelled."""
        return self.jobs.is_cancelled(delivery.job_id)

    def end_delivery(self, delivery: QueuedEvent, reason: str, now: Instant) -> None:
        """Count it in its job and record it; once in a while, deliver it once more."""
        if delivery.is_duplicate:
            return
        self.jobs.end_event(delivery)
        why: dict[str, Any] = {"attempts": delivery.attempts}
        if delivery.state is State.DROPPED:
            why |= {"reason": reason, "first_form": delivery.head.legacy or msgspec.UNSET}
        age, end_record = now - delivery.created_at, _END_RECORDS[delivery.state]
        body = end_record(**delivery.routing, age_ms=age, **why)
        self._context.journal.record(body, now)
        if self._duplicate_share and delivery.state is State.SUCCEEDED:
            self._maybe_duplicate(delivery, now)

    def replay_deliveries(
        self, deliveries: Iterable[QueuedEvent], app: App, now: Instant
    ) -> list[str]:
        """Push each again, as an event and a job of its own."""
        del app
        return [self._replay_event(event, now) for event in deliveries]

    def save_delivery(self, delivery: QueuedEvent, away_before: Millis) -> SavedDelivery:
        """What never changes of it, with `away_before`."""
        return msgspec.structs.replace(delivery.whole(), away_before=away_before)

    def restore_delivery(self, saved: SavedQueuedEvent) -> QueuedEvent:
        """With `saved` for its fixed part."""
        return (Duplicate if saved.duplicate else QueuedEvent)(saved, saved.created_at)

    def restore_open(self, delivery: QueuedEvent) -> None:
        """Count it in its job."""
        if not delivery.is_duplicate:
            self.jobs.restore_event(delivery)

    @classmethod
    def restored_routing(cls, saved: SavedQueuedEvent) -> dict[str, str] | None:
        """`event_id` and `queue`; a duplicate has the records of the event that it repeats."""
        return None if saved.duplicate else {"event_id": saved.id, "queue": saved.queue}

    @classmethod
    def restored_record(cls, saved: SavedQueuedEvent, due_at: Instant) -> tuple[str, r.AnyBody]:
        """`event.pushed`."""
        ids = {"event_id": saved.id, "job_id": saved.job_id, "queue": saved.queue}
        size = saved.size_bytes
        return saved.id, r.EventPushed(**ids, due_at=due_at, size_bytes=size, invocation_id="")

    def _maybe_duplicate(self, event: QueuedEvent, now: Instant) -> None:
        if self._duplicate_chance() < self._duplicate_share:
            after = seconds_to_ms(self._context.settings[s.DELIVERY_DUPLICATE_AFTER])
            self._context.add_delivery(Duplicate.of(event, now, now + after), now)

    def _replay_event(self, old: QueuedEvent, now: Instant) -> str:
        new_id = self._context.new_id
        fixed = msgspec.structs.replace(old.whole(), id=new_id(), job_id=new_id(), created_at=now)
        self.enqueue_event(QueuedEvent(fixed, now), now, replay_of=old.id)
        return fixed.id
