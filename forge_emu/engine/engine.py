"""The platform below an app, clock-free: every input carries `now`, every answer is a value.

Inputs are pushes, product events, calls of the store and ends of invocations; outputs are
invocations to start, invocations to abort and records of what happened.
"""

from __future__ import annotations

from forge_emu import settings as s
from forge_emu.engine.build import EngineParts
from forge_emu.engine.delivery.delivery import WAITING, State
from forge_emu.engine.delivery.handler_arguments import subject_of
from forge_emu.engine.delivery.kind import RESTARTED
from forge_emu.engine.installation import Installation
from forge_emu.engine.kvs.entities import entities_of
from forge_emu.engine.snapshot.restore import SnapshotRestorer
from forge_emu.engine.snapshot.shapes import EngineChanges, EngineSnapshot
from forge_emu.model import (
    App,
    Instant,
    Invocation,
    JobStats,
    Json,
    LimitUsage,
    Millis,
    Outcome,
    ProductEvent,
    PushRequest,
    Unanswered,
)
from forge_emu.records import AnyBody, Record


class Engine:
    """Queues, retries, limits, concurrency keys, product events and the key-value store.

    Its parts are put together in `build.py`. Those that callers may use for themselves are
    attributes: `kvs`, `function_calls`, `scheduled_runs`, `web_trigger_urls`, `life_cycle`,
    `latencies`, `queue_admin`, `delivery_loop` and `snapshot_writer`.
    """

    def __init__(self, app: App, parts: EngineParts) -> None:
        self.settings = parts.settings
        self.epoch_ms = parts.saved.journal.epoch_ms
        self.secrets = parts.saved.journal.secrets
        self.faults = parts.fault_rules
        self.site = parts.saved.site
        self.product_rates = parts.saved.product_rates
        self.kvs = parts.kvs
        self.call_kvs = parts.kvs.call
        """What the services need of `kvs`."""
        self.latencies = parts.latencies
        self.queue_admin = parts.queue_admin
        self.function_calls = parts.saved.function_calls
        self.scheduled_runs = parts.saved.scheduled_runs
        self.web_trigger_urls = parts.saved.web_trigger_urls
        self.life_cycle = parts.saved.life_cycle
        self.snapshot_writer = parts.snapshot_writer
        self._parts = parts
        self.delivery_loop = parts.delivery_loop
        self._deliveries = parts.saved.deliveries
        self._dispatcher = parts.saved.dispatcher
        self._use_app(app)

    def record(self, body: AnyBody, now: Instant) -> None:
        """Append a record of something that happened outside the engine."""
        self._parts.saved.journal.record(body, now)

    def enqueue_product_event(self, event: ProductEvent, now: Instant) -> None:
        """A product event happened. Its triggers start with the next `wake`: so the first of many
        that happen at once is not always the first to start. What it tells of is on the site."""
        payload = event.payload
        self.site.absorb_event(event.name, payload, self.epoch_ms + now)
        triggers = self._parts.saved.trigger_deliveries
        triggers.send_product_event(event, subject_of(payload), self.app, now)

    def send_product_event(
        self, name: str, payload: dict[str, Json], invocation_id: str | None, now: Instant
    ) -> None:
        """An invocation has changed the site: the product says so to the triggers that listen.

        Nothing happens where none does.
        """
        running = self._dispatcher.running.get(invocation_id or "")
        origin = running.delivery.origin if running else invocation_id
        chains, most = (
            self._parts.saved.push_handler.push_chains,
            self.settings[s.PRODUCT_CYCLIC_EVENTS],
        )
        over = most is not None and chains.event_count(origin or "") >= most
        sent = self._parts.saved.trigger_deliveries.send_caused_event(
            name, payload, self.app, invocation_id, origin, now, over_limit=over
        )
        if sent and not over:
            chains.add_event(origin or "")
            chains.discard_if_idle(origin or "")

    def principal_of(self, invocation_id: str | None) -> str | None:
        """The account in whose name a running invocation was called; None where there is none."""
        running = self._dispatcher.running.get(invocation_id or "")
        context = running.invocation.context if running else None
        principal = context.get("principal") if isinstance(context, dict) else None
        account = principal.get("accountId") if isinstance(principal, dict) else None
        return account if isinstance(account, str) else None

    def push(self, request: PushRequest, now: Instant) -> str:
        """Put the events of a push on their queue and answer the job's id.

        Raises Fault when all of it is refused, or (202) when parts of it are.
        """
        running = self._dispatcher.running.get(request.invocation_id)
        origin = running.delivery.origin if running else request.invocation_id or request.job_id
        self._parts.saved.push_handler.enqueue_push(request, self.app, origin, now)
        return request.job_id

    def invocation(self, invocation_id: str | None) -> Invocation | None:
        """A running invocation; None for any other."""
        running = self._dispatcher.running.get(invocation_id or "")
        return running.invocation if running else None

    def timeout_of(self, invocation_id: str | None) -> Millis | None:
        """The time that a running invocation has; None for any other."""
        invocation = self.invocation(invocation_id)
        return invocation.timeout_ms if invocation else None

    def inject_product_fault(self, product: str, invocation_id: str | None, now: Instant) -> None:
        """Raise Fault if a fault rule hits this request to a product."""
        self._parts.fault_injector.inject_product_error(product, invocation_id, now)

    def expect_begins(self, expected: bool) -> None:
        """Whether `begin_invocation` follows for every invocation; else it begins at its start."""
        self.delivery_loop.expects_begins = expected

    def begin_invocation(self, invocation_id: str, now: Instant) -> None:
        """This machine runs an invocation's handler now: its timeout counts from here."""
        self.delivery_loop.begin_invocation(invocation_id, now)

    def lag(self, now: Instant) -> Millis:
        """How long the invocation that has waited longest has waited for this machine."""
        return self.delivery_loop.lag(now)

    def end_invocation(
        self,
        invocation_id: str,
        outcome: Outcome,
        now: Instant,
        unanswered: Unanswered | None = None,
    ) -> None:
        """An invocation ended. Unknown ids (it was timed out before) are ignored."""
        self.delivery_loop.end_invocation(invocation_id, outcome, now, unanswered)

    def loses_request(self, invocation_id: str, request: str) -> bool:
        """Whether a `request` that no handler waits for is lost; `request` says what it asks."""
        return self._parts.unawaited_requests.is_lost(invocation_id, request)

    def has_given_up(self, invocation_id: str) -> bool:
        """Whether an invocation was ended from outside, though its code may still run somewhere."""
        return self.delivery_loop.has_given_up(invocation_id)

    def cancel_job(self, job_id: str, queue: str | None, now: Instant) -> None:
        """Cancel what of a job has not started, waiting retries included. Raises Fault (404)."""
        for event in self._parts.saved.queued_events.jobs.cancel_job(job_id, queue):
            if event.state is not State.RUNNING:
                delivery = self._deliveries.open[event.id]
                self._deliveries.end_delivery(delivery, State.CANCELLED, "", now)

    def job_stats(self, job_id: str, queue: str | None = None) -> JobStats:
        """How far a job is. Raises Fault (404)."""
        return self._parts.saved.queued_events.jobs.job_stats(job_id, queue)

    def reload_app(self, app: App, generation: int, now: Instant) -> None:
        """Use the new app from now on; invocations under way finish on the old one."""
        self._dispatcher.reload_app(app, generation)
        self._parts.saved.push_handler.forget_warnings()
        self._parts.retry_mistakes.forget_reported()
        self._use_app(app)
        self.start_app(now)
        self.delivery_loop.start_ready(now)

    def replace_app(self, app: App) -> None:
        """Use `app` before it starts: what of its code has loaded is known now."""
        self._dispatcher.replace_app(app)
        self._use_app(app)

    def start_app(self, now: Instant) -> None:
        """The app's code is loaded: time counts for what it starts by itself."""
        for kind in self._deliveries.kinds.all:
            kind.app_loaded(self.app, now)

    def wake(self, now: Instant) -> None:
        """Do what has become due."""
        self.delivery_loop.run_due(now)

    def restore(self, saved: EngineSnapshot, now: Instant, *, away_ms: Millis, clean: bool) -> None:
        """Go on from what another engine was, as the first thing, and track changes from now on.

        `away_ms` is the emulated time since then; `clean` says whether that one was stopped well.
        """
        restorer = SnapshotRestorer(self._parts.saved, saved, now, away_ms)
        self._parts.saved.restore_identity(saved)
        self.snapshot_writer.resume_from(saved, away_ms)
        self.secrets.add_saved_values(saved.values)
        restorer.restore()
        self.delivery_loop.paused = self.queue_admin.pauses.all_paused
        self.record(restorer.restarted_record(clean=clean, away_ms=away_ms), now)
        for interrupted in restorer.interrupted:
            self.record(interrupted, now)
        for delivery in restorer.abandoned:
            self._deliveries.end_delivery(delivery, State.DROPPED, RESTARTED, now)

    def next_wakeup(self) -> Instant | None:
        """When something will be due; None when nothing is scheduled."""
        by_time = (kind.next_due() for kind in self._deliveries.kinds.all)
        times = (self._deliveries.schedule.next_due(), *by_time)
        return min((t for t in times if t is not None), default=None)

    def next_delivery_due(self) -> Instant | None:
        """When the first delivery that waits for its time will be due, or a schedule runs next."""
        waiting = (d.due_at for d in self._deliveries.open.values() if d.state in WAITING)
        by_time = (kind.next_due() for kind in self._deliveries.kinds.all)
        return min((*waiting, *(t for t in by_time if t is not None)), default=None)

    def take_invocations(self) -> list[Invocation]:
        """The invocations to start, since the last call."""
        return self.delivery_loop.take_invocations()

    def take_aborts(self) -> list[str]:
        """The invocations that were timed out, since the last call."""
        return self.delivery_loop.take_aborts()

    def take_records(self) -> list[Record]:
        """The records since the last call."""
        return self._parts.saved.journal.take_records()

    def take_changes(self, *, everything: bool = False) -> EngineChanges:
        """What has changed since the last call, or all there is."""
        writer = self.snapshot_writer
        return writer.take_everything() if everything else writer.take_changes()

    def usage(self, now: Instant) -> list[LimitUsage]:
        """How much of each limited resource is in use."""
        return self._parts.usage(now)

    @property
    def installation(self) -> Installation:
        """The installation that the app runs in."""
        return self._dispatcher.installation

    @property
    def last_seq(self) -> int:
        """The number of the last record."""
        return self._parts.saved.journal.seq

    @property
    def generation(self) -> int:
        """Which load of the app's code new invocations run on."""
        return self._dispatcher.generation

    @property
    def generations_running(self) -> set[int]:
        """The loads of the app's code that something runs on."""
        return {r.invocation.generation for r in self._dispatcher.running.values()}

    @property
    def running(self) -> int:
        """How many invocations are under way."""
        return len(self._dispatcher.running)

    def running_work(self) -> list[tuple[str, str]]:
        """What is under way: the function, and the id of the event or product event."""
        running = self._dispatcher.running.values()
        return [(r.invocation.function, next(iter(r.delivery.ids.values()), "")) for r in running]

    @property
    def pending(self) -> int:
        """How many deliveries have not reached a terminal state."""
        return len(self._deliveries.open)

    @property
    def awaited(self) -> int:
        """How many of these do not descend from what time alone has started."""
        return self._deliveries.awaited

    def await_all(self) -> None:
        """Let all that has not ended now count as awaited."""
        self._deliveries.await_all()

    @property
    def paused(self) -> bool:
        """Whether nothing is started: `queue_admin` pauses and resumes."""
        return self.delivery_loop.paused

    def _use_app(self, app: App) -> None:
        self.app = app
        self.secrets.public_texts = frozenset(consumer.queue for consumer in app.consumers)
        self._parts.saved.kvs_store.declared_entities = entities_of(app.storage)
        self._parts.kvs.use_app(app)
