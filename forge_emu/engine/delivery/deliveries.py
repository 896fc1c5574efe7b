"""What becomes of deliveries: due, deferred, retried, ended. Owns everything not yet terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import UNSET

from forge_emu import settings as s
from forge_emu.engine.delivery import retry
from forge_emu.engine.delivery.cyclic_pushes import PushChains
from forge_emu.engine.delivery.delivery import (
    TERMINAL,
    Delivery,
    DueAction,
    Duplicate,
    QueuedEvent,
    State,
    TriggerDelivery,
)
from forge_emu.engine.delivery.dropped import DroppedDeliveries
from forge_emu.engine.delivery.jobs import Jobs
from forge_emu.engine.delivery.product_events import ProductEvents
from forge_emu.engine.delivery.schedule import Schedule
from forge_emu.engine.dirty import Dirty
from forge_emu.engine.journal.journal import Journal
from forge_emu.model import (
    SECOND,
    ErrorReport,
    Failed,
    Instant,
    Millis,
    Outcome,
    RetryRequested,
    seconds_to_ms,
)
from forge_emu.records import (
    AnyBody,
    EventCancelled,
    EventDeferred,
    EventDropped,
    EventPushed,
    EventSucceeded,
    RetryScheduled,
)


class Deliveries:
    """The open deliveries and the times at which something is due for them.

    Every delivery added with `add_delivery` ends in exactly one terminal record.
    """

    def __init__(
        self,
        settings: s.Settings,
        journal: Journal,
        product_events: ProductEvents,
        jobs: Jobs,
        chance: Callable[[], float],
        duplicate_chance: Callable[[], float],
        dirty: Dirty,
        push_chains: PushChains,
    ) -> None:
        self.open: dict[str, Delivery] = {}
        self.ready: Schedule[Delivery] = Schedule()
        self.schedule: Schedule[DueAction] = Schedule()
        self.dropped = DroppedDeliveries(settings[s.DELIVERY_DROPPED_KEPT], dirty)
        self._settings = settings
        self._journal = journal
        self._product_events = product_events
        self._jobs = jobs
        self._chance = chance
        self._duplicate_chance = duplicate_chance
        self._dirty = dirty
        self._push_chains = push_chains
        self._shuffled = settings[s.DELIVERY_ORDER] == "shuffle"
        self._async_policy = retry.async_policy(settings)
        self._product_policy = retry.product_policy(settings)
        self._concurrency_backoff = retry.concurrency_backoff(settings)
        self._push_spread = settings[s.DELIVERY_PUSH_SPREAD_SECONDS] * SECOND

    def add_delivery(self, delivery: Delivery, now: Instant) -> None:
        """Add a new delivery; it is ready at once, or when its delay has passed."""
        self._add_open(delivery)
        self._dirty.mark_delivery(delivery)
        delivery.window_end = self._window_end(delivery)
        if delivery.state is State.READY:
            self.ready.add(now, delivery, self._tie_breaker())
        else:
            self._schedule_due(delivery, DueAction("deliver", delivery), delivery.due_at)

    def enqueue_event(self, event: QueuedEvent, now: Instant, replay_of: str | None = None) -> None:
        """Add an event of a queue, count it in its job and record it.

        `replay_of` is the dropped event that it repeats.
        """
        self._jobs.add_event(event)
        self.add_delivery(event, now)
        self._journal.record(
            EventPushed(
                event_id=event.id,
                job_id=event.job_id,
                queue=event.queue,
                due_at=event.due_at,
                size_bytes=event.size_bytes,
                invocation_id=event.pushed_by,
                replay_of=UNSET if replay_of is None else replay_of,
            ),
            now,
        )

    def extra_push_delay(self) -> Millis:
        """A further delay for a pushed event (`delivery.push_spread_seconds`)."""
        return round(self._push_spread * self._chance()) if self._push_spread else 0

    def restore_delivery(self, delivery: Delivery, due: DueAction | None) -> None:
        """Restore a delivery of before a restart; without `due` it is ready."""
        self._add_open(delivery)
        if due is None:
            self.ready.add(delivery.due_at, delivery, self._tie_breaker())
        else:
            delivery.schedule_entry = self.schedule.add(delivery.due_at, due, self._tie_breaker())

    def make_delivery_ready(self, delivery: Delivery) -> None:
        """Make a delivery ready, because its time has come or it is run now."""
        if delivery.schedule_entry:
            self.schedule.remove(delivery.schedule_entry)
            delivery.schedule_entry = None
        delivery.become(State.READY)
        self.enqueue_ready(delivery)

    def enqueue_ready(self, delivery: Delivery) -> None:
        """Add a ready delivery to those that wait for an instance, by its due time."""
        self.ready.add(delivery.due_at, delivery, self._tie_breaker())

    def pop_ready(self, now: Instant) -> Delivery | None:
        """The first ready delivery; None when it has just ended instead (its window is over)."""
        delivery = self.ready.pop()
        if delivery is None or delivery.state is not State.READY:
            return None
        if delivery.window_end is not None and now > delivery.window_end:
            self.end_delivery(delivery, State.DROPPED, "retention_window", now)
            return None
        return delivery

    def defer_delivery(self, delivery: Delivery, limit: str, now: Instant) -> None:
        """Let a delivery wait because of `limit`; that counts as no attempt and no retry."""
        delivery.become(State.WAITING)
        wait = self._concurrency_backoff.wait(delivery.deferrals, self._chance())
        delivery.deferrals += 1
        due_at = now + max(wait, 1)
        if delivery.window_end is not None and due_at > delivery.window_end:
            self._schedule_due(
                delivery, DueAction("drop", delivery, "retention_window"), delivery.window_end
            )
            return
        self._schedule_due(delivery, DueAction("deliver", delivery), due_at)
        self._journal.record(
            EventDeferred(limit=limit, due_at=due_at, **routing_fields(delivery)), now
        )

    def apply_outcome(self, delivery: Delivery, outcome: Outcome, now: Instant) -> None:
        """Decide what follows for a delivery whose invocation ended with `outcome`."""
        if isinstance(delivery, Duplicate):
            self.end_delivery(delivery, State.SUCCEEDED, "", now)
            return
        policy = self._policy(delivery)
        decision = retry.decide(outcome, delivery.history, policy, now, self._chance)
        if isinstance(decision, retry.Done):
            self.end_delivery(delivery, State.SUCCEEDED, "", now)
        elif isinstance(delivery, QueuedEvent) and self._jobs.is_cancelled(delivery.job_id):
            self.end_delivery(delivery, State.CANCELLED, "", now)
        elif isinstance(decision, retry.Retry):
            self._schedule_retry(delivery, decision, now)
        elif decision.at > now:
            delivery.become(State.WAITING)
            self._schedule_due(delivery, DueAction("drop", delivery, decision.reason), decision.at)
        else:
            self.end_delivery(delivery, State.DROPPED, decision.reason, now)

    def check_retry_data(self, outcome: Outcome) -> Outcome:
        """The outcome, where `retryData` over its limit may make it an error."""
        limit = self._settings[s.PUSH_RETRY_DATA_KB]
        if (
            not isinstance(outcome, RetryRequested)
            or limit is None
            or outcome.data_bytes <= limit * 1024
        ):
            return outcome
        if self._settings[s.ASYNC_RETRY_DATA] == "drop":
            return RetryRequested(outcome.retry_after, outcome.retry_reason, None, 0)
        message = (
            f"retryData is {outcome.data_bytes} bytes of JSON, more than the {limit} KB allowed "
            f"({s.PUSH_RETRY_DATA_KB.name})"
        )
        return Failed(ErrorReport("RetryDataTooLarge", message))

    def end_delivery(self, delivery: Delivery, state: State, reason: str, now: Instant) -> None:
        """Bring a delivery to a terminal state and record it."""
        assert state in TERMINAL
        delivery.become(state)
        self._dirty.mark_delivery(delivery)
        del self.open[delivery.id]
        self._push_chains.remove_delivery(delivery.origin)
        if delivery.schedule_entry:
            self.schedule.remove(delivery.schedule_entry)
            delivery.schedule_entry = None
        if state is State.DROPPED and not isinstance(delivery, Duplicate):
            self.dropped.add(delivery, reason, now)
        if isinstance(delivery, TriggerDelivery):
            self._product_events.end_delivery(delivery, reason, now)
            return
        assert isinstance(delivery, QueuedEvent)
        if isinstance(delivery, Duplicate):
            return
        self._jobs.end_event(delivery)
        ended: dict[str, Any] = {
            "event_id": delivery.id,
            "queue": delivery.queue,
            "attempts": delivery.attempts,
            "age_ms": now - delivery.created_at,
        }
        body: AnyBody
        if state is State.SUCCEEDED:
            body = EventSucceeded(**ended)
        elif state is State.CANCELLED:
            body = EventCancelled(**ended)
        else:
            body = EventDropped(reason=reason, **ended)
        self._journal.record(body, now)
        if state is State.SUCCEEDED:
            self._maybe_duplicate(delivery, now)

    def _add_open(self, delivery: Delivery) -> None:
        self.open[delivery.id] = delivery
        self._push_chains.add_delivery(delivery.origin)

    def _maybe_duplicate(self, event: QueuedEvent, now: Instant) -> None:
        """Once in a while, deliver an event again that has succeeded."""
        share = self._settings[s.DELIVERY_DUPLICATES]
        if share and self._duplicate_chance() < share:
            due_at = now + seconds_to_ms(self._settings[s.DELIVERY_DUPLICATE_AFTER])
            self.add_delivery(Duplicate.of(event, now, due_at), now)

    def _schedule_retry(self, delivery: Delivery, decision: retry.Retry, now: Instant) -> None:
        if decision.counted:
            delivery.retry_count += 1
        else:
            delivery.platform_errors += 1
        delivery.retry_reason = decision.reason
        delivery.retry_data = decision.data
        delivery.window_end = self._window_end(delivery)
        delivery.become(State.WAITING)
        self._schedule_due(delivery, DueAction("deliver", delivery), decision.at)
        self._journal.record(
            RetryScheduled(
                retry_count=delivery.retry_count,
                retry_reason=decision.reason,
                retry_after_ms=decision.at - now,
                due_at=decision.at,
                asked_by=decision.asked_by,
                clamped_from_ms=decision.clamped_from,
                **routing_fields(delivery),
            ),
            now,
        )

    def _schedule_due(self, delivery: Delivery, due: DueAction, due_at: Instant) -> None:
        delivery.due_at = due_at
        self._dirty.mark_delivery(delivery)
        delivery.schedule_entry = self.schedule.add(due_at, due, self._tie_breaker())

    def _policy(self, delivery: Delivery) -> retry.Policy:
        return self._async_policy if isinstance(delivery, QueuedEvent) else self._product_policy

    def _window_end(self, delivery: Delivery) -> Instant | None:
        return retry.window_end(delivery.history, self._policy(delivery), platform_error=False)

    def _tie_breaker(self) -> float:
        return self._chance() if self._shuffled else 0.0


def id_fields(delivery: Delivery) -> dict[str, str]:
    """`event_id` or `product_event_id`, whichever applies."""
    if isinstance(delivery, TriggerDelivery):
        return {"product_event_id": delivery.event.product_event_id}
    assert isinstance(delivery, QueuedEvent)
    return {"event_id": delivery.event_id}


def routing_fields(delivery: Delivery) -> dict[str, str]:
    """The id, and the queue or trigger that the delivery belongs to."""
    if isinstance(delivery, TriggerDelivery):
        return {**id_fields(delivery), "trigger": delivery.trigger}
    assert isinstance(delivery, QueuedEvent)
    return {**id_fields(delivery), "queue": delivery.queue}
