"""The engine loop: messages go to the engine, invocations to the runtime, in turns.

Everything here runs on the loop's thread; nothing else touches the engine. What moves time is in
`clock_driver.py`, what is under way for a latency in `delayed_answers.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence

from forge_emu.emulator.clock_driver import ClockDriver
from forge_emu.emulator.delayed_answers import DelayedAnswers
from forge_emu.emulator.pending_batches import PendingBatches
from forge_emu.engine.engine import Engine
from forge_emu.model import Instant
from forge_emu.ports import (
    AppRequest,
    Clock,
    DelayedMessages,
    HostNotice,
    InvocationBegun,
    InvocationEnded,
    InvocationHeldUp,
    LogLine,
    RemoteAnswered,
    Runtime,
    RuntimeMessage,
    SentRequestEnded,
)
from forge_emu.records import Log, RecordBatch
from forge_emu.services.request_names import unanswered_calls
from forge_emu.services.services import Services

_LONGEST_WAIT = 3600.0
"""Real seconds; a timer further away is set anew when this has passed."""

TakeBatch = Callable[[RecordBatch], None]


class EngineLoop:
    """Runs the engine in turns. `publish` receives the records of each turn, in order.

    `persist` receives them first, and writes what the turn has changed before it is published.
    Nothing starts before code is loaded; no turn runs after an error, which `on_failure` gets.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        pending_batches: PendingBatches,
        publish: TakeBatch,
        on_failure: Callable[[Exception], None],
        persist: TakeBatch = lambda batch: None,
    ) -> None:
        self.engine = engine
        self.clock = clock
        self.pending_batches = pending_batches
        self.services = Services(engine)
        self.clock_driver = ClockDriver(
            clock, engine, pending_batches, self._due_times, self._handlers_go_on
        )
        self._delayed_answers = DelayedAnswers(engine, self.services.egress.end_late)
        self._publish = publish
        self._persist = persist
        self._on_failure = on_failure
        self._stopped = False
        self.held = False
        """Whether nothing is done, not even what is due: between a test's orders to move time."""
        self._runtime: Runtime | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._scheduled_turn: asyncio.Handle | None = None
        self._waiters: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        self.before_persisting: Callable[[], None] = lambda: None
        self.generations: set[int] = set()

    def attach_runtime(self, runtime: Runtime) -> None:
        """Use `runtime`, whose sink is `receive_messages`."""
        self._runtime = runtime
        self.engine.expect_begins(runtime.tells_begin)

    def add_generation(self, generation: int) -> None:
        """A generation of the app's code is loaded; old ones are retired when they are idle."""
        self.generations.add(generation)

    def receive_messages(self, messages: Sequence[RuntimeMessage]) -> None:
        """The sink of the runtime: pass its messages to the engine, and run a turn."""
        if self._stopped:
            return
        try:
            self.clock_driver.excuse_pause()
            self._receive(messages)
        except Exception as error:
            self._fail(error)
        self.run_turn()

    def run_turn(self) -> None:
        """Run everything that is due, dispatch invocations, publish records, and set the timer."""
        if self._stopped:
            return
        try:
            self.clock_driver.excuse_pause()
            self._run_turn()
            self.clock_driver.watch_pauses()
        except Exception as error:
            self._fail(error)

    def schedule_turn(self) -> None:
        """Run a turn on the next pass of the asyncio loop."""
        if self._scheduled_turn is None:
            self._scheduled_turn = asyncio.get_running_loop().call_soon(self._run_scheduled_turn)

    def enter(self) -> Instant:
        """Something comes from outside: when that is."""
        if not self.busy:
            self.clock.catch_up()
        return self.clock.now()

    def move_clock_to(self, goal: Instant) -> None:
        """Move the clock to `goal`, from one due time to the next, whenever no handler runs."""
        self.clock_driver.move_to(goal)
        self.apply_clock_change()

    def move_clock_until_idle(self) -> None:
        """Move the clock, in the same way, until what is planned, waiting or running has ended."""
        self.clock_driver.move_until_idle()
        self.apply_clock_change()

    def drain(self) -> None:
        """Start nothing more; time goes on for what is running."""
        self.pending_batches.clear()
        self.engine.queue_admin.pause_delivery()
        self.clock_driver.drain()
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

    def persist_now(self) -> None:
        """Persist what has changed now, because it is answered before the next turn."""
        self._publish_batch(self._persist_batch())

    def stop(self) -> None:
        """Run no more turns."""
        self._stopped = True
        self.clock_driver.stop()
        for handle in filter(None, (self._timer, self._scheduled_turn)):
            handle.cancel()

    def _fail(self, error: Exception) -> None:
        self.stop()
        self._on_failure(error)

    def _run_turn(self) -> None:
        if self.busy or self.held or not self.generations:
            # Handlers are at work, and nothing else happens at this instant of virtual time.
            self.clock_driver.let_flow(runtime_busy=True)
            self.persist_now()
            return
        self._run_due()
        if self.clock_driver.move_on(runtime_busy=self.busy):
            if self._runtime is not None:
                self._runtime.sync_clock()
            if self.clock.virtual:
                # Whoever waits for this instant is told, even if nothing is due at it.
                self.schedule_turn()
            else:
                self._run_due()
        self._set_timer()

    @property
    def busy(self) -> bool:
        return self._runtime is not None and self._runtime.busy

    def _run_due(self) -> None:
        """All that is due now."""
        now = self.clock.now()
        if self._runtime is not None:
            self._delayed_answers.release_due(self._runtime, self._receive, now)
        self.pending_batches.release_due(self.engine.enqueue_product_event, now)
        next_event = self.pending_batches.next_due()
        if self.clock.virtual and next_event is not None and next_event <= now:
            # Nothing starts before everything that happens now has happened.
            self.persist_now()
            return
        self.engine.wake(now)
        self._dispatch(now)

    def _receive(self, messages: Sequence[RuntimeMessage]) -> None:
        now, engine, runtime = self.clock.now(), self.engine, self._runtime
        assert runtime is not None
        for message in messages:
            match message:
                case AppRequest() if self.services.loses_request(message, now):
                    runtime.lose_request(message.request_id)
                case AppRequest():
                    response = self.services.answer_request(message, now)
                    self._delayed_answers.respond(runtime, message, response, now)
                case RemoteAnswered(request_id, response):
                    runtime.respond(request_id, response)
                case SentRequestEnded():
                    self.services.egress.record_ended(message, now)
                case InvocationBegun(invocation_id):
                    engine.begin_invocation(invocation_id, now)
                case InvocationHeldUp(invocation_id, ms):
                    engine.delivery_loop.excuse_wait(invocation_id, ms, now)
                case InvocationEnded(ended, outcome, requests, total):
                    engine.end_invocation(ended, outcome, now, unanswered_calls(requests, total))
                case LogLine(str() as invocation_id) if engine.has_given_up(invocation_id):
                    pass  # On Forge nothing of it runs any more.
                case LogLine(invocation_id, level, text):
                    engine.record(Log(level=level, message=text, invocation_id=invocation_id), now)
                case HostNotice(level, text):
                    engine.record(Log(level=level, message=text), now)
                case DelayedMessages():
                    self._delayed_answers.add_messages(message)

    def _dispatch(self, now: Instant) -> None:
        """Give the runtime what has come of the turn, after it was persisted."""
        batch = self._persist_batch()
        if runtime := self._runtime:
            for invocation in self.engine.take_invocations():
                self._delayed_answers.invoke(runtime, invocation, now)
            for invocation_id in self.engine.take_aborts():
                runtime.abort_invocation(invocation_id)
            self._retire_generations(runtime)
            runtime.flush()
        self._publish_batch(batch)

    def _persist_batch(self) -> RecordBatch:
        """The records since the last call, after every change was persisted."""
        self.before_persisting()
        batch = RecordBatch(self.engine.take_records())
        self._persist(batch)
        return batch

    def _publish_batch(self, batch: RecordBatch) -> None:
        """Publish the records, and resolve the waiters whose condition holds now."""
        if batch.records:
            self._publish(batch)
        for waiter in [w for w in self._waiters if w[0]()]:
            self._waiters.remove(waiter)
            if not waiter[1].done():
                waiter[1].set_result(None)

    def _retire_generations(self, runtime: Runtime) -> None:
        if len(self.generations) > 1:
            needed = self.engine.generations_running | {self.engine.generation}
            for generation in self.generations - needed:
                runtime.retire_generation(generation)
            self.generations &= needed

    def _handlers_go_on(self) -> bool:
        """Whether, in virtual time, code of handlers goes on, also of those that have returned."""
        runtime = self._runtime
        return self._delayed_answers.next_due() is not None or (
            runtime is not None and (runtime.busy or runtime.next_timer_due is not None)
        )

    def _due_times(self) -> Iterator[Instant | None]:
        yield self.engine.next_wakeup()
        yield self.pending_batches.next_due()
        yield self._delayed_answers.next_due()
        if self._runtime is not None:
            yield self._runtime.next_timer_due

    def _set_timer(self) -> None:
        """One timer for the next due time, or the next pass of the loop where it has come.

        Virtual time that never waits needs none: it is due now, or time has to be moved first.
        """
        if self._timer:
            self._timer.cancel()
            self._timer = None
        due, busy = self.clock_driver.next_due(), self.busy
        self.clock_driver.let_flow(runtime_busy=busy)
        delay = None if due is None or busy else self.clock_driver.wait_seconds(due)
        if delay is None:
            return
        if delay > 0:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(min(delay, _LONGEST_WAIT), self.run_turn)
        else:
            self.schedule_turn()

    def _run_scheduled_turn(self) -> None:
        self._scheduled_turn = None
        self.run_turn()
