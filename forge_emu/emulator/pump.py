"""The loop's heart: what comes in goes to the engine, what the engine wants goes out, in turns.

Everything here runs on the loop's thread; nothing else touches the engine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from forge_emu.emulator.plan import Plan
from forge_emu.engine import Engine
from forge_emu.model import Instant
from forge_emu.ports import (
    AppRequest,
    Clock,
    HostNotice,
    InvocationEnded,
    LogLine,
    Runtime,
    RuntimeMessage,
)
from forge_emu.records import Log, Record
from forge_emu.services import Services

_LONGEST_WAIT = 3600.0
"""Real seconds; a timer further away is set anew when this has passed."""


class Pump:
    """Turns the engine. `publish` receives the records of each turn, in order.

    `failed` hears of a defect: nothing is turned any more then.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        plan: Plan,
        publish: Callable[[Sequence[Record]], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self.engine = engine
        self.clock = clock
        self.plan = plan
        self._services = Services(engine)
        self._publish = publish
        self._failed = failed
        self._stopped = False
        self._runtime: Runtime | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._again: asyncio.Handle | None = None
        self._idle: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        self._skip = False
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

    def skip_to_next(self) -> Instant | None:
        """Go to the next due time once no handler runs; answers that time, None if there is none.

        Time passes while a handler runs, but never jumps.
        """
        if (instant := self._next_event()) is not None:
            self._skip = True
            self.turn()
        return instant

    async def until(self, condition: Callable[[], bool]) -> None:
        """Return at the end of the first turn after which `condition` holds."""
        if condition():
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._idle.append((condition, future))
        await future

    def settled(self) -> bool:
        """Whether nothing is planned, waiting or running."""
        return not self.plan and not self.engine.pending and not self.engine.running

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
        now = self.clock.now()
        self.engine.wake(now)
        for event in self.plan.release(now):
            self.engine.send(event, now)
        if self._skip and not self.engine.running:
            self._skip_now(now)
        self._hand_out()
        self._arm()

    def _take(self, message: RuntimeMessage, now: Instant) -> None:
        assert self._runtime is not None
        match message:
            case AppRequest():
                answer = self._services.answer(message, now)
                self._runtime.respond(message.request_id, answer)
            case InvocationEnded(invocation_id, outcome):
                self.engine.finish(invocation_id, outcome, now)
            case LogLine(invocation_id, level, text):
                self.engine.note(Log(level=level, message=text, invocation_id=invocation_id), now)
            case HostNotice(level, text):
                self.engine.note(Log(level=level, message=text), now)

    def _hand_out(self) -> None:
        if self._runtime is not None:
            for invocation in self.engine.take_invocations():
                self._runtime.invoke(invocation)
            for invocation_id in self.engine.take_aborts():
                self._runtime.abort(invocation_id)
            self._retire(self._runtime)
            self._runtime.flush()
        if records := self.engine.take_records():
            self._publish(records)
        for waiting in [w for w in self._idle if w[0]()]:
            self._idle.remove(waiting)
            if not waiting[1].done():
                waiting[1].set_result(None)

    def _retire(self, runtime: Runtime) -> None:
        if len(self._generations) > 1:
            needed = self.engine.generations_running() | {self.engine.generation}
            for generation in self._generations - needed:
                runtime.retire(generation)
            self._generations &= needed

    def _next_event(self) -> Instant | None:
        times = (self.engine.next_delivery(), self.plan.next_due())
        return min((t for t in times if t is not None), default=None)

    def _skip_now(self, now: Instant) -> None:
        self._skip = False
        instant = self._next_event()
        if instant is not None and instant > now:
            self.clock.skip_to(instant)
            self.engine.wake(instant)
            for event in self.plan.release(instant):
                self.engine.send(event, instant)

    def _arm(self) -> None:
        """One timer for the next due time, or the next pass of the loop where it has come."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        due = [t for t in (self.engine.next_wakeup(), self.plan.next_due()) if t is not None]
        if not due:
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
