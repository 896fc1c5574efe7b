"""The platform below an app, clock-free: every input carries `now`, every answer is a value.

Inputs are pushes, product events, calls of the store and ends of invocations; outputs are
invocations to start, invocations to abort and records of what happened.
"""

from __future__ import annotations

from collections.abc import Callable

from forge_emu import settings as s
from forge_emu.engine import retry
from forge_emu.engine.arguments import Installation, subject_of
from forge_emu.engine.concurrency import read_concurrency
from forge_emu.engine.delivery import (
    TERMINAL,
    Delivery,
    Due,
    QueuedEvent,
    State,
    TriggerDelivery,
)
from forge_emu.engine.dispatch import Blocked, Dispatcher, Unwanted
from forge_emu.engine.jobs import Jobs
from forge_emu.engine.journal import Journal
from forge_emu.engine.kvs import KvsStore
from forge_emu.engine.products import Products
from forge_emu.engine.pushes import PushGate, delay_of, error_class, push_meter
from forge_emu.engine.schedule import Entry, Schedule
from forge_emu.errors import Fault
from forge_emu.model import (
    App,
    ErrorReport,
    Failed,
    Instant,
    Invocation,
    Json,
    JobStats,
    KvsRequest,
    KvsResponse,
    LimitUsage,
    Millis,
    Outcome,
    OutOfMemory,
    PlatformError,
    ProductEvent,
    PushRequest,
    RetryRequested,
    Success,
    TimedOut,
)
from forge_emu.records import (
    AnyBody,
    EventCancelled,
    EventDeferred,
    EventDropped,
    EventPushed,
    EventSucceeded,
    InvocationFinished,
    KvsRefused,
    Log,
    PushRefused,
    Record,
    RetryScheduled,
)

_OUTCOME_NAMES: dict[type, str] = {
    Success: "success",
    RetryRequested: "retry_requested",
    Failed: "error",
    TimedOut: "timeout",
    OutOfMemory: "out_of_memory",
    PlatformError: "platform_error",
}


