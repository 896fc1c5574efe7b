"""The loop's heart: what comes in goes to the engine, what the engine wants goes out, in turns.

Everything here runs on the loop's thread; nothing else touches the engine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from forge_emu.emulator.pending_batches import Plan
from forge_emu.engine import Engine
from forge_emu.engine.delivery.schedule import Schedule
from forge_emu.model import Instant, Invocation, Millis
from forge_emu.ports import (
    AppRequest,
    AppResponse,
    Clock,
    HostNotice,
    InvocationEnded,
    LogLine,
    DelayedMessages,
    Runtime,
    RuntimeMessage,
)
from forge_emu.records import Log, Record
from forge_emu.services import Services, kind_of

_LONGEST_WAIT = 3600.0
"""Real seconds; a timer further away is set anew when this has passed."""


_Late: TypeAlias = DelayedMessages | Invocation | tuple[int, AppResponse]
"""What is due later: words said after hours, a handler to start, the answer to a request."""


class Pump:
    """Turns the engine. `publish` receives the records of each turn, in order.

    `keep` receives them first, and saves what the turn has changed before anybody hears of it.
    Nothing starts before code is loaded.
    `failed` hears of a defect: nothing is turned any more then.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        plan: Plan,
        publish: Callable[[Sequence[Record]], None],
        failed: Callable[[Exception], None],
        keep: Callable[[Sequence[Record]], None] = lambda records: None,
    ) -> None:
        self.engine = engine
        self.clock = clock
        self.plan = plan
        self.services = Services(engine)
        self._publish = publish
        self._keep = keep
        self._failed = failed
        self._stopped = False
        self._runtime: Runtime | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._again: asyncio.Handle | None = None
        self._idle: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        self._late: Schedule[_Late] = Schedule()
        self._goal: Instant | None = None
        self._until_settled = False
        self._stop_after = False
        self._draining = False
        self._generations: set[int] = set()

    def attach(self, runtime: Runtime) -> None:
        """Use `runtime`, whose sink is `receive`."""
        self._runtime = runtime

    def loaded(self, generation: int) -> None:
        """A generation of the app's code is in the runtime; old ones go when they are idle."""
        self._generations.add(generation)

    def receive(self, messages: Sequence[RuntimeMessage]) -> None:
        """The runtime's sink."""
        if self._stopped:
            return
        now = self.clock.now()
        try:
            for message in messages:
                self._take(message, now)
        except Exception as error:
            self._fail(error)
        self.turn()

    def turn(self) -> None:
        """Do everything that is due, hand out what has come of it, and set the timer."""
        if self._stopped:
            return
        try:
            self._turn()
        except Exception as error:
            self._fail(error)

    def soon(self) -> None:
        """Turn on the loop's next pass."""
        if self._again is None:
            self._again = asyncio.get_running_loop().call_soon(self._turn_again)

    @property
    def goal(self) -> Instant | None:
        """Where the clock is being moved to; None when it has got there."""
        return None if self._goal is None or self.clock.now() >= self._goal else self._goal

    @property
    def moving_on(self) -> bool:
        """Whether the clock is being moved until all has settled."""
        return self._until_settled

    def next_event(self) -> Instant | None:
        """When the next event is due that waits for its time; None when there is none."""
        times = (self.engine.next_delivery_due(), self.plan.next_due())
        return min((t for t in times if t is not None), default=None)

    def move_to(self, goal: Instant) -> None:
        """Move the clock to `goal`, from one due time to the next, whenever no handler runs.

        Time passes while a handler runs, but never jumps. A clock that stood still does so again.
        """
        self._goal = max(goal, self._goal or 0)
        if self.clock.paused:
            self.clock.stop(self._goal)
        self.retime()

    def move_on(self) -> None:
        """The same until nothing is planned, waiting or running."""
        self._stop_after = self.clock.paused
        self._until_settled = True
        self.clock.resume()
        self.retime()

    def drain(self) -> None:
        """Start nothing more; time goes on for what is running."""
        self._draining = True
        self._goal = None
        self._until_settled = False
        self.plan.clear()
        self.engine.pause_delivery()
        self.clock.resume()
        self.retime()

    def retime(self) -> None:
        """The clock was stopped, resumed or given another speed."""
        if self._runtime is not None:
            self._runtime.sync_clock()
        self.turn()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Return at the end of the first turn after which `condition` holds."""
        if condition():
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._idle.append((condition, future))
        await future

    def settled(self) -> bool:
        """Whether nothing is planned, waiting or running."""
        return not (self.plan or self.engine.pending or self.engine.running)

    def stop(self) -> None:
        """Turn no more."""
        self._stopped = True
        for handle in (self._timer, self._again):
            if handle:
                handle.cancel()

    def _fail(self, error: Exception) -> None:
        self.stop()
        self._failed(error)

    def _turn(self) -> None:
        if self._busy or not self._generations:
            # Handlers are at work, and nothing else happens at this instant of virtual time.
            self._tell(self._kept())
            return
        self._work()
        if self._move() and not self.clock.virtual:
            self._work()
        self._arm()

    @property
    def _busy(self) -> bool:
        return self._runtime is not None and self._runtime.busy

    def _work(self) -> None:
        """All that is due now."""
        now = self.clock.now()
        while (late := self._late.pop_due(now)) is not None:
            self._release(late, now)
        for event in self.plan.release(now):
            self.engine.enqueue_product_event(event, now)
        if self.clock.virtual and self._comes_by(self.plan.next_due(), now):
            # Nothing starts before everything that happens now has happened.
            self._tell(self._kept())
            return
        self.engine.wake(now)
        self._hand_out()

    def _move(self) -> bool:
        """Move the clock to the next due time, if it is to be moved; answers whether it was."""
        now = self.clock.now()
        if self._goal is not None and now >= self._goal:
            self._goal = None
        if self._until_settled and self.settled():
            self._until_settled = False
            if self._stop_after:
                self.clock.stop(now)
        if not self._may_move():
            return False
        times = (*self._due_times(), self._goal)
        target = min((t for t in times if t is not None), default=now)
        if target <= now:
            return False
        self.clock.skip_to(target)
        if self._runtime is not None:
            self._runtime.sync_clock()
        return True

    def _may_move(self) -> bool:
        asked = self._goal is not None or self._until_settled
        if not self.clock.virtual:
            return asked and not self.engine.running
        if self._busy:
            return False
        if self._draining:
            return self.engine.running > 0
        return asked or not (self.clock.paused or self.engine.paused)

    def _take(self, message: RuntimeMessage, now: Instant) -> None:
        assert self._runtime is not None
        match message:
            case AppRequest():
                answer = self.services.answer(message, now)
                if latency := self._latency(message, now):
                    self._late.add(now + latency, (message.request_id, answer))
                else:
                    self._runtime.respond(message.request_id, answer)
            case InvocationEnded(invocation_id, outcome):
                self.engine.end_invocation(invocation_id, outcome, now)
            case LogLine(invocation_id, level, text):
                self.engine.record(Log(level=level, message=text, invocation_id=invocation_id), now)
            case HostNotice(level, text):
                self.engine.record(Log(level=level, message=text), now)
            case DelayedMessages(at):
                self._late.add(at, message)

    def _latency(self, request: AppRequest, now: Instant) -> Millis:
        """How long the answer is under way; what was asked for is done at once."""
        match kind_of(request):
            case "kvs":
                return self.engine.kvs_latency(request.invocation_id, now)
            case "push":
                return self.engine.latencies.push()
            case "product":
                return self.engine.product_latency(request.invocation_id, now)
        return 0

    def _release(self, late: _Late, now: Instant) -> None:
        assert self._runtime is not None
        match late:
            case DelayedMessages():
                for message in late.messages:
                    self._take(message, now)
            case Invocation():
                self._runtime.invoke(late)
            case (request_id, answer):
                self._runtime.respond(request_id, answer)

    def _hand_out(self) -> None:
        records = self._kept()
        if self._runtime is not None:
            now = self.clock.now()
            for invocation in self.engine.take_invocations():
                if invocation.starts_at > now:
                    self._late.add(invocation.starts_at, invocation)
                else:
                    self._runtime.invoke(invocation)
            for invocation_id in self.engine.take_aborts():
                self._runtime.abort_invocation(invocation_id)
            self._retire(self._runtime)
            self._runtime.flush()
        self._tell(records)

    def keep(self) -> None:
        """Save what has changed now: it is answered before the next turn."""
        self._tell(self._kept())

    def _kept(self) -> Sequence[Record]:
        """The records since the last call, after everything that has changed was saved."""
        records = self.engine.take_records()
        self._keep(records)
        return records

    def _tell(self, records: Sequence[Record]) -> None:
        """Publish the records, and wake those who wait for a condition that holds now."""
        if records:
            self._publish(records)
        for waiting in [w for w in self._idle if w[0]()]:
            self._idle.remove(waiting)
            if not waiting[1].done():
                waiting[1].set_result(None)

    def _retire(self, runtime: Runtime) -> None:
        if len(self._generations) > 1:
            needed = self.engine.generations_running() | {self.engine.generation}
            for generation in self._generations - needed:
                runtime.retire_generation(generation)
            self._generations &= needed

    def _due_times(self) -> Iterator[Instant | None]:
        yield self.engine.next_wakeup()
        yield self.plan.next_due()
        yield self._late.next_due()
        if self._runtime is not None:
            yield self._runtime.next_timer_due

    def _comes_by(self, instant: Instant | None, now: Instant) -> bool:
        return instant is not None and instant <= now

    def _arm(self) -> None:
        """One timer for the next due time, or the next pass of the loop where it has come.

        In virtual time a timer is never needed: it is due now, or time has to be moved first.
        """
        if self._timer:
            self._timer.cancel()
            self._timer = None
        due = [t for t in self._due_times() if t is not None]
        if not due or self._busy:
            return
        if self.clock.virtual:
            if min(due) <= self.clock.now():
                self.soon()
            return
        delay = self.clock.real_delay(min(due))
        if delay > 0:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(min(delay, _LONGEST_WAIT), self.turn)
        else:
            self.soon()

    def _turn_again(self) -> None:
        self._again = None
        self.turn()
