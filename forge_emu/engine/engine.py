"""The platform below an app, clock-free: every input carries `now`, every answer is a value.

Inputs are pushes, product events, calls of the store and ends of invocations; outputs are
invocations to start, invocations to abort and records of what happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from forge_emu import settings as s
from forge_emu.engine.delivery.admin import WAITING, ByHand, described
from forge_emu.engine.delivery.cyclic_pushes import Chains
from forge_emu.engine.delivery.deliveries import Deliveries, id_of
from forge_emu.engine.delivery.delivery import (
    Delivery,
    Due,
    Duplicate,
    QueuedEvent,
    State,
    TriggerDelivery,
)
from forge_emu.engine.delivery.dispatcher import Blocked, Dispatcher, Unwanted
from forge_emu.engine.delivery.handler_arguments import Installation, subject_of
from forge_emu.engine.delivery.jobs import Jobs
from forge_emu.engine.delivery.pauses import Pauses
from forge_emu.engine.delivery.product_events import Products
from forge_emu.engine.delivery.push import Intake
from forge_emu.engine.delivery.schedule import Entry
from forge_emu.engine.dirty import Dirty
from forge_emu.engine.faults.injector import Injection
from forge_emu.engine.faults.rules import (
    KVS_LATENCY,
    PRODUCT_LATENCY,
    FaultRule,
    Faults,
    Stream,
)
from forge_emu.engine.journal.journal import Journal
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.engine.kvs.calls import KvsCalls
from forge_emu.engine.kvs.entities import entities_of
from forge_emu.engine.kvs.requests import KvsMany, ManyCall
from forge_emu.engine.kvs.store import KvsStore
from forge_emu.engine.latencies import Latencies
from forge_emu.engine.snapshot.parts import Parts
from forge_emu.engine.snapshot.restore import Restoring
from forge_emu.engine.snapshot.save import Saver
from forge_emu.engine.snapshot.shapes import Changes, Saved
from forge_emu.model import (
    App,
    ErrorReport,
    Instant,
    Invocation,
    JobStats,
    Json,
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
    computing time would count as minutes. `faults` strike by chance from `stream`, as duplicates
    do; without it they share `chance`. `secrets` are kept out of records; those that the app puts
    into the store are learnt.
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
        stream: Stream | None = None,
        secrets: Secrets | None = None,
    ) -> None:
        stream = stream or (lambda name: chance)
        self.latencies = Latencies(settings, latency_chance)
        self.app = app
        self.settings = settings
        self.epoch_ms = epoch_ms
        self.installation = Installation.new(new_id)
        self.paused = False
        touched = Dirty()
        self.secrets = Secrets() if secrets is None else secrets
        self._spare(app)
        self._journal = Journal(epoch_ms, self.secrets)
        self._jobs = Jobs(touched, settings[s.ASYNC_JOBS_KEPT])
        chains = Chains(touched)
        self._products = Products(self._journal, settings, self.latencies, touched)
        self._store = KvsStore(settings, epoch_ms, touched)
        self._store.entities = entities_of(app.storage)
        self._settlement = Deliveries(
            settings,
            self._journal,
            self._products,
            self._jobs,
            chance,
            stream("duplicates"),
            touched,
            chains,
        )
        self.faults = Faults(faults, stream)
        self._injection = Injection(self.faults, self._journal)
        self._kvs = KvsCalls(self._store, self._injection, self._journal)
        self._intake = Intake(settings, self._journal, self._settlement, new_id, chains)
        self._dispatcher = Dispatcher(
            app, settings, self.installation, self._journal, new_id, minimum_timeout,
            self.latencies, touched,
        )  # fmt: skip
        self._parts = Parts(
            touched, self._journal, self._jobs, self._products, self._store, self._settlement,
            self._intake, self._dispatcher, Pauses(),
        )  # fmt: skip
        self._saver = Saver(self._parts)
        self.by_hand = ByHand(self._parts, new_id)
        self._timeouts: dict[str, Entry[Due]] = {}
        self._invocations: list[Invocation] = []
        self._aborts: list[str] = []

    # --- outliving a process ------------------------------------------------------------------

    def keep_changes(self) -> None:
        """From now on, note what changes, for `take_changes`. Called before anything happens."""
        self._saver.begin()

    def restore(self, saved: Saved, now: Instant, *, away_ms: Millis, clean: bool) -> None:
        """Go on from what another engine was, as the first thing, and note changes from now on.

        `away_ms` is the emulated time since then; `clean` says whether that one was stopped well.
        """
        self.installation = self._dispatcher.installation = saved.installation
        self._journal.seq = saved.seq
        self._saver.away_ms = saved.away_ms + away_ms
        self._saver.begin(saved)
        self.secrets.learn_saved(saved.values)
        restoring = Restoring(self._parts, saved, now, away_ms)
        restoring.restore()
        self.paused = self.by_hand.pauses.everything
        self._journal.note(
            EmulatorRestarted(
                previous_end=saved.at,
                clean=clean,
                away_ms=away_ms,
                pending=self.pending,
                overdue=restoring.overdue,
                interrupted=len(restoring.interrupted),
            ),
            now,
        )
        for ended in restoring.interrupted:
            self._journal.note(ended, now)

    def take_changes(self, *, everything: bool = False) -> Changes:
        """What has changed since the last call, or all there is."""
        return self._saver.everything() if everything else self._saver.changes()

    @property
    def away_ms(self) -> Millis:
        """How long no emulator ran since the state began."""
        return self._saver.away_ms

    @property
    def last_seq(self) -> int:
        """The number of the last record."""
        return self._journal.seq

    # --- inputs -------------------------------------------------------------------------------

    def note(self, body: AnyBody, now: Instant) -> None:
        """Put something that happened outside the engine into the records."""
        self._journal.note(body, now)

    def send(self, event: ProductEvent, now: Instant) -> None:
        """A product event happened: hand it to the triggers that listen to it."""
        self.admit(event, now)
        self._start_ready(now)

    def admit(self, event: ProductEvent, now: Instant) -> None:
        """As `send`, but nothing starts before the next `wake`: so the first of many that happen
        at once is not always the first in line."""
        for delivery in self._products.accept(event, subject_of(event.payload), self.app, now):
            self._settlement.admit(delivery, now)

    def push(self, request: PushRequest, now: Instant) -> str:
        """Put the events of a push on their queue and answer the job's id.

        Raises Fault when all of it is refused, or (202) when parts of it are.
        """
        running = self._dispatcher.running.get(request.invocation_id)
        origin = running.delivery.origin if running else request.invocation_id
        self._intake.push(request, self.app, origin, now)
        return request.job_id

    def kvs(self, request: KvsRequest, now: Instant) -> KvsResponse:
        """A call of the key-value store. Raises Fault when it is refused."""
        self._learn(request)
        return self._kvs.one(request, now)

    def kvs_many(self, call: ManyCall, now: Instant) -> KvsMany:
        """A query, batch or transaction. Raises Fault when it is refused as a whole."""
        return self._kvs.many(call, now)

    def kvs_latency(self, invocation_id: str | None, now: Instant) -> Millis:
        """How long the answer of the store is under way this time."""
        return self._injection.slowed(self.latencies.kvs(), KVS_LATENCY, invocation_id, now)

    def strike_product(self, invocation_id: str | None, now: Instant) -> None:
        """A request to a product is about to be answered. Raises Fault where one strikes it."""
        self._injection.product(invocation_id, now)

    def product_latency(self, invocation_id: str | None, now: Instant) -> Millis:
        """How long the answer of a product is under way this time."""
        latency = self.latencies.product()
        return self._injection.slowed(latency, PRODUCT_LATENCY, invocation_id, now)

    def edit_kvs(self, request: KvsRequest, now: Instant) -> None:
        """A `set` or `delete` by the developer's hand, past the rate limits. Raises Fault."""
        self._learn(request)
        self._journal.note(self._store.edit(request, now), now)

    def check_kvs(self, request: KvsRequest) -> None:
        """Whether `edit_kvs` would accept `request`. Raises Fault."""
        self._store.check(request)

    def kvs_items(self, prefix: str, now: Instant, *, secret: bool) -> Iterator[StoredValue]:
        """What the store holds, by key."""
        return self._store.items(prefix, now=now, secret=secret)

    def finish(self, invocation_id: str, outcome: Outcome, now: Instant) -> None:
        """An invocation ended. Unknown ids (it was timed out before) are ignored."""
        running = self._dispatcher.running.get(invocation_id)
        if running is None or self._injection.holds(invocation_id, running.delivery, outcome, now):
            return
        outcome, injected = self._injection.outcome(invocation_id, running.delivery, outcome, now)
        # The handler of a struck invocation has ended well: its instance lives on.
        lost = not injected and isinstance(outcome, TimedOut | OutOfMemory | PlatformError)
        self._dispatcher.finish(running, lost=lost)
        if entry := self._timeouts.pop(invocation_id, None):
            self._settlement.schedule.remove(entry)
        asked = outcome.data_bytes if isinstance(outcome, RetryRequested) else 0
        outcome = self._settlement.checked(outcome)
        self._journal.note(
            InvocationFinished(
                invocation_id=invocation_id,
                function=running.invocation.function,
                outcome=str(outcome.__struct_config__.tag),
                duration_ms=now - running.started_at,
                error=getattr(outcome, "error", None),
                retry_data_bytes=asked or None,
                duplicate=isinstance(running.delivery, Duplicate),
                **id_of(running.delivery),
            ),
            now,
        )
        self._settlement.settle(running.delivery, outcome, now)
        self._start_ready(now)

    def cancel(self, job_id: str, queue: str | None, now: Instant) -> None:
        """Cancel what of a job has not started, waiting retries included. Raises Fault (404)."""
        for event in self._jobs.cancel(job_id, queue):
            if event.state is not State.RUNNING:
                self._settlement.end(event, State.CANCELLED, "", now)

    def stats(self, job_id: str, queue: str | None = None) -> JobStats:
        """How far a job is. Raises Fault (404)."""
        return self._jobs.stats(job_id, queue)

    def reload(self, app: App, generation: int, now: Instant) -> None:
        """Use the new app from now on; invocations under way finish on the old one."""
        self.app = app
        self._spare(app)
        self._dispatcher.renew(app, generation)
        self._store.entities = entities_of(app.storage)
        self._intake.forget_warnings()
        self._start_ready(now)

    def wake(self, now: Instant) -> None:
        """Do what has become due."""
        while (due := self._settlement.schedule.pop_due(now)) is not None:
            if due.kind == "timeout":
                self._time_out(due.reason, now)
            elif due.kind == "drop":
                self._settlement.end(due.delivery, State.DROPPED, due.reason, now)
            else:
                self._settlement.make_ready(due.delivery)
        self._start_ready(now)

    def set_minimum_timeout(self, minimum: Millis) -> None:
        """Change the floor under the timeouts of what starts from now on."""
        self._dispatcher.minimum_timeout = minimum

    # --- what the developer can do by hand ----------------------------------------------------

    def pause(self, *, by_hand: bool = False) -> None:
        """Start nothing more; due events wait in line, after a restart too if it is `by_hand`."""
        self.paused = True
        self.by_hand.pauses.everything |= by_hand

    def resume(self, now: Instant) -> None:
        """Deliver again."""
        self.paused = self.by_hand.pauses.everything = False
        self._start_ready(now)

    def step(self, now: Instant) -> bool:
        """While paused, deliver the first of the line; False when nothing is due."""
        while self._can_start():
            if self._start_next(now):
                return True
        return False

    def run_now(self, id: str, now: Instant) -> bool:
        """Skip the wait of an event, or of all deliveries of a product event."""
        found = self.by_hand.hurry([d.id for d in self._named(id)], now)
        self._start_ready(now)
        return found > 0

    # --- outputs ------------------------------------------------------------------------------

    def next_wakeup(self) -> Instant | None:
        """When something will be due; None when nothing is scheduled."""
        return self._settlement.schedule.next_due()

    def next_delivery(self) -> Instant | None:
        """When the first event that waits for its time will be due."""
        due = (d.due_at for d in self._settlement.open.values() if d.state in WAITING)
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
        return self._journal.take()

    @property
    def generation(self) -> int:
        """Which load of the app's code new invocations run on."""
        return self._dispatcher.generation

    @property
    def pending(self) -> int:
        """How many deliveries have not reached a terminal state."""
        return len(self._settlement.open)

    @property
    def running(self) -> int:
        """How many invocations are under way."""
        return len(self._dispatcher.running)

    def generations_running(self) -> set[int]:
        """The loads of the app's code that something runs on."""
        return {r.invocation.generation for r in self._dispatcher.running.values()}

    def open_deliveries(self, limit: int) -> list[dict[str, Json]]:
        """Up to `limit` open deliveries by due time, as plain values for people and programs."""
        every = self._settlement.open.values()
        shown = sorted(every, key=lambda d: (d.due_at, d.id))[:limit]
        return [described(d, self.secrets) for d in shown]

    def usage(self, now: Instant) -> list[LimitUsage]:
        """How much of each limited resource is in use."""
        usage = [self._intake.usage(now), *self._store.usage(now)]
        if self._dispatcher.meter.limit is not None:
            usage.append(self._dispatcher.meter.usage(now))
        return usage

    # --- inside -------------------------------------------------------------------------------

    def _learn(self, request: KvsRequest) -> None:
        """What is meant for the store of secrets is secret, even where it is refused."""
        if request.secret and request.operation == "set":
            self.secrets.learn_stored(request.key, request.value_text)

    def _spare(self, app: App) -> None:
        self.secrets.spared = frozenset(consumer.queue for consumer in app.consumers)

    def _can_start(self) -> bool:
        return not self._dispatcher.instances.full and self._settlement.ready.peek() is not None

    def _start_ready(self, now: Instant) -> None:
        while not self.paused and self._can_start():
            self._start_next(now)

    def _start_next(self, now: Instant) -> bool:
        """Take the first of the line; True when it started."""
        delivery = self._settlement.next_ready(now)
        if delivery is None or self.by_hand.pauses.park(delivery):
            return False
        verdict = self._dispatcher.start(delivery, now)
        if isinstance(verdict, Unwanted):
            reason = "no_consumer" if isinstance(delivery, QueuedEvent) else "no_trigger"
            self._settlement.end(delivery, State.DROPPED, reason, now)
            return False
        if isinstance(verdict, Blocked):
            self._settlement.defer(delivery, verdict.limit, now)
            return False
        self._timeouts[verdict.invocation_id] = self._settlement.schedule.add(
            verdict.deadline, Due("timeout", delivery, verdict.invocation_id)
        )
        self._injection.started(verdict.invocation_id, now)
        self._invocations.append(verdict)
        return True

    def _time_out(self, invocation_id: str, now: Instant) -> None:
        limit = self._dispatcher.running[invocation_id].invocation.timeout_ms / 1000
        self._timeouts.pop(invocation_id, None)
        self._aborts.append(invocation_id)
        report = ErrorReport("TimeoutError", f"Function timed out. Limit of {limit:.2f} seconds")
        self.finish(invocation_id, TimedOut(report), now)

    def _named(self, id: str) -> list[Delivery]:
        if found := self._settlement.open.get(id):
            return [found]
        return [
            d
            for d in self._settlement.open.values()
            if isinstance(d, TriggerDelivery) and d.event.product_event_id == id
        ]
