"""What becomes of deliveries: due, deferred, retried, ended. Owns everything not yet terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import UNSET

from forge_emu import settings as s
from forge_emu.engine.delivery import retry
from forge_emu.engine.delivery.cyclic_pushes import Chains
from forge_emu.engine.delivery.delivery import (
    TERMINAL,
    Delivery,
    Due,
    Duplicate,
    QueuedEvent,
    State,
    TriggerDelivery,
)
from forge_emu.engine.delivery.dropped import Dropped
from forge_emu.engine.delivery.jobs import Jobs
from forge_emu.engine.delivery.product_events import Products
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
    seconds,
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

    Every delivery that enters with `admit` leaves in exactly one terminal record.
    """

    def __init__(
        self,
        settings: s.Settings,
        journal: Journal,
        products: Products,
        jobs: Jobs,
        chance: Callable[[], float],
        duplicates: Callable[[], float],
        touched: Dirty,
        chains: Chains,
    ) -> None:
        self.open: dict[str, Delivery] = {}
        self.ready: Schedule[Delivery] = Schedule()
        self.schedule: Schedule[Due] = Schedule()
        self.dropped = Dropped(settings[s.DELIVERY_DROPPED_KEPT], touched)
        self._settings = settings
        self._journal = journal
        self._products = products
        self._jobs = jobs
        self._chance = chance
        self._duplicates = duplicates
        self._touched = touched
        self._chains = chains
        self._shuffled = settings[s.DELIVERY_ORDER] == "shuffle"
        self._async_policy = retry.async_policy(settings)
        self._product_policy = retry.product_policy(settings)
        self._concurrency_backoff = retry.concurrency_backoff(settings)
        self._push_spread = settings[s.DELIVERY_PUSH_SPREAD_SECONDS] * SECOND

    def admit(self, delivery: Delivery, now: Instant) -> None:
        """Take in a new delivery; it is in line at once, or when its delay has passed."""
        self._open(delivery)
        self._touched.delivery(delivery)
        delivery.window_end = self._window_end(delivery)
        if delivery.state is State.READY:
            self.ready.add(now, delivery, self._tie())
        else:
            self._wait(delivery, Due("deliver", delivery), delivery.due_at)

    def enqueue(self, event: QueuedEvent, now: Instant, replay_of: str | None = None) -> None:
        """Take in an event of a queue, count it in its job and record it.

        `replay_of` is the dropped event that it repeats.
        """
        self._jobs.add(event)
        self.admit(event, now)
        self._journal.note(
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

    def push_spread(self) -> Millis:
        """A further delay for a pushed event, where that is being tried out."""
        return round(self._push_spread * self._chance()) if self._push_spread else 0

    def put_back(self, delivery: Delivery, due: Due | None) -> None:
        """Take in a delivery of before a restart; without `due` it is in line."""
        self._open(delivery)
        if due is None:
            self.ready.add(delivery.due_at, delivery, self._tie())
        else:
            delivery.entry = self.schedule.add(delivery.due_at, due, self._tie())

    def make_ready(self, delivery: Delivery) -> None:
        """Put a delivery in line, whether its time has come or somebody is in a hurry."""
        if delivery.entry:
            self.schedule.remove(delivery.entry)
            delivery.entry = None
        delivery.become(State.READY)
        self.line_up(delivery)

    def line_up(self, delivery: Delivery) -> None:
        """Put a ready delivery in line by its due time."""
        self.ready.add(delivery.due_at, delivery, self._tie())

    def next_ready(self, now: Instant) -> Delivery | None:
        """The first of the line; None when it has just ended instead (its window is over)."""
        delivery = self.ready.pop()
        if delivery is None or delivery.state is not State.READY:
            return None
        if delivery.window_end is not None and now > delivery.window_end:
            self.end(delivery, State.DROPPED, "retention_window", now)
            return None
        return delivery

    def defer(self, delivery: Delivery, limit: str, now: Instant) -> None:
        """Let a delivery wait because of `limit`; that counts as no attempt and no retry."""
        delivery.become(State.WAITING)
        wait = self._concurrency_backoff.wait(delivery.deferrals, self._chance())
        delivery.deferrals += 1
        due_at = now + max(wait, 1)
        if delivery.window_end is not None and due_at > delivery.window_end:
            self._wait(delivery, Due("drop", delivery, "retention_window"), delivery.window_end)
            return
        self._wait(delivery, Due("deliver", delivery), due_at)
        self._journal.note(EventDeferred(limit=limit, due_at=due_at, **place_of(delivery)), now)

    def settle(self, delivery: Delivery, outcome: Outcome, now: Instant) -> None:
        """Decide what becomes of a delivery whose invocation ended with `outcome`."""
        if isinstance(delivery, Duplicate):
            self.end(delivery, State.SUCCEEDED, "", now)
            return
        policy = self._policy(delivery)
        decision = retry.decide(outcome, delivery.history, policy, now, self._chance)
        if isinstance(decision, retry.Done):
            self.end(delivery, State.SUCCEEDED, "", now)
        elif isinstance(delivery, QueuedEvent) and self._jobs.is_cancelled(delivery.job_id):
            self.end(delivery, State.CANCELLED, "", now)
        elif isinstance(decision, retry.Retry):
            self._retry(delivery, decision, now)
        elif decision.at > now:
            delivery.become(State.WAITING)
            self._wait(delivery, Due("drop", delivery, decision.reason), decision.at)
        else:
            self.end(delivery, State.DROPPED, decision.reason, now)

    def checked(self, outcome: Outcome) -> Outcome:
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

    def end(self, delivery: Delivery, state: State, reason: str, now: Instant) -> None:
        """Bring a delivery to a terminal state and record it."""
        assert state in TERMINAL
        delivery.become(state)
        self._touched.delivery(delivery)
        del self.open[delivery.id]
        self._chains.leave(delivery.origin)
        if delivery.entry:
            self.schedule.remove(delivery.entry)
            delivery.entry = None
        if state is State.DROPPED and not isinstance(delivery, Duplicate):
            self.dropped.keep(delivery, reason, now)
        if isinstance(delivery, TriggerDelivery):
            self._products.settle(delivery, reason, now)
            return
        assert isinstance(delivery, QueuedEvent)
        if isinstance(delivery, Duplicate):
            return
        self._jobs.settle(delivery)
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
        self._journal.note(body, now)
        if state is State.SUCCEEDED:
            self._repeat(delivery, now)

    def _open(self, delivery: Delivery) -> None:
        self.open[delivery.id] = delivery
        self._chains.join(delivery.origin)

    def _repeat(self, event: QueuedEvent, now: Instant) -> None:
        """Once in a while, deliver an event again that has succeeded."""
        share = self._settings[s.DELIVERY_DUPLICATES]
        if share and self._duplicates() < share:
            due_at = now + seconds(self._settings[s.DELIVERY_DUPLICATE_AFTER])
            self.admit(Duplicate.of(event, now, due_at), now)

    def _retry(self, delivery: Delivery, again: retry.Retry, now: Instant) -> None:
        if again.counted:
            delivery.retry_count += 1
        else:
            delivery.platform_errors += 1
        delivery.retry_reason = again.reason
        delivery.retry_data = again.data
        delivery.window_end = self._window_end(delivery)
        delivery.become(State.WAITING)
        self._wait(delivery, Due("deliver", delivery), again.at)
        self._journal.note(
            RetryScheduled(
                retry_count=delivery.retry_count,
                retry_reason=again.reason,
                retry_after_ms=again.at - now,
                due_at=again.at,
                asked_by=again.asked_by,
                clamped_from_ms=again.clamped_from,
                **place_of(delivery),
            ),
            now,
        )

    def _wait(self, delivery: Delivery, due: Due, due_at: Instant) -> None:
        delivery.due_at = due_at
        self._touched.delivery(delivery)
        delivery.entry = self.schedule.add(due_at, due, self._tie())

    def _policy(self, delivery: Delivery) -> retry.Policy:
        return self._async_policy if isinstance(delivery, QueuedEvent) else self._product_policy

    def _window_end(self, delivery: Delivery) -> Instant | None:
        return retry.window_end(delivery.history, self._policy(delivery), platform_error=False)

    def _tie(self) -> float:
        return self._chance() if self._shuffled else 0.0


def id_of(delivery: Delivery) -> dict[str, str]:
    """`event_id` or `product_event_id`, whichever applies."""
    if isinstance(delivery, TriggerDelivery):
        return {"product_event_id": delivery.event.product_event_id}
    assert isinstance(delivery, QueuedEvent)
    return {"event_id": delivery.event_id}


def place_of(delivery: Delivery) -> dict[str, str]:
    """The id, and the queue or trigger that the delivery belongs to."""
    if isinstance(delivery, TriggerDelivery):
        return {**id_of(delivery), "trigger": delivery.trigger}
    assert isinstance(delivery, QueuedEvent)
    return {**id_of(delivery), "queue": delivery.queue}
