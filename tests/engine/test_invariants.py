"""Whatever comes in whichever order: nothing is lost, nothing ends twice, nothing runs early."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import initialize, invariant, precondition, rule

from forge_emu import records as r
from forge_emu.errors import Fault
from forge_emu.model import (
    ErrorReport,
    Failed,
    OutOfMemory,
    PlatformError,
    PushItem,
    RetryRequested,
    Success,
)
from tests.engine.store_rules import StoreRules
from tests.engine.world import World, app, open_fields, run_now

REPORT = ErrorReport("Error", "boom")
OUTCOMES = st.one_of(
    st.just(Success()),
    st.builds(RetryRequested, st.one_of(st.none(), st.floats(-10, 2000)), st.just("WHY")),
    st.just(Failed(REPORT)),
    st.just(OutOfMemory(REPORT)),
    st.just(PlatformError(REPORT)),
)
CONCURRENCY = st.sampled_from([None, None, {"key": "a", "limit": 1}, {"key": "b", "limit": 2}])
TERMINAL = (r.EventSucceeded, r.EventDropped, r.EventExpired, r.EventCancelled)


class EngineMachine(StoreRules):
    """Throws everything at an engine in any order."""

    @initialize(
        seed=st.integers(0, 99),
        instances=st.sampled_from([1, 2, 64]),
        hours=st.sampled_from([24, 0.01]),
        invocations=st.sampled_from([None, 3]),
    )
    def start(self, seed: int, instances: int, hours: float, invocations: int | None) -> None:
        """A fresh engine."""
        self.world = World(
            app(timeout_ms=30_000),
            seed=seed,
            delivery__max_instances=instances,
            limits__push__events_per_minute=40,
            limits__invocations__per_minute=invocations,
            async_events__retention_hours=hours,
            async_events__extension_hours=hours * 3,
        )
        self.folder = tempfile.TemporaryDirectory()
        self.world.persist_to(Path(self.folder.name))
        self.stored = {}
        self.jobs: list[str] = []
        self.sent = 0
        self.generation = 1

    @rule(
        n=st.integers(1, 6),
        delay=st.sampled_from([0, 0.5, 60]),
        concurrency=CONCURRENCY,
        queue=st.sampled_from(["work", "work", "nowhere"]),
    )
    def push(self, n: int, delay: float, concurrency: object, queue: str) -> None:
        """A push, which may be refused."""
        try:
            self.jobs.append(
                self.world.push(
                    *(PushItem.of(i, delay, concurrency) for i in range(n)), queue=queue
                )
            )
        except Fault as fault:
            refusal = fault.limit
            assert refusal == "limits.push.events_per_minute"

    @rule()
    def send(self) -> None:
        """A product event."""
        self.sent += 1
        self.world.send_product_event(self.sent)

    @precondition(lambda self: self.world.started)
    @rule(outcome=OUTCOMES)
    def finish(self, outcome: Success) -> None:
        """An invocation ends."""
        self.world.end_invocation(outcome)

    @rule(ms=st.sampled_from([1, 999, 5000, 29_999, 30_000, 3_600_000]))
    def wait(self, ms: int) -> None:
        """Time passes."""
        self.world.advance_to(self.world.now + ms)

    @precondition(lambda self: self.jobs)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        """A job is cancelled."""
        self.world.engine.cancel_job(data.draw(st.sampled_from(self.jobs)), None, self.world.now)
        self.world.collect()

    @rule()
    def pause(self) -> None:
        """Delivery is paused."""
        self.world.engine.queue_admin.pause_delivery(persistent=True)
        self.world.collect()

    @rule()
    def resume(self) -> None:
        """Delivery goes on."""
        self.world.engine.queue_admin.resume_delivery(self.world.now)
        self.world.collect()

    @rule()
    def reload(self) -> None:
        """The app's code changes."""
        self.generation += 1
        self.world.engine.reload_app(app(timeout_ms=30_000), self.generation, self.world.now)
        self.world.collect()

    @rule(away_ms=st.sampled_from([0, 0, 1, 90_000, 86_400_000]))
    def restart(self, away_ms: int) -> None:
        """The emulator is killed and started again; nothing is different but for what ran."""
        before = self._told()
        self.world.restart(away_ms)
        # Code is loaded anew, and what has been built of it is numbered anew.
        self.generation = 1
        if not away_ms:
            assert self._told() == before

    def _told(self) -> object:
        """What is to be the same afterwards. What is due is in line or runs: one and the same."""
        engine, now = self.world.engine, self.world.now
        deliveries = open_fields(engine)
        for delivery in deliveries:
            if delivery["due_at"] <= now or delivery["state"] == "ready":
                delivery["state"] = "running"
        # Which of those dropped at one instant comes first is chance.
        dropped = sorted((x.at, x.delivery.id, x.reason) for x in engine.queue_admin.dropped)
        by_hand = dropped, engine.queue_admin.pauses.snapshot, engine.paused
        return deliveries, [engine.job_stats(job) for job in self.jobs], engine.usage(now), by_hand

    @precondition(lambda self: len(self.world.engine.queue_admin.dropped) > 0)
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        """What was dropped is delivered after all, as something new."""
        engine = self.world.engine
        chosen = data.draw(st.sampled_from([x.delivery for x in engine.queue_admin.dropped]))
        self.sent += "/" in chosen.id
        engine.queue_admin.replay_deliveries([chosen.id], engine.app, self.world.now)
        self.world.collect()

    @rule(queue=st.sampled_from(["work", "nowhere"]))
    def hold(self, queue: str) -> None:
        """One queue is paused, or goes on."""
        hand = self.world.engine.queue_admin
        if not hand.pause_queue(queue, self.world.now):
            hand.resume_queue(queue, self.world.now)
        self.world.collect()

    @precondition(lambda self: bool(open_fields(self.world.engine)))
    @rule(data=st.data())
    def run_now(self, data: st.DataObject) -> None:
        """Somebody is in a hurry."""
        chosen = data.draw(st.sampled_from(open_fields(self.world.engine)))
        id = chosen.get("event_id") or chosen["product_event_id"]
        run_now(self.world.engine, str(id), self.world.now)
        self.world.collect()

    @invariant()
    def every_event_is_somewhere(self) -> None:
        """pushed = succeeded + dropped + expired + cancelled + pending, and no end comes twice."""
        pushed = {x.event_id for x in self.world.bodies_of(r.EventPushed)}
        ended = [x.event_id for kind in TERMINAL for x in self.world.bodies_of(kind)]
        assert len(ended) == len(set(ended))
        open_ones = open_fields(self.world.engine)
        pending = {x["event_id"] for x in open_ones if "event_id" in x}
        assert pushed == set(ended) | pending
        assert not set(ended) & pending
        ends = len(self.world.bodies_of(r.ProductEventSucceeded)) + len(
            self.world.bodies_of(r.ProductEventDropped)
        )
        assert self.sent == ends + sum("product_event_id" in x for x in open_ones)

    @invariant()
    def slots_hold(self) -> None:
        """No key runs more than its limit, and no more run than there are instances."""
        # Timed-out invocations stay in `started` until the machine would finish them.
        gone = set(self.world.aborted)
        live = [x for x in self.world.started if x.invocation_id not in gone]
        assert len(live) == self.world.engine.running
        keys = Counter(
            x.event["concurrency"]["key"]
            for x in live
            if x.event_id is not None and x.event.get("concurrency")
        )
        assert keys["a"] <= 1
        assert keys["b"] <= 2

    @invariant()
    def attempts_count_up(self) -> None:
        """1, 2, 3, … for each delivery, restarts or not; each start has at most one end."""
        attempts: dict[tuple[object, str], list[int]] = {}
        for x in self.world.bodies_of(r.InvocationStarted):
            attempts.setdefault((x.event_id or x.product_event_id, x.module_key), []).append(
                x.attempt
            )
        assert all(found == list(range(1, len(found) + 1)) for found in attempts.values())
        ended = [x.invocation_id for x in self.world.bodies_of(r.InvocationFinished)]
        assert len(ended) == len(set(ended))
        begun = {x.invocation_id for x in self.world.bodies_of(r.InvocationStarted)}
        assert len(begun) - len(ended) == self.world.engine.running

    @invariant()
    def attempts_are_bounded(self) -> None:
        """No event is retried more than four times by its own fault."""
        assert all(x.retry_count <= 4 for x in self.world.bodies_of(r.RetryScheduled))

    @invariant()
    def records_are_numbered(self) -> None:
        """1, 2, 3, …, never back in time."""
        assert [x.seq for x in self.world.records] == list(range(1, len(self.world.records) + 1))
        at = [x.at for x in self.world.records]
        assert at == sorted(at)

    def teardown(self) -> None:
        """Left alone with a patient app, everything ends."""
        if not hasattr(self, "world"):
            return
        for queue in self.world.engine.queue_admin.pauses.queues:
            self.world.engine.queue_admin.resume_queue(queue, self.world.now)
        self.world.engine.queue_admin.resume_delivery(self.world.now)
        self.world.collect()
        while self.world.engine.pending:
            if self.world.started:
                self.world.end_invocation()
            else:
                due = self.world.engine.next_wakeup()
                assert due is not None
                self.world.advance_to(due)
        self.every_event_is_somewhere()
        assert self.world.database is not None
        self.world.database.close()
        self.folder.cleanup()


EngineMachine.TestCase.settings = hypothesis_settings(
    max_examples=60, stateful_step_count=40, deadline=None, derandomize=True
)
TestEngine = EngineMachine.TestCase
