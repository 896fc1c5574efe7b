"""What becomes of deliveries: due, deferred, retried, ended. Owns everything not yet terminal."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import UNSET, UnsetType

from forge_emu import settings as s
from forge_emu.engine.delivery import retry
from forge_emu.engine.delivery.concurrency_keys import concurrency_backoff
from forge_emu.engine.delivery.cyclic_pushes import PushChains
from forge_emu.engine.delivery.delivery import LOST, TERMINAL, Delivery, DueAction, State
from forge_emu.engine.delivery.dropped import DroppedDeliveries
from forge_emu.engine.delivery.kinds import DeliveryKinds
from forge_emu.engine.dirty import DirtySet
from forge_emu.engine.journal.journal import Journal
from forge_emu.engine.retry_mistakes import unusable_retry_after
from forge_emu.engine.schedule import Schedule
from forge_emu.model import (
    DropReason,
    ErrorReport,
    Failed,
    Instant,
    Millis,
    Outcome,
    PlatformError,
    RetryMistake,
    RetryRequested,
    Success,
)
from forge_emu.records import EventDeferred, RetryScheduled


class Deliveries:
    """The open deliveries and the times at which something is due for them.

    Every delivery added with `add_delivery` ends in exactly one terminal record.
    """

    def __init__(
        self,
        settings: s.Settings,
        journal: Journal,
        chance: Callable[[], float],
        push_chains: PushChains,
    ) -> None:
        self.kinds: DeliveryKinds
        """Set once, before anything is added: kinds add deliveries themselves."""
        self.open: dict[str, Delivery] = {}
        self.ready: Schedule[Delivery] = Schedule()
        self.schedule: Schedule[DueAction] = Schedule()
        self.dirty: DirtySet[Delivery] = DirtySet()
        self.on_added: Callable[[Delivery], None] | None = None
        """Called with every new delivery."""
        self.dropped = DroppedDeliveries(settings[s.DELIVERY_DROPPED_KEPT], self.dirty)
        self._settings = settings
        self._journal = journal
        self._chance = chance
        self._push_chains = push_chains
        self._origins_of_time: set[str] = set()
        self._shuffled = settings[s.DELIVERY_ORDER] == "shuffle"
        self._concurrency_backoff = concurrency_backoff(settings)

    @property
    def awaited(self) -> int:
        """How many of the open ones do not descend from what time alone brought about."""
        chains = self._push_chains
        return len(self.open) - sum(map(chains.open_deliveries, self._origins_of_time))

    def await_all(self) -> None:
        """Let all that is open now count as awaited."""
        self._origins_of_time.clear()

    def add_delivery(self, delivery: Delivery, now: Instant) -> None:
        """Add a new delivery; it is ready at once, or when its delay has passed."""
        if self.on_added is not None:
            self.on_added(delivery)
        self._add_open(delivery)
        if delivery.started_by_time:
            self._origins_of_time.add(delivery.origin)
        self.dirty.mark(delivery)
        delivery.window_end = self._window_end(delivery)
        if delivery.state is State.READY:
            self.ready.add(now, delivery, self._tie_breaker())
        else:
            self._schedule_due(delivery, DueAction("deliver", delivery), delivery.due_at)

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
            self.end_with_window(delivery, now)
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
                delivery,
                DueAction("drop", delivery, DropReason.RETENTION_WINDOW),
                delivery.window_end,
            )
            return
        self._schedule_due(delivery, DueAction("deliver", delivery), due_at)
        self._journal.record(EventDeferred(limit=limit, due_at=due_at, **delivery.routing), now)

    def apply_outcome(self, delivery: Delivery, outcome: retry.Ending, now: Instant) -> None:
        """Decide what follows for a delivery whose invocation ended, or could not begin."""
        if delivery.is_duplicate:
            ran = delivery.state is State.RUNNING
            self.end_delivery(delivery, State.SUCCEEDED if ran else State.CANCELLED, "", now)
            return
        kind = self.kinds.kind_of(delivery)
        outcome = kind.examine_ending(delivery, outcome)
        if isinstance(outcome, Success):  # needs no policy
            delivery.after_platform_error = False
            self.end_delivery(delivery, State.SUCCEEDED, "", now)
            return
        policy = kind.policy_of(delivery)
        delivery.after_platform_error = isinstance(outcome, PlatformError) and not policy.limits_all
        decision = retry.decide(outcome, delivery.history, policy, now, self._chance)
        if isinstance(decision, retry.Done):
            self.end_delivery(delivery, State.SUCCEEDED, "", now)
        elif kind.is_cancelled(delivery):
            self.end_delivery(delivery, State.CANCELLED, "", now)
        elif isinstance(decision, retry.DeliverAgain):
            self._deliver_again(delivery, now)
        elif isinstance(decision, retry.Retry):
            self._schedule_retry(delivery, decision, outcome, now)
        elif decision.at > now:
            delivery.become(State.WAITING)
            due = DueAction("drop", delivery, DropReason.RETENTION_WINDOW)
            self._schedule_due(delivery, due, decision.at)
        elif isinstance(decision, retry.Expire):
            self.end_with_window(delivery, now)
        else:
            self.end_delivery(delivery, State.DROPPED, decision.reason, now)

    def end_with_window(self, delivery: Delivery, now: Instant) -> None:
        """Its retention window is over: dropped, or expired if platform errors lasted until now."""
        state = State.EXPIRED if delivery.after_platform_error else State.DROPPED
        self.end_delivery(delivery, state, DropReason.RETENTION_WINDOW, now)

    def check_retry_data(self, outcome: RetryRequested) -> Outcome:
        """The outcome, where `retryData` over its limit may make it an error."""
        limit = self._settings[s.PUSH_RETRY_DATA_KB]
        if limit is None or outcome.data_bytes <= limit * 1024:
            return outcome
        if self._settings[s.ASYNC_RETRY_DATA] == "drop":
            given = f"{outcome.data_bytes:,} bytes of JSON, and {limit} KB are allowed"
            mistakes = (*outcome.mistakes, RetryMistake("retry_data", given))
            return RetryRequested(outcome.retry_after, outcome.retry_reason, None, 0, mistakes)
        message = (
            f"retryData is {outcome.data_bytes} bytes of JSON, more than the {limit} KB allowed "
            f"({s.PUSH_RETRY_DATA_KB.name})"
        )
        return Failed(ErrorReport("RetryDataTooLarge", message))

    def end_delivery(self, delivery: Delivery, state: State, reason: str, now: Instant) -> None:
        """Bring a delivery to a terminal state and record it."""
        assert state in TERMINAL
        delivery.become(state)
        self.dirty.mark(delivery)
        del self.open[delivery.id]
        self._push_chains.remove_delivery(delivery.origin)
        if self._origins_of_time and not self._push_chains.open_deliveries(delivery.origin):
            self._origins_of_time.discard(delivery.origin)
        if delivery.schedule_entry:
            self.schedule.remove(delivery.schedule_entry)
            delivery.schedule_entry = None
        if state in LOST and delivery.replayable and not delivery.is_duplicate:
            self.dropped.add(delivery, reason, now)
        self.kinds.kind_of(delivery).end_delivery(delivery, reason, now)

    def _add_open(self, delivery: Delivery) -> None:
        self.open[delivery.id] = delivery
        self._push_chains.add_delivery(delivery.origin)

    def _deliver_again(self, delivery: Delivery, now: Instant) -> None:
        self._deliver_at(delivery, now, now, retry_reason="interrupted", asked_by="emulator")

    def _schedule_retry(
        self, delivery: Delivery, decision: retry.Retry, outcome: retry.Ending, now: Instant
    ) -> None:
        limit = outcome.limit if isinstance(outcome, retry.InvocationLimitReached) else None
        given = unusable_retry_after(outcome) if isinstance(outcome, RetryRequested) else None
        if decision.counted:
            delivery.retry_count += 1
        else:
            delivery.platform_errors += 1
        delivery.retry_reason = decision.reason
        delivery.retry_data = decision.data
        delivery.window_end = self._window_end(delivery)
        self._deliver_at(
            delivery,
            decision.at,
            now,
            retry_reason=decision.reason,
            asked_by=decision.asked_by,
            clamped_from_ms=decision.clamped_from,
            limit=UNSET if limit is None else limit,
            retry_data_left_out=decision.data_left_out or UNSET,
            retry_after_given=UNSET if given is None else given,
        )

    def _deliver_at(
        self,
        delivery: Delivery,
        at: Instant,
        now: Instant,
        *,
        retry_reason: str,
        asked_by: str,
        clamped_from_ms: Millis | None = None,
        limit: str | UnsetType = UNSET,
        retry_data_left_out: bool | UnsetType = UNSET,
        retry_after_given: str | UnsetType = UNSET,
    ) -> None:
        """Deliver again at `at`; the rest are fields of the record that says so."""
        delivery.become(State.WAITING)
        delivery.asked_by = asked_by
        self._schedule_due(delivery, DueAction("deliver", delivery), at)
        self._journal.record(
            RetryScheduled(
                retry_count=delivery.retry_count,
                retry_reason=retry_reason,
                retry_after_ms=at - now,
                due_at=at,
                asked_by=asked_by,
                clamped_from_ms=clamped_from_ms,
                retry_after_given=retry_after_given,
                limit=limit,
                retry_data_left_out=retry_data_left_out,
                **delivery.routing,
            ),
            now,
        )

    def _schedule_due(self, delivery: Delivery, due: DueAction, due_at: Instant) -> None:
        delivery.due_at = due_at
        self.dirty.mark(delivery)
        delivery.schedule_entry = self.schedule.add(due_at, due, self._tie_breaker())

    def _window_end(self, delivery: Delivery) -> Instant | None:
        policy = self.kinds.kind_of(delivery).policy_of(delivery)
        return retry.window_end(
            delivery.history, policy, platform_error=delivery.after_platform_error
        )

    def _tie_breaker(self) -> float:
        return self._chance() if self._shuffled else 0.0