class Engine:
    """Queues, retries, limits, concurrency keys, product events and the key-value store.

    `chance` gives numbers from 0 up to 1 and `new_id` fresh ids; both come from the run's seed.
    `minimum_timeout` is a floor under every timeout, for clocks so fast that a handler's real
    computing time would count as minutes.
    """

    def __init__(
        self,
        app: App,
        settings: s.Settings,
        *,
        epoch_ms: int,
        new_id: Callable[[], str],
        chance: Callable[[], float],
        minimum_timeout: Millis = 0,
    ) -> None:
        self.app = app
        self.settings = settings
        self.epoch_ms = epoch_ms
        self.installation = Installation.new(new_id)
        self.paused = False
        self._new_id = new_id
        self._chance = chance
        self._journal = Journal(epoch_ms)
        self._dispatcher = Dispatcher(
            app, settings, self.installation, self._journal, new_id, minimum_timeout
        )
        self._products = Products(self._journal, settings)
        self._store = KvsStore(settings, epoch_ms)
        self._gate = PushGate(settings, push_meter(settings))
        self._jobs = Jobs()
        self._schedule: Schedule[Due] = Schedule()
        self._timeouts: dict[str, Entry[Due]] = {}
        self._open: dict[str, Delivery] = {}
        self._pushes: dict[str, int] = {}
        self._async_policy = retry.async_policy(settings)
        self._product_policy = retry.product_policy(settings)
        self._concurrency_backoff = retry.concurrency_backoff(settings)
        self._shuffled = settings[s.DELIVERY_ORDER] == "shuffle"
        self._invocations: list[Invocation] = []
        self._aborts: list[str] = []
        self._unconsumed: set[str] = set()

    # --- inputs -------------------------------------------------------------------------------

    def note(self, body: AnyBody, now: Instant) -> None:
        """Put something that happened outside the engine into the records."""
        self._journal.note(body, now)

    def send(self, event: ProductEvent, now: Instant) -> None:
        """A product event happened: hand it to the triggers that listen to it."""
        for delivery in self._products.accept(event, subject_of(event.payload), self.app, now):
            self._open[delivery.id] = delivery
            self._dispatcher.ready.add(now, delivery, self._tie())
        self._admit(now)

    def push(self, request: PushRequest, now: Instant) -> str:
        """Put the events of a push on their queue and answer the job's id.

        Raises Fault when all of it is refused, or (202) when parts of it are.
        """
        running = self._dispatcher.running.get(request.invocation_id)
        origin = running.delivery.origin if running else request.invocation_id
        pushes = self._pushes.get(origin, 0)
        try:
            failed = self._gate.admit(request, self.app, pushes, now)
            slots = [self._slot_of(item.concurrency, now) for item in request.items]
        except Fault as fault:
            self._refused(request, len(request.items), fault, now)
            raise
        self._pushes[origin] = pushes + 1
        left_out = {index for index, _ in failed}
        for index, item in enumerate(request.items):
            if index in left_out:
                continue
            delay = delay_of(item.delay_in_seconds, self.settings[s.ASYNC_FRACTIONAL_DELAY]) or 0
            key, most = slots[index]
            event = QueuedEvent(
                self._new_id(), origin, now, now + delay,
                queue=request.queue, job_id=request.job_id, item=item,
                size_bytes=request.item_bytes[index], legacy=request.legacy, key=key, slots=most,
            )  # fmt: skip
            self._accept(event, request.invocation_id, now)
        if failed:
            fault = Fault(
                202,
                {"failedEvents": [{"index": i, "errorMessage": why} for i, why in failed]},
                limit=s.PUSH_EVENTS_PER_MINUTE.name,
            )
            self._refused(request, len(failed), fault, now)
            raise fault
        return request.job_id

    def kvs(self, request: KvsRequest, now: Instant) -> KvsResponse:
        """A call of the key-value store. Raises Fault when it is refused."""
        try:
            response, done = self._store.apply(request, now)
        except Fault as fault:
            operation = f"{request.operation}_secret" if request.secret else request.operation
            self._journal.note(
                KvsRefused(
                    operation=operation,
                    key=request.key if isinstance(request.key, str) else repr(request.key),
                    code=str(fault.body.get("code", "UNKNOWN_ERROR")),
                    status=fault.status,
                    limit=fault.limit,
                    invocation_id=request.invocation_id,
                ),
                now,
            )
            raise
        self._journal.note(done, now)
        return response

    def finish(self, invocation_id: str, outcome: Outcome, now: Instant) -> None:
        """An invocation ended. Unknown ids (it was timed out before) are ignored."""
        lost = isinstance(outcome, TimedOut | OutOfMemory | PlatformError)
        running = self._dispatcher.finish(invocation_id, lost=lost)
        if running is None:
            return
        if entry := self._timeouts.pop(invocation_id, None):
            self._schedule.remove(entry)
        outcome = self._checked(outcome)
        delivery = running.delivery
        self._journal.note(
            InvocationFinished(
                invocation_id=invocation_id,
                function=running.invocation.function,
                outcome=_OUTCOME_NAMES[type(outcome)],
                duration_ms=now - running.started_at,
                error=getattr(outcome, "error", None),
                **_id_of(delivery),
            ),
            now,
        )
        self._settle(delivery, outcome, now)
        self._admit(now)

    def cancel(self, job_id: str, queue: str | None, now: Instant) -> None:
        """Cancel what of a job has not started, waiting retries included. Raises Fault (404)."""
        job = self._jobs.find(job_id, queue)
        job.cancelled = True
        for event in list(job.open.values()):
            if event.state is not State.RUNNING:
                self._end(event, State.CANCELLED, "", now)

    def stats(self, job_id: str, queue: str | None = None) -> JobStats:
        """How far a job is. Raises Fault (404)."""
        return self._jobs.stats(job_id, queue)

    def reload(self, app: App, now: Instant) -> None:
        """Use the new app from now on; invocations under way finish on the old one."""
        self.app = app
        self._dispatcher.renew(app)
        self._unconsumed.clear()
        self._admit(now)

    def wake(self, now: Instant) -> None:
        """Do what has become due."""
        while (due := self._schedule.pop_due(now)) is not None:
            self._come_due(due, now)
        self._admit(now)

    # --- what the developer can do by hand ----------------------------------------------------

    def pause(self) -> None:
        """Start nothing more; due events wait in line."""
        self.paused = True

    def resume(self, now: Instant) -> None:
        """Deliver again."""
        self.paused = False
        self._admit(now)

    def step(self, now: Instant) -> bool:
        """While paused, deliver the first of the line; False when nothing is due."""
        while self._dispatcher.ready.peek() is not None and not self._dispatcher.instances.full:
            if self._start_next(now):
                return True
        return False

    def run_now(self, id: str, now: Instant) -> bool:
        """Skip the wait of an event, or of all deliveries of a product event."""
        found = [d for d in self._named(id) if d.state in (State.SCHEDULED, State.WAITING)]
        for delivery in found:
            if delivery.entry:
                self._schedule.remove(delivery.entry)
            self._make_ready(delivery, now)
        self._admit(now)
        return bool(found)

    # --- outputs ------------------------------------------------------------------------------

    def next_wakeup(self) -> Instant | None:
        """When something will be due; None when nothing is scheduled."""
        return self._schedule.next_due()

    def next_delivery(self) -> Instant | None:
        """When the first event that waits for its time will be due."""
        waiting = (State.SCHEDULED, State.WAITING)
        return min((d.due_at for d in self._open.values() if d.state in waiting), default=None)

    def take_invocations(self) -> list[Invocation]:
        """The invocations to start, since the last call."""
        taken, self._invocations = self._invocations, []
        return taken

    def take_aborts(self) -> list[str]:
        """The invocations that were timed out, since the last call."""
        taken, self._aborts = self._aborts, []
        return taken

    def take_records(self) -> list[Record]:
        """The records since the last call."""
        return self._journal.take()

    @property
    def generation(self) -> int:
        """Which load of the app's code new invocations run on."""
        return self._dispatcher.generation

    @property
    def pending(self) -> int:
        """How many deliveries have not reached a terminal state."""
        return len(self._open)

    @property
    def running(self) -> int:
        """How many invocations are under way."""
        return len(self._dispatcher.running)

    def generations_running(self) -> set[int]:
        """The loads of the app's code that something runs on."""
        return {r.invocation.generation for r in self._dispatcher.running.values()}

    def open_deliveries(self, limit: int) -> list[dict[str, Json]]:
        """Up to `limit` open deliveries by due time, as plain values for people and programs."""
        first = sorted(self._open.values(), key=lambda d: (d.due_at, d.created_at))[:limit]
        return [
            {
                **_id_of(d),
                **(
                    {"queue": d.queue, "job_id": d.job_id}
                    if isinstance(d, QueuedEvent)
                    else {"trigger": getattr(d, "trigger", None)}
                ),
                "state": str(d.state),
                "due_at": d.due_at,
                "attempts": d.attempts,
                "retry_count": d.retry_count,
                "retry_reason": d.retry_reason,
            }
            for d in first
        ]

    def usage(self, now: Instant) -> list[LimitUsage]:
        """How much of each limited resource is in use."""
        usage = [self._gate.meter.usage(now), *self._store.usage(now)]
        if self._dispatcher.meter.limit is not None:
            usage.append(self._dispatcher.meter.usage(now))
        return usage

    # --- inside -------------------------------------------------------------------------------

    def _tie(self) -> float:
        return self._chance() if self._shuffled else 0.0

    def _named(self, id: str) -> list[Delivery]:
        if found := self._open.get(id):
            return [found]
        return [
            d
            for d in self._open.values()
            if isinstance(d, TriggerDelivery) and d.event.product_event_id == id
        ]

    def _slot_of(self, concurrency: Json, now: Instant) -> tuple[str | None, int]:
        key, most, problem = read_concurrency(concurrency)
        if problem:
            if self.settings[s.ASYNC_INVALID_CONCURRENCY] == "refuse":
                body = {"code": "INVALID_CONCURRENCY", "message": problem}
                raise Fault(400, body, limit=s.ASYNC_INVALID_CONCURRENCY.name)
            self._journal.note(Log(level="warn", message=f"{problem}: it is ignored"), now)
        return key, most

    def _accept(self, event: QueuedEvent, invocation_id: str, now: Instant) -> None:
        self._open[event.id] = event
        self._jobs.add(event)
        event.window_end = retry.window_end(event.history, self._async_policy, platform_error=False)
        event.entry = self._schedule.add(event.due_at, Due("deliver", event), self._tie())
        self._journal.note(
            EventPushed(
                event_id=event.id,
                job_id=event.job_id,
                queue=event.queue,
                due_at=event.due_at,
                size_bytes=event.size_bytes,
                invocation_id=invocation_id,
            ),
            now,
        )
        if self.app.consumer_of(event.queue) is None and event.queue not in self._unconsumed:
            self._unconsumed.add(event.queue)
            message = (
                f"Queue {event.queue!r} has no consumer: its events will be dropped when due. "
                f"Add a consumer with `queue: {event.queue}` to {self.app.manifest}."
            )
            self._journal.note(Log(level="warn", message=message), now)

    def _refused(self, request: PushRequest, events: int, fault: Fault, now: Instant) -> None:
        message = fault.body.get("errorMessage") or fault.body.get("message")
        if message is None and (parts := fault.body.get("failedEvents")):
            message = parts[0]["errorMessage"]
        self._journal.note(
            PushRefused(
                queue=request.queue,
                events=events,
                error=error_class(fault.status),
                limit=fault.limit or "",
                status=fault.status,
                message=str(message or ""),
                invocation_id=request.invocation_id,
            ),
            now,
        )

    def _come_due(self, due: Due, now: Instant) -> None:
        if due.kind == "timeout":
            invocation_id = due.reason
            running = self._dispatcher.running[invocation_id]
            self._timeouts.pop(invocation_id, None)
            self._aborts.append(invocation_id)
            limit = running.invocation.timeout_ms / 1000
            report = ErrorReport(
                "TimeoutError", f"Function timed out. Limit of {limit:.2f} seconds"
            )
            self.finish(invocation_id, TimedOut(report), now)
        elif due.kind == "drop":
            self._end(due.delivery, State.DROPPED, due.reason, now)
        else:
            self._make_ready(due.delivery, now)

    def _make_ready(self, delivery: Delivery, now: Instant) -> None:
        delivery.entry = None
        delivery.become(State.READY)
        self._dispatcher.ready.add(delivery.due_at, delivery, self._tie())

    def _admit(self, now: Instant) -> None:
        while (
            not self.paused
            and not self._dispatcher.instances.full
            and self._dispatcher.ready.peek() is not None
        ):
            self._start_next(now)

    def _start_next(self, now: Instant) -> bool:
        """Take the first of the line; True when it started."""
        delivery = self._dispatcher.ready.pop()
        if delivery is None or delivery.state is not State.READY:
            return False
        if delivery.window_end is not None and now > delivery.window_end:
            self._end(delivery, State.DROPPED, "retention_window", now)
            return False
        verdict = self._dispatcher.start(delivery, now)
        if isinstance(verdict, Unwanted):
            reason = "no_consumer" if isinstance(delivery, QueuedEvent) else "no_trigger"
            self._end(delivery, State.DROPPED, reason, now)
            return False
        if isinstance(verdict, Blocked):
            self._defer(delivery, verdict.limit, now)
            return False
        self._timeouts[verdict.invocation_id] = self._schedule.add(
            verdict.deadline, Due("timeout", delivery, verdict.invocation_id)
        )
        self._invocations.append(verdict)
        return True

    def _defer(self, delivery: Delivery, limit: str, now: Instant) -> None:
        delivery.become(State.WAITING)
        wait = self._concurrency_backoff.wait(delivery.deferrals, self._chance())
        delivery.deferrals += 1
        due_at = now + max(wait, 1)
        if isinstance(delivery, QueuedEvent):
            end = delivery.window_end
            if end is not None and due_at > end:
                self._wait(delivery, Due("drop", delivery, "retention_window"), end)
                return
            self._journal.note(
                EventDeferred(
                    event_id=delivery.id, queue=delivery.queue, limit=limit, due_at=due_at
                ),
                now,
            )
        self._wait(delivery, Due("deliver", delivery), due_at)

    def _wait(self, delivery: Delivery, due: Due, due_at: Instant) -> None:
        delivery.due_at = due_at
        delivery.entry = self._schedule.add(due_at, due, self._tie())

    def _checked(self, outcome: Outcome) -> Outcome:
        """The outcome, where `retryData` over its limit may make it an error."""
        limit = self.settings[s.PUSH_RETRY_DATA_KB]
        if (
            not isinstance(outcome, RetryRequested)
            or limit is None
            or outcome.data_bytes <= limit * 1024
        ):
            return outcome
        if self.settings[s.ASYNC_RETRY_DATA] == "drop":
            return RetryRequested(outcome.retry_after, outcome.retry_reason, None, 0)
        message = (
            f"retryData is {outcome.data_bytes} bytes of JSON, more than the {limit} KB allowed "
            f"({s.PUSH_RETRY_DATA_KB.name})"
        )
        return Failed(ErrorReport("RetryDataTooLarge", message))

    def _settle(self, delivery: Delivery, outcome: Outcome, now: Instant) -> None:
        queued = isinstance(delivery, QueuedEvent)
        policy = self._async_policy if queued else self._product_policy
        decision = retry.decide(outcome, delivery.history, policy, now, self._chance)
        if isinstance(decision, retry.Done):
            self._end(delivery, State.SUCCEEDED, "", now)
        elif isinstance(delivery, QueuedEvent) and self._jobs.find(delivery.job_id, None).cancelled:
            self._end(delivery, State.CANCELLED, "", now)
        elif isinstance(decision, retry.Retry):
            self._retry(delivery, decision, policy, now)
        elif decision.at > now:
            delivery.become(State.WAITING)
            self._wait(delivery, Due("drop", delivery, decision.reason), decision.at)
        else:
            self._end(delivery, State.DROPPED, decision.reason, now)

    def _retry(
        self, delivery: Delivery, again: retry.Retry, policy: retry.Policy, now: Instant
    ) -> None:
        if again.counted:
            delivery.retry_count += 1
        else:
            delivery.platform_errors += 1
        delivery.retry_reason = again.reason
        delivery.retry_data = again.data
        delivery.window_end = retry.window_end(delivery.history, policy, platform_error=False)
        delivery.become(State.WAITING)
        self._wait(delivery, Due("deliver", delivery), again.at)
        where = (
            {"queue": delivery.queue}
            if isinstance(delivery, QueuedEvent)
            else {"trigger": str(getattr(delivery, "trigger", ""))}
        )
        self._journal.note(
            RetryScheduled(
                retry_count=delivery.retry_count,
                retry_reason=again.reason,
                retry_after_ms=again.at - now,
                due_at=again.at,
                asked_by=again.asked_by,
                clamped_from_ms=again.clamped_from,
                **_id_of(delivery),
                **where,
            ),
            now,
        )

    def _end(self, delivery: Delivery, state: State, reason: str, now: Instant) -> None:
        """Bring a delivery to a terminal state and record it."""
        assert state in TERMINAL
        delivery.become(state)
        del self._open[delivery.id]
        if delivery.entry:
            self._schedule.remove(delivery.entry)
            delivery.entry = None
        if isinstance(delivery, TriggerDelivery):
            self._products.settle(delivery, reason, now)
            return
        assert isinstance(delivery, QueuedEvent)
        self._jobs.settle(delivery)
        ended = {
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


def _id_of(delivery: Delivery) -> dict[str, str]:
    """`event_id` or `product_event_id`, whichever applies."""
    if isinstance(delivery, TriggerDelivery):
        return {"product_event_id": delivery.event.product_event_id}
    return {"event_id": delivery.id}
