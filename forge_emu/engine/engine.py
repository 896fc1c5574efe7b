"""The platform below an app, clock-free: every input carries `now`, every answer is a value.

Inputs are pushes, product events, calls of the store and ends of invocations; outputs are
invocations to start, invocations to abort and records of what happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from forge_emu import settings as s
from forge_emu.engine.delivery.admin import WAITING, QueueAdmin, delivery_fields
from forge_emu.engine.delivery.cyclic_pushes import PushChains
from forge_emu.engine.delivery.deliveries import Deliveries, id_fields
from forge_emu.engine.delivery.delivery import (
    Delivery,
    DueAction,
    Duplicate,
    QueuedEvent,
    State,
    TriggerDelivery,
)
from forge_emu.engine.delivery.dispatcher import Blocked, Dispatcher, NoHandler
from forge_emu.engine.delivery.handler_arguments import Installation, subject_of
from forge_emu.engine.delivery.jobs import Jobs
from forge_emu.engine.delivery.pauses import PausedQueues
from forge_emu.engine.delivery.product_events import ProductEvents
from forge_emu.engine.delivery.push import PushHandler
from forge_emu.engine.delivery.schedule import ScheduleEntry
from forge_emu.engine.dirty import Dirty
from forge_emu.engine.faults.injector import FaultInjector
from forge_emu.engine.faults.rules import (
    KVS_LATENCY,
    PRODUCT_LATENCY,
    FaultRule,
    FaultRules,
    RandomStreams,
)
from forge_emu.engine.journal.journal import Journal
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.engine.kvs.calls import KvsCalls
from forge_emu.engine.kvs.entities import entities_of
from forge_emu.engine.kvs.store import KvsStore
from forge_emu.engine.latencies import Latencies
from forge_emu.engine.snapshot.parts import EngineParts
from forge_emu.engine.snapshot.restore import SnapshotRestorer
from forge_emu.engine.snapshot.save import SnapshotWriter
from forge_emu.engine.snapshot.shapes import EngineChanges, EngineSnapshot
from forge_emu.model import (
    App,
    ErrorReport,
    Instant,
    Invocation,
    JobStats,
    Json,
    KvsRequest,
    LimitUsage,
    Millis,
    Outcome,
    OutOfMemory,
    PlatformError,
    ProductEvent,
    PushRequest,
    RetryRequested,
    StoredValue,
    TimedOut,
)
from forge_emu.records import (
    AnyBody,
    EmulatorRestarted,
    InvocationFinished,
    Record,
)


class Engine:
    """Queues, retries, limits, concurrency keys, product events and the key-value store.

    `chance` gives numbers from 0 up to 1 and `new_id` fresh ids; both come from the run's seed.
    `latency_chance` is a stream for latencies alone, so that they change nothing else.
    `minimum_timeout` is a floor under every timeout, for clocks so fast that a handler's real
    computing time would count as minutes. `faults` and duplicates are drawn from
    `stream`; without it they share `chance`. `secrets` are masked in records; the values that the
    app stores as secrets are added to them.
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
        latency_chance: Callable[[], float] = lambda: 0.5,
        faults: Sequence[FaultRule] = (),
        stream: RandomStreams | None = None,
        secrets: Secrets | None = None,
    ) -> None:
        stream = stream or (lambda name: chance)
        self.latencies = Latencies(settings, latency_chance)
        self.app = app
        self.settings = settings
        self.epoch_ms = epoch_ms
        self.installation = Installation.new(new_id)
        self.paused = False
        dirty = Dirty()
        self.secrets = Secrets() if secrets is None else secrets
        self._update_public_texts(app)
        self._journal = Journal(epoch_ms, self.secrets)
        self._jobs = Jobs(dirty, settings[s.ASYNC_JOBS_KEPT])
        push_chains = PushChains(dirty)
        self._product_events = ProductEvents(self._journal, settings, self.latencies, dirty)
        self._kvs_store = KvsStore(settings, epoch_ms, dirty)
        self._kvs_store.declared_entities = entities_of(app.storage)
        self._deliveries = Deliveries(
            settings,
            self._journal,
            self._product_events,
            self._jobs,
            chance,
            stream("duplicates"),
            dirty,
            push_chains,
        )
        self.faults = FaultRules(faults, stream)
        self._fault_injector = FaultInjector(self.faults, self._journal)
        self.kvs = KvsCalls(self._kvs_store, self._fault_injector, self._journal)
        self.call_kvs = self.kvs.call
        self._push_handler = PushHandler(
            settings, self._journal, self._deliveries, new_id, push_chains
        )
        self._dispatcher = Dispatcher(
            app, settings, self.installation, self._journal, new_id, minimum_timeout,
            self.latencies, dirty,
        )  # fmt: skip
        self._parts = EngineParts(
            dirty,
            self._journal,
            self._jobs,
            self._product_events,
            self._kvs_store,
            self._deliveries,
            self._push_handler,
            self._dispatcher,
            PausedQueues(),
        )
        self._snapshot_writer = SnapshotWriter(self._parts)
        self.queue_admin = QueueAdmin(self._parts, new_id)
        self._timeouts: dict[str, ScheduleEntry[DueAction]] = {}
        self._invocations: list[Invocation] = []
        self._aborts: list[str] = []

    # --- snapshots ----

    def track_changes(self) -> None:
        """From now on, track what changes, for `take_changes`. Called before anything happens."""
        self._snapshot_writer.start()

    def restore(self, saved: EngineSnapshot, now: Instant, *, away_ms: Millis, clean: bool) -> None:
        """Restore the state of an earlier engine, before anything else, and track changes from now
        on.

        `away_ms` is the emulated time since then; `clean` says whether that one was stopped well.
        """
        self.installation = self._dispatcher.installation = saved.installation
        self._journal.seq = saved.seq
        self._snapshot_writer.away_ms = saved.away_ms + away_ms
        self._snapshot_writer.start(saved)
        self.secrets.add_saved_values(saved.values)
        restorer = SnapshotRestorer(self._parts, saved, now, away_ms)
        restorer.restore()
        self.paused = self.queue_admin.pauses.all_paused
        self._journal.record(
            EmulatorRestarted(
                previous_end=saved.at,
                clean=clean,
                away_ms=away_ms,
                pending=self.pending,
                overdue=restorer.overdue,
                interrupted=len(restorer.interrupted),
            ),
            now,
        )
        for ended in restorer.interrupted:
            self._journal.record(ended, now)

    def take_changes(self, *, everything: bool = False) -> EngineChanges:
        """What has changed since the last call, or all there is."""
        return (
            self._snapshot_writer.take_everything()
            if everything
            else self._snapshot_writer.take_changes()
        )

    @property
    def away_ms(self) -> Millis:
        """How long no emulator ran since the state began."""
        return self._snapshot_writer.away_ms

    @property
    def last_seq(self) -> int:
        """The number of the last record."""
        return self._journal.seq

    # --- inputs -------------------------------------------------------------------------------

    def record(self, body: AnyBody, now: Instant) -> None:
        """Record something that happened outside the engine."""
        self._journal.record(body, now)

    def send_product_event(self, event: ProductEvent, now: Instant) -> None:
        """Send a product event to the triggers that listen to it."""
        self.enqueue_product_event(event, now)
        self._start_ready(now)

    def enqueue_product_event(self, event: ProductEvent, now: Instant) -> None:
        """As `send_product_event`, but nothing starts before the next `wake`: so the first of many
        that happen
        at once is not always the first in line."""
        for delivery in self._product_events.create_deliveries(
            event, subject_of(event.payload), self.app, now
        ):
            self._deliveries.add_delivery(delivery, now)

    def push(self, request: PushRequest, now: Instant) -> str:
        """Put the events of a push on their queue and answer the job's id.

        Raises Fault when all of it is refused, or (202) when parts of it are.
        """
        running = self._dispatcher.running.get(request.invocation_id)
        origin = running.delivery.origin if running else request.invocation_id
        self._push_handler.enqueue_push(request, self.app, origin, now)
        return request.job_id

    def kvs_latency(self, invocation_id: str | None, now: Instant) -> Millis:
        """The latency of this answer of the store."""
        return self._fault_injector.apply_latency_faults(
            self.latencies.kvs(), KVS_LATENCY, invocation_id, now
        )

    def inject_product_fault(self, invocation_id: str | None, now: Instant) -> None:
        """Raise Fault if a fault rule hits this request to a product."""
        self._fault_injector.inject_product_error(invocation_id, now)

    def product_latency(self, invocation_id: str | None, now: Instant) -> Millis:
        """The latency of this answer of a product."""
        latency = self.latencies.product()
        return self._fault_injector.apply_latency_faults(
            latency, PRODUCT_LATENCY, invocation_id, now
        )

    def edit_kvs(self, request: KvsRequest, now: Instant) -> None:
        """A `set` or `delete` by the developer, past the rate limits. Raises Fault."""
        self.kvs.edit(request, now)

    def check_kvs(self, request: KvsRequest) -> None:
        """Whether `edit_kvs` would accept `request`. Raises Fault."""
        self.kvs.check(request)

    def kvs_items(self, prefix: str, now: Instant, *, secret: bool) -> Iterator[StoredValue]:
        """What the store holds, by key."""
        return self.kvs.items(prefix, now, secret=secret)

    def end_invocation(self, invocation_id: str, outcome: Outcome, now: Instant) -> None:
        """An invocation ended. Unknown ids (it was timed out before) are ignored."""
        running = self._dispatcher.running.get(invocation_id)
        if running is None or self._fault_injector.withhold_outcome(
            invocation_id, running.delivery, outcome, now
        ):
            return
        outcome, injected = self._fault_injector.apply_to_outcome(
            invocation_id, running.delivery, outcome, now
        )
        # A handler whose outcome a fault replaced has ended normally: its instance is reused.
        discard_instance = not injected and isinstance(
            outcome, TimedOut | OutOfMemory | PlatformError
        )
        self._dispatcher.end_invocation(running, discard_instance=discard_instance)
        if entry := self._timeouts.pop(invocation_id, None):
            self._deliveries.schedule.remove(entry)
        retry_data_bytes = outcome.data_bytes if isinstance(outcome, RetryRequested) else 0
        outcome = self._deliveries.check_retry_data(outcome)
        self._journal.record(
            InvocationFinished(
                invocation_id=invocation_id,
                function=running.invocation.function,
                outcome=str(outcome.__struct_config__.tag),
                duration_ms=now - running.started_at,
                error=getattr(outcome, "error", None),
                retry_data_bytes=retry_data_bytes or None,
                duplicate=isinstance(running.delivery, Duplicate),
                **id_fields(running.delivery),
            ),
            now,
        )
        self._deliveries.apply_outcome(running.delivery, outcome, now)
        self._start_ready(now)

    def cancel_job(self, job_id: str, queue: str | None, now: Instant) -> None:
        """Cancel what of a job has not started, waiting retries included. Raises Fault (404)."""
        for event in self._jobs.cancel_job(job_id, queue):
            if event.state is not State.RUNNING:
                self._deliveries.end_delivery(event, State.CANCELLED, "", now)

    def job_stats(self, job_id: str, queue: str | None = None) -> JobStats:
        """How far a job is. Raises Fault (404)."""
        return self._jobs.job_stats(job_id, queue)

    def reload_app(self, app: App, generation: int, now: Instant) -> None:
        """Use the new app from now on; invocations under way finish on the old one."""
        self.app = app
        self._update_public_texts(app)
        self._dispatcher.reload_app(app, generation)
        self._kvs_store.declared_entities = entities_of(app.storage)
        self._push_handler.forget_warnings()
        self._start_ready(now)

    def wake(self, now: Instant) -> None:
        """Do what has become due."""
        while (due := self._deliveries.schedule.pop_due(now)) is not None:
            if due.kind == "timeout":
                self._time_out(due.reason, now)
            elif due.kind == "drop":
                self._deliveries.end_delivery(due.delivery, State.DROPPED, due.reason, now)
            else:
                self._deliveries.make_delivery_ready(due.delivery)
        self._start_ready(now)

    def set_minimum_timeout(self, minimum: Millis) -> None:
        """Change the floor under the timeouts of what starts from now on."""
        self._dispatcher.minimum_timeout = minimum

    # --- delivery control ----

    def pause_delivery(self, *, persistent: bool = False) -> None:
        """Start nothing more; due events wait in line, after a restart too if `persistent`."""
        self.paused = True
        self.queue_admin.pauses.all_paused |= persistent

    def resume_delivery(self, now: Instant) -> None:
        """Deliver again."""
        self.paused = self.queue_admin.pauses.all_paused = False
        self._start_ready(now)

    def deliver_next(self, now: Instant) -> bool:
        """While paused, deliver the first of the line; False when nothing is due."""
        while self._can_start():
            if self._start_next(now):
                return True
        return False

    def run_now(self, id: str, now: Instant) -> bool:
        """Skip the wait of an event, or of all deliveries of a product event."""
        found = self.queue_admin.run_deliveries_now([d.id for d in self._find_deliveries(id)], now)
        self._start_ready(now)
        return found > 0

    # --- outputs ------------------------------------------------------------------------------

    def next_wakeup(self) -> Instant | None:
        """When something will be due; None when nothing is scheduled."""
        return self._deliveries.schedule.next_due()

    def next_delivery_due(self) -> Instant | None:
        """When the first event that waits for its time will be due."""
        due = (d.due_at for d in self._deliveries.open.values() if d.state in WAITING)
        return min(due, default=None)

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
        return self._journal.take_records()

    @property
    def generation(self) -> int:
        """Which load of the app's code new invocations run on."""
        return self._dispatcher.generation

    @property
    def pending(self) -> int:
        """How many deliveries have not reached a terminal state."""
        return len(self._deliveries.open)

    @property
    def running(self) -> int:
        """How many invocations are under way."""
        return len(self._dispatcher.running)

    def generations_running(self) -> set[int]:
        """The loads of the app's code that something runs on."""
        return {r.invocation.generation for r in self._dispatcher.running.values()}

    def open_deliveries(self, limit: int) -> list[dict[str, Json]]:
        """Up to `limit` open deliveries by due time, as plain values for people and programs."""
        every = self._deliveries.open.values()
        shown = sorted(every, key=lambda d: (d.due_at, d.id))[:limit]
        return [delivery_fields(d, self.secrets) for d in shown]

    def usage(self, now: Instant) -> list[LimitUsage]:
        """How much of each limited resource is in use."""
        usage = [self._push_handler.usage(now), *self._kvs_store.usage(now)]
        if self._dispatcher.meter.limit is not None:
            usage.append(self._dispatcher.meter.usage(now))
        return usage

    # --- inside -------------------------------------------------------------------------------

    def _update_public_texts(self, app: App) -> None:
        self.secrets.public_texts = frozenset(consumer.queue for consumer in app.consumers)

    def _can_start(self) -> bool:
        return not self._dispatcher.instances.full and self._deliveries.ready.peek() is not None

    def _start_ready(self, now: Instant) -> None:
        while not self.paused and self._can_start():
            self._start_next(now)

    def _start_next(self, now: Instant) -> bool:
        """Take the first of the line; True when it started."""
        delivery = self._deliveries.pop_ready(now)
        if delivery is None or self.queue_admin.pauses.hold_if_paused(delivery):
            return False
        result = self._dispatcher.start_invocation(delivery, now)
        if isinstance(result, NoHandler):
            reason = "no_consumer" if isinstance(delivery, QueuedEvent) else "no_trigger"
            self._deliveries.end_delivery(delivery, State.DROPPED, reason, now)
            return False
        if isinstance(result, Blocked):
            self._deliveries.defer_delivery(delivery, result.limit, now)
            return False
        self._timeouts[result.invocation_id] = self._deliveries.schedule.add(
            result.deadline, DueAction("timeout", delivery, result.invocation_id)
        )
        self._fault_injector.plan_invocation_fault(result.invocation_id, now)
        self._invocations.append(result)
        return True

    def _time_out(self, invocation_id: str, now: Instant) -> None:
        limit = self._dispatcher.running[invocation_id].invocation.timeout_ms / 1000
        self._timeouts.pop(invocation_id, None)
        self._aborts.append(invocation_id)
        report = ErrorReport("TimeoutError", f"Function timed out. Limit of {limit:.2f} seconds")
        self.end_invocation(invocation_id, TimedOut(report), now)

    def _find_deliveries(self, id: str) -> list[Delivery]:
        if found := self._deliveries.open.get(id):
            return [found]
        return [
            d
            for d in self._deliveries.open.values()
            if isinstance(d, TriggerDelivery) and d.event.product_event_id == id
        ]
