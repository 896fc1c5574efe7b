"""The engine loop: messages go to the engine, invocations to the runtime, in turns.

Everything here runs on the loop's thread; nothing else touches the engine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from forge_emu.emulator.pending_batches import PendingBatches
from forge_emu.engine import Engine
from forge_emu.engine.delivery.schedule import Schedule
from forge_emu.model import Instant, Invocation, Millis
from forge_emu.ports import (
    AppRequest,
    AppResponse,
    Clock,
    DelayedMessages,
    HostNotice,
    InvocationEnded,
    LogLine,
    Runtime,
    RuntimeMessage,
)
from forge_emu.records import Log, Record
from forge_emu.services import Services, service_kind

_LONGEST_WAIT = 3600.0
"""Real seconds; a timer further away is set anew when this has passed."""


_Delayed: TypeAlias = DelayedMessages | Invocation | tuple[int, AppResponse]
"""What is due later: messages of busy code, an invocation to start, the response to a request."""


class EngineLoop:
    """Runs the engine in turns. `publish` receives the records of each turn, in order.

    `persist` receives them first, and writes what the turn has changed before it is published.
    Nothing starts before code is loaded.
    `on_failure` is called with an unexpected error; no turn runs any more then.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        pending_batches: PendingBatches,
        publish: Callable[[Sequence[Record]], None],
        on_failure: Callable[[Exception], None],
        persist: Callable[[Sequence[Record]], None] = lambda records: None,
    ) -> None:
        self.engine = engine
        self.clock = clock
        self.pending_batches = pending_batches
        self.services = Services(engine)
        self._publish = publish
        self._persist = persist
        self._on_failure = on_failure
        self._stopped = False
        self._runtime: Runtime | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._scheduled_turn: asyncio.Handle | None = None
        self._waiters: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        self._delayed: Schedule[_Delayed] = Schedule()
        self._goal: Instant | None = None
        self._until_settled = False
        self._pause_when_settled = False
        self._draining = False
        self._generations: set[int] = set()

    def attach_runtime(self, runtime: Runtime) -> None:
        """Use `runtime`, whose sink is `receive_messages`."""
        self._runtime = runtime

    def add_generation(self, generation: int) -> None:
        """A generation of the app's code is loaded; old ones are retired when they are idle."""
        self._generations.add(generation)

    def receive_messages(self, messages: Sequence[RuntimeMessage]) -> None:
        """The runtime's sink."""
        if self._stopped:
            return
        now = self.clock.now()
        try:
            for message in messages:
                self._receive_message(message, now)
        except Exception as error:
            self._fail(error)
        self.run_turn()

    def run_turn(self) -> None:
        """Run everything that is due, dispatch invocations, publish records, and set the timer."""
        if self._stopped:
            return
        try:
            self._run_turn()
        except Exception as error:
            self._fail(error)

    def schedule_turn(self) -> None:
        """Run a turn on the next pass of the asyncio loop."""
        if self._scheduled_turn is None:
            self._scheduled_turn = asyncio.get_running_loop().call_soon(self._run_scheduled_turn)

    @property
    def clock_goal(self) -> Instant | None:
        """Where the clock is being moved to; None when it has got there."""
        return None if self._goal is None or self.clock.now() >= self._goal else self._goal

    @property
    def moving_until_idle(self) -> bool:
        """Whether the clock is being moved until all has settled."""
        return self._until_settled

    def next_event_due(self) -> Instant | None:
        """When the next scheduled event or batch is due; None when there is none."""
        times = (self.engine.next_delivery_due(), self.pending_batches.next_due())
        return min((t for t in times if t is not None), default=None)

    def move_clock_to(self, goal: Instant) -> None:
        """Move the clock to `goal`, from one due time to the next, whenever no handler runs.

        Time passes while a handler runs, but never jumps. A clock that stood still does so again.
        """
        self._goal = max(goal, self._goal or 0)
        if self.clock.paused:
            self.clock.stop(self._goal)
        self.apply_clock_change()

    def move_clock_until_idle(self) -> None:
        """Move the clock, in the same way, until nothing is planned, waiting or running."""
        self._pause_when_settled = self.clock.paused
        self._until_settled = True
        self.clock.resume()
        self.apply_clock_change()

    def drain(self) -> None:
        """Start nothing more; time goes on for what is running."""
        self._draining = True
        self._goal = None
        self._until_settled = False
        self.pending_batches.clear()
        self.engine.pause_delivery()
        self.clock.resume()
        self.apply_clock_change()

    def apply_clock_change(self) -> None:
        """Apply that the clock was stopped, resumed or given another speed."""
        if self._runtime is not None:
            self._runtime.sync_clock()
        self.run_turn()

    async def wait_until(self, condition: Callable[[], bool]) -> None:
        """Return at the end of the first turn after which `condition` holds."""
        if condition():
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append((condition, future))
        await future

    def is_settled(self) -> bool:
        """Whether nothing is planned, waiting or running."""
        return not (self.pending_batches or self.engine.pending or self.engine.running)

    def stop(self) -> None:
        """Run no more turns."""
        self._stopped = True
        for handle in (self._timer, self._scheduled_turn):
            if handle:
                handle.cancel()

    def _fail(self, error: Exception) -> None:
        self.stop()
        self._on_failure(error)

    def _run_turn(self) -> None:
        if self._runtime_busy or not self._generations:
            # Handlers are at work, and nothing else happens at this instant of virtual time.
            self._publish_records(self._persist_records())
            return
        self._run_due()
        if self._move_clock() and not self.clock.virtual:
            self._run_due()
        self._set_timer()

    @property
    def _runtime_busy(self) -> bool:
        return self._runtime is not None and self._runtime.busy

    def _run_due(self) -> None:
        """All that is due now."""
        now = self.clock.now()
        while (late := self._delayed.pop_due(now)) is not None:
            self._release_delayed(late, now)
        for event in self.pending_batches.pop_due_events(now):
            self.engine.enqueue_product_event(event, now)
        if self.clock.virtual and self._is_due(self.pending_batches.next_due(), now):
            # Nothing starts before everything that happens now has happened.
            self._publish_records(self._persist_records())
            return
        self.engine.wake(now)
        self._dispatch()

    def _move_clock(self) -> bool:
        """Move the clock to the next due time, if it is to be moved; answers whether it was."""
        now = self.clock.now()
        if self._goal is not None and now >= self._goal:
            self._goal = None
        if self._until_settled and self.is_settled():
            self._until_settled = False
            if self._pause_when_settled:
                self.clock.stop(now)
        if not self._may_move_clock():
            return False
        times = (*self._due_times(), self._goal)
        next_time = min((t for t in times if t is not None), default=now)
        if next_time <= now:
            return False
        self.clock.skip_to(next_time)
        if self._runtime is not None:
            self._runtime.sync_clock()
        return True

    def _may_move_clock(self) -> bool:
        move_requested = self._goal is not None or self._until_settled
        if not self.clock.virtual:
            return move_requested and not self.engine.running
        if self._runtime_busy:
            return False
        if self._draining:
            return self.engine.running > 0
        return move_requested or not (self.clock.paused or self.engine.paused)

    def _receive_message(self, message: RuntimeMessage, now: Instant) -> None:
        assert self._runtime is not None
        match message:
            case AppRequest():
                answer = self.services.answer_request(message, now)
                if latency := self._response_latency(message, now):
                    self._delayed.add(now + latency, (message.request_id, answer))
                else:
                    self._runtime.respond(message.request_id, answer)
            case InvocationEnded(invocation_id, outcome):
                self.engine.end_invocation(invocation_id, outcome, now)
            case LogLine(invocation_id, level, text):
                self.engine.record(Log(level=level, message=text, invocation_id=invocation_id), now)
            case HostNotice(level, text):
                self.engine.record(Log(level=level, message=text), now)
            case DelayedMessages(at):
                self._delayed.add(at, message)

    def _response_latency(self, request: AppRequest, now: Instant) -> Millis:
        """How long the answer is under way; what was asked for is done at once."""
        match service_kind(request):
            case "kvs":
                return self.engine.kvs_latency(request.invocation_id, now)
            case "push":
                return self.engine.latencies.push()
            case "product":
                return self.engine.product_latency(request.invocation_id, now)
        return 0

    def _release_delayed(self, delayed: _Delayed, now: Instant) -> None:
        assert self._runtime is not None
        match delayed:
            case DelayedMessages():
                for message in delayed.messages:
                    self._receive_message(message, now)
            case Invocation():
                self._runtime.invoke(delayed)
            case (request_id, answer):
                self._runtime.respond(request_id, answer)

    def _dispatch(self) -> None:
        records = self._persist_records()
        if self._runtime is not None:
            now = self.clock.now()
            for invocation in self.engine.take_invocations():
                if invocation.starts_at > now:
                    self._delayed.add(invocation.starts_at, invocation)
                else:
                    self._runtime.invoke(invocation)
            for invocation_id in self.engine.take_aborts():
                self._runtime.abort_invocation(invocation_id)
            self._retire_generations(self._runtime)
            self._runtime.flush()
        self._publish_records(records)

    def persist_now(self) -> None:
        """Persist what has changed now, because it is answered before the next turn."""
        self._publish_records(self._persist_records())

    def _persist_records(self) -> Sequence[Record]:
        """The records since the last call, after every change was persisted."""
        records = self.engine.take_records()
        self._persist(records)
        return records

    def _publish_records(self, records: Sequence[Record]) -> None:
        """Publish the records, and resolve the waiters whose condition holds now."""
        if records:
            self._publish(records)
        for waiting in [w for w in self._waiters if w[0]()]:
            self._waiters.remove(waiting)
            if not waiting[1].done():
                waiting[1].set_result(None)

    def _retire_generations(self, runtime: Runtime) -> None:
        if len(self._generations) > 1:
            needed = self.engine.generations_running() | {self.engine.generation}
            for generation in self._generations - needed:
                runtime.retire_generation(generation)
            self._generations &= needed

    def _due_times(self) -> Iterator[Instant | None]:
        yield self.engine.next_wakeup()
        yield self.pending_batches.next_due()
        yield self._delayed.next_due()
        if self._runtime is not None:
            yield self._runtime.next_timer_due

    def _is_due(self, instant: Instant | None, now: Instant) -> bool:
        return instant is not None and instant <= now

    def _set_timer(self) -> None:
        """One timer for the next due time, or the next pass of the loop where it has come.

        In virtual time a timer is never needed: it is due now, or time has to be moved first.
        """
        if self._timer:
            self._timer.cancel()
            self._timer = None
        due = [t for t in self._due_times() if t is not None]
        if not due or self._runtime_busy:
            return
        if self.clock.virtual:
            if min(due) <= self.clock.now():
                self.schedule_turn()
            return
        delay = self.clock.real_delay(min(due))
        if delay > 0:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(min(delay, _LONGEST_WAIT), self.run_turn)
        else:
            self.schedule_turn()

    def _run_scheduled_turn(self) -> None:
        self._scheduled_turn = None
        self.run_turn()
