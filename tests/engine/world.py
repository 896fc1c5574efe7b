"""A small app and an engine that tests drive by hand."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

from forge_emu import records
from forge_emu.engine.build import build_parts
from forge_emu.engine.delivery.admin import delivery_fields
from forge_emu.engine.delivery.queued_event import QueuedEvent, SavedQueuedEvent
from forge_emu.engine.engine import Engine
from forge_emu.engine.faults.rules import parse_fault
from forge_emu.model import (
    App,
    Consumer,
    ErrorReport,
    Failed,
    Function,
    Instant,
    Invocation,
    Outcome,
    ProductEvent,
    PushItem,
    PushRequest,
    Subscription,
    Success,
    Trigger,
)
from forge_emu.settings import Preset, Settings
from forge_emu.store.database import Database
from forge_emu.store.shapes import Identity, StateHeader, StateUpdate
from tests.product_events import product_event

CREATED = "avi:jira:created:issue"
EPOCH = 1_700_000_000_000
BOOM = Failed(ErrorReport("Error", "boom"))


def function(key: str, timeout_ms: int | None = None) -> Function:
    """A function of the app."""
    return Function(key, f"index.{key}", "src/index.js", key, timeout_ms, 512, 1)


def app(*, timeout_ms: int | None = None, ignore_self: bool = False, queue: str = "work") -> App:
    """A trigger on created issues, and a consumer of one queue."""
    return App(
        id="ari:cloud:ecosystem::app/1",
        name="test",
        manifest="manifest.yml",
        runtime="nodejs22.x",
        functions={"trigger": function("trigger"), "work": function("work", timeout_ms)},
        consumers=(Consumer("consumer", queue, "work", None, 1),),
        triggers=(Trigger("listen", "trigger", (Subscription(CREATED, ignore_self),), 1),),
        scopes=("storage:app",),
    )


def queued_event(
    id: str = "e", *, queue: str = "work", job: str = "job", **fixed: Any
) -> QueuedEvent:
    """An event that was pushed at 0 and is due then."""
    defaults: dict[str, Any] = {
        "origin": "origin",
        "created_at": 0,
        "item": PushItem.of({}),
        "size_bytes": 2,
        "legacy": False,
        "key": None,
        "slots": 0,
    }
    return QueuedEvent(SavedQueuedEvent(id=id, queue=queue, job_id=job, **(defaults | fixed)), 0)


def new_engine(the_app: App, settings: Settings, **options: Any) -> Engine:
    """An engine, of parts with these options."""
    return Engine(the_app, build_parts(the_app, settings, **options))


def send_product_event(engine: Engine, event: ProductEvent, now: Instant) -> None:
    """A product event happens, and its triggers start."""
    engine.enqueue_product_event(event, now)
    engine.wake(now)


def run_now(engine: Engine, id: str, now: Instant) -> bool:
    """Skip the wait of a delivery, or of all deliveries of a product event; whether any waited."""
    ids = [each.id for each in engine.queue_admin.open_deliveries() if id in each.names]
    found = engine.queue_admin.run_deliveries_now(ids, now)
    engine.wake(now)
    return found > 0


def open_fields(engine: Engine) -> list[dict[str, Any]]:
    """The open deliveries by due time, as people see them."""
    every = sorted(engine.queue_admin.open_deliveries(), key=lambda each: (each.due_at, each.id))
    return [delivery_fields(each, engine.secrets) for each in every]


class World:
    """An engine, its clock as a number, and every record it has made."""

    def __init__(
        self,
        the_app: App | None = None,
        *,
        seed: int = 1,
        preset: Preset = "current",
        faults: Sequence[str] = (),
        **overrides: Any,
    ) -> None:
        settings = Settings(preset, {k.replace("__", "."): v for k, v in overrides.items()})
        ids = count(1)

        def make() -> Engine:
            return new_engine(
                the_app or app(),
                settings,
                epoch_ms=EPOCH,
                new_id=lambda: f"id{next(ids)}",
                chance=random.Random(seed).random,
                faults=[parse_fault(text, "test") for text in faults],
                stream=lambda name: random.Random(f"{seed}/{name}").random,
            )

        self._make = make
        self.engine = make()
        self.database: Database | None = None
        self.now: Instant = 0
        self.records: list[records.Record] = []
        self.started: list[Invocation] = []
        self.aborted: list[str] = []
        self._jobs = count(1)

    def collect(self) -> None:
        """Take the engine's new invocations, aborts and records."""
        self.started += self.engine.take_invocations()
        self.aborted += self.engine.take_aborts()
        self.records += (records := self.engine.take_records())
        if self.database is not None:
            self.database.write_update(self.make_turn(records))

    def persist_to(self, folder: Path) -> None:
        """Write everything that happens to a state file."""
        self.engine.snapshot_writer.start()
        self.database = Database(folder / "state.sqlite")
        identity = Identity("journal", self.engine.app.id, EPOCH, 1, self.engine.installation)
        self.database.replace_state(identity, self.make_turn([]))

    def restart(self, away_ms: int = 0) -> None:
        """Kill the engine and go on with another one that knows only what was written."""
        assert self.database is not None
        kept = self.database.read_state()
        assert kept is not None
        self.now += away_ms
        self.started.clear()
        self.aborted.clear()
        self.engine = self._make()
        self.engine.restore(kept.saved, self.now, away_ms=away_ms, clean=False)
        self.collect()

    def make_turn(self, new_records: Sequence[records.Record]) -> StateUpdate:
        """The turn that the database would be given now."""
        engine = self.engine
        present = StateHeader(
            self.now,
            0,
            engine.last_seq,
            engine.pending,
            engine.snapshot_writer.away_ms,
            next_issue=1,
            run=1,
        )
        lines = records.RecordBatch(new_records).parts
        return StateUpdate(present, engine.take_changes(), list(lines))

    def push(
        self, *items: PushItem, queue: str = "work", by: str = "nobody", legacy: bool = False
    ) -> str:
        """Push items, answer the job's id."""
        job = f"job{next(self._jobs)}"
        sizes = tuple(len(str(item.body)) for item in items)
        request = PushRequest(queue, job, items, sizes, sum(sizes), by, legacy)
        try:
            return self.engine.push(request, self.now)
        finally:
            self.collect()

    def send_product_event(self, n: int = 1, **payload: Any) -> None:
        """A product event."""
        event = product_event(f"product{n}", CREATED, {"issue": {"key": f"EMU-{n}"}, **payload}, 10)
        send_product_event(self.engine, event, self.now)
        self.collect()

    def advance_to(self, now: Instant) -> World:
        """Go to `now`, waking the engine at every due time on the way."""
        while (due := self.engine.next_wakeup()) is not None and due <= now:
            self.now = max(due, self.now)
            self.engine.wake(self.now)
            self.collect()
        self.now = now
        self.engine.wake(now)
        self.collect()
        return self

    def next_invocation(self) -> Invocation:
        """The next invocation that was started."""
        return self.started.pop(0)

    def end_invocation(self, outcome: Outcome = Success()) -> Invocation:  # noqa: B008
        """End the next invocation."""
        invocation = self.next_invocation()
        self.engine.end_invocation(invocation.invocation_id, outcome, self.now)
        self.collect()
        return invocation

    def bodies_of(self, kind: type[records.Body]) -> list[Any]:
        """The bodies of the records of one kind."""
        return [r.body for r in self.records if isinstance(r.body, kind)]

    def record_types(self) -> list[str]:
        """The types of all records, in order."""
        return [r.type for r in self.records]


def dropped_event(world: World) -> str:
    """The id of an event that was dropped after its first failure."""
    world.push(PushItem.of({"n": 1}), by="pusher")
    world.advance_to(world.now)
    world.end_invocation(BOOM)
    world.advance_to(world.now + 100_000)
    return str(world.bodies_of(records.EventDropped)[-1].event_id)
