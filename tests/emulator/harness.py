"""The emulator's loop with a fake runtime and a clock that tests move by hand."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Mapping
from functools import wraps
from itertools import count
from typing import Any

from forge_emu.arrivals import Even
from forge_emu.clock import VirtualClock
from forge_emu.emulator.loop import EngineLoop
from forge_emu.emulator.pending_batches import EventBatch, PendingBatches
from forge_emu.errors import Problem
from forge_emu.model import App, Instant, Invocation, Json, Outcome, ProductEvent, Success
from forge_emu.ports import AppRequest, AppResponse, BuildResult, InvocationEnded
from forge_emu.records import Record, RecordBatch
from forge_emu.settings import Settings, SettingValue
from tests.engine.world import CREATED, EPOCH, app, new_engine
from tests.product_events import product_event


def in_event_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an asynchronous test in an event loop of its own."""

    @wraps(test)
    def run(*arguments: Any, **fixtures: Any) -> None:
        asyncio.run(test(*arguments, **fixtures))

    return run


async def run_scheduled_turns() -> None:
    """Let the event loop pass a few times, so that the turns run that are scheduled."""
    for _ in range(20):
        await asyncio.sleep(0)


def push_text(item: Json) -> str:
    """The body of a request that pushes one event to the queue `work`, as job `j`."""
    push = {
        "queueName": "work",
        "jobId": "j",
        "type": "avi:forge:app:event",
        "schema": "ari:cloud:ecosystem::forge/app-event-2",
        "payload": [item],
        "time": "now",
    }
    return json.dumps(push)


class ManualClock(VirtualClock):
    """Stands still until it is moved; `virtual` says which kind of clock it claims to be."""

    def __init__(self, *, virtual: bool = False) -> None:
        super().__init__()
        self.virtual = virtual

    @property
    def instant(self) -> Instant:
        """Where it was put."""
        return self._now

    @instant.setter
    def instant(self, instant: Instant) -> None:
        self._now = instant

    def real_delay(self, deadline: Instant) -> float:
        """As if a second were a second, where time is real."""
        return 0.0 if self.virtual else max(deadline - self._now, 0) / 1000


class FakeRuntime:
    """A runtime that records its calls; the test decides what handlers answer."""

    tells_begin = False

    def __init__(self) -> None:
        self.built: list[int] = []
        self.invoked: list[Invocation] = []
        self.answers: list[tuple[int, AppResponse]] = []
        self.answered_at: list[tuple[int, Instant]] = []
        self.lost: list[int] = []
        self.aborted: list[str] = []
        self.retired: list[int] = []
        self.busy = False
        self.stays_busy = False
        self.timers: list[Instant] = []
        self.clock: ManualClock | None = None
        self.flushed_at: list[Instant] = []
        self.problems: tuple[Problem, ...] = ()
        self.unloaded: dict[str, Problem] = {}
        self._unsent = False

    async def load_app(self, app: App, generation: int) -> BuildResult:
        """Note what was built; it has the problems that the test says."""
        self.built.append(generation)
        return BuildResult(generation, self.problems, self.unloaded)

    def invoke(self, invocation: Invocation) -> None:
        """Note it."""
        self._unsent = True
        self.invoked.append(invocation)

    def respond(self, request_id: int, response: AppResponse) -> None:
        """Note it."""
        self._unsent = True
        self.answers.append((request_id, response))
        assert self.clock is not None
        self.answered_at.append((request_id, self.clock.now()))

    def lose_request(self, request_id: int) -> None:
        """Note it."""
        self._unsent = True
        self.lost.append(request_id)

    def abort_invocation(self, invocation_id: str) -> None:
        """Note it."""
        self._unsent = True
        self.aborted.append(invocation_id)

    def retire_generation(self, generation: int) -> None:
        """Note it."""
        self.retired.append(generation)

    def renew_instances(self, generation: int) -> None:
        """There are none."""

    def sync_clock(self) -> None:
        """Nothing here depends on the clock's speed."""

    @property
    def next_timer_due(self) -> Instant | None:
        """The first timer the test has set."""
        return self.timers[0] if self.timers else None

    def flush(self) -> None:
        """Note when there was something to send, or a timer to fire."""
        assert self.clock is not None
        now = self.clock.now()
        if self._unsent or (self.timers and self.timers[0] <= now):
            self._unsent = False
            self.flushed_at.append(now)
            self.timers = [t for t in self.timers if t > now]
            self.busy = self.stays_busy

    async def close(self) -> None:
        """Nothing to end."""


class LoopHarness:
    """A loop, ready to run turns. Make it inside a running asyncio loop.

    `persist` is given the records of each turn before they are published; `loaded` says whether
    the app's code is.
    """

    def __init__(
        self,
        *,
        virtual: bool = False,
        settings: Mapping[str, SettingValue] | None = None,
        persist: Callable[[RecordBatch], None] = lambda batch: None,
        loaded: bool = True,
    ) -> None:
        ids = count(1)
        self.clock = ManualClock(virtual=virtual)
        self.runtime = FakeRuntime()
        self.runtime.clock = self.clock
        self.pending_batches = PendingBatches()
        self.records: list[Record] = []
        self.failures: list[Exception] = []
        self.engine = new_engine(
            app(),
            Settings("off", settings),
            epoch_ms=EPOCH,
            new_id=lambda: f"id{next(ids)}",
            chance=lambda: 0.5,
        )
        self.loop = EngineLoop(
            self.engine,
            self.clock,
            self.pending_batches,
            self._publish,
            self.failures.append,
            persist,
        )
        self.loop.attach_runtime(self.runtime)
        if loaded:
            self.loop.add_generation(1)

    def add_batch(self, total: int, interval: float = 0.0) -> EventBatch[ProductEvent]:
        """Plan a batch of created issues."""

        def build(n: int) -> ProductEvent:
            return product_event(f"p{n}", CREATED, {"issue": {"key": f"EMU-{n}"}}, 10, "batch")

        batch = EventBatch("batch", total, self.clock.now(), Even(interval), build)
        self.pending_batches.add(batch)
        return batch

    def end_invocation(self, outcome: Outcome = Success()) -> Invocation:  # noqa: B008
        """End the first invocation that has not ended."""
        invocation = self.runtime.invoked.pop(0)
        self.runtime.busy = False
        self.loop.receive_messages([InvocationEnded(invocation.invocation_id, outcome)])
        return invocation

    def call_service(
        self, path: str, body: str, *, kind: str = "fpp", by: str | None = None
    ) -> AppResponse:
        """A request of the app, answered."""
        options = {"type": kind, "provider": "app", "remote": "stargate"}
        number = len(self.runtime.answers) + 1
        self.loop.receive_messages([AppRequest(number, by, options, path, "POST", {}, body)])
        return self.runtime.answers[-1][1]

    def _publish(self, batch: RecordBatch) -> None:
        self.records += batch.records


def virtual_harness(*, sleeping: bool = False) -> LoopHarness:
    """A loop in virtual time, whose handlers compute until they end, or sleep."""
    harness = LoopHarness(virtual=True)
    harness.runtime.stays_busy = not sleeping
    return harness


def record_times(harness: LoopHarness) -> list[tuple[int, str]]:
    """When what happened."""
    return [(r.at, r.type) for r in harness.records]
