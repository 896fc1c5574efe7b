"""Moves emulated time from one due time to the next, and never over one.

Virtual time moves by itself whenever nothing runs, after a wait where it is paced; real time is
moved only where a user asks. What time alone starts, such as a schedule, happens when its time
comes; but virtual time that never waits does not move for it and what comes of it alone, because
that would never end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

from forge_emu.emulator.pending_batches import PendingBatches
from forge_emu.engine.engine import Engine
from forge_emu.model import Instant, Millis
from forge_emu.ports import Clock

DueTimes = Callable[[], Iterable[Instant | None]]
"""Every instant at which something is due next."""

_LOOK_SECONDS: Final = 0.25
_SHORTEST_PAUSE_SECONDS: Final = 1.0


class PauseWatch:
    """Sees, in real time, that this process has not run for a while: stopped, or starved.

    While handlers run it looks at least every quarter of a second; one that is late tells.
    """

    def __init__(self) -> None:
        self._next_look: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def go_on(self, watching: bool) -> None:
        """Watch from now on, or no longer."""
        if not watching:
            self.stop()
        elif self._timer is None:
            self._look()

    def stop(self) -> None:
        """Watch no longer."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._next_look = None

    def take_pause(self) -> Millis:
        """For how long the process has not run, since the last look; 0 where it has."""
        if self._next_look is None:
            return 0
        now = asyncio.get_running_loop().time()
        late = now - self._next_look
        self._next_look = now + _LOOK_SECONDS
        return round(late * 1000) if late >= _SHORTEST_PAUSE_SECONDS else 0

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        # A pause that nobody has asked for yet stays to be asked for.
        if self._next_look is None or loop.time() - self._next_look < _SHORTEST_PAUSE_SECONDS:
            self._next_look = loop.time() + _LOOK_SECONDS
        self._timer = loop.call_later(_LOOK_SECONDS, self._look)


class ClockDriver:
    """The clock of a run, and how far it is to be moved."""

    def __init__(
        self,
        clock: Clock,
        engine: Engine,
        pending_batches: PendingBatches,
        due_times: DueTimes,
        handlers_go_on: Callable[[], bool] = lambda: False,
    ) -> None:
        self.clock = clock
        self._engine = engine
        self._pending_batches = pending_batches
        self._due_times = due_times
        self.handlers_go_on = handlers_go_on
        """Whether code of handlers goes on, also of those that have returned."""
        self._goal: Instant | None = None
        self._until: Callable[[], bool] | None = None
        self._pause_then = False
        self._draining = False
        self._ends_schedules = False
        self._pause_watch = PauseWatch()

    @property
    def goal(self) -> Instant | None:
        """Where the clock is being moved to; None when it has got there."""
        return None if self._goal is None or self.clock.now() >= self._goal else self._goal

    @property
    def moving_until_idle(self) -> bool:
        """Whether the clock is being moved until all has settled, or until something has ended."""
        return self._until is not None

    def is_settled(self) -> bool:
        """Whether nothing is planned, waiting or running, and no handler has left work behind."""
        return self.deliveries_settled() and not self.handlers_go_on()

    def deliveries_settled(self) -> bool:
        """Whether no event is planned, waiting or handled."""
        engine = self._engine
        return not (self._pending_batches or engine.pending or engine.running)

    def is_awaited(self) -> bool:
        """Whether an event is planned, waits or is handled that does not come of time alone."""
        return bool(self._pending_batches or self._engine.awaited)

    def end_schedules_when_settled(self) -> None:
        """Let schedules start nothing more once nothing else is awaited: a run then has an end."""
        self._ends_schedules = True

    def next_due(self) -> Instant | None:
        """When something is due next; None when nothing is."""
        return min((t for t in self._due_times() if t is not None), default=None)

    def next_event_due(self) -> Instant | None:
        """When the next scheduled event or batch is due; None when there is none."""
        times = (self._engine.next_delivery_due(), self._pending_batches.next_due())
        return min((t for t in times if t is not None), default=None)

    def move_to(self, goal: Instant) -> None:
        """Move to `goal` from now on. A clock that stood still does so again there."""
        self._goal = max(goal, self._goal or 0)
        if self.clock.paused:
            self.clock.stop(self._goal)

    def move_until_idle(self) -> None:
        """Move, in the same way, until all that is planned, waiting or running now has ended."""
        self._engine.await_all()
        self.move_until(self.only_time_goes_on)

    def move_until(self, has_ended: Callable[[], bool]) -> None:
        """Move, in the same way, until `has_ended`. A clock that stood still does so again then.

        What it is being moved for already has to end as well.
        """
        before = self._until
        if before is None:
            self._until, self._pause_then = has_ended, self.clock.paused
        else:
            self._until = lambda: before() and has_ended()
        self.clock.resume()

    def drain(self) -> None:
        """Move only for what is running."""
        self._draining = True
        self._engine.scheduled_runs.schedules.end = self.clock.now()
        self._goal = None
        self._until = None
        self.clock.resume()

    def move_on(self, *, runtime_busy: bool) -> bool:
        """Move to the next due time, if time is to be moved; answers whether it was."""
        now = self.clock.now()
        if self._goal is not None and now >= self._goal:
            self._goal = None
        if self._ends_schedules and not self.is_awaited():
            self._ends_schedules = False
            self._engine.scheduled_runs.schedules.end = now
        if self._until is not None and self._until():
            self._until = None
            if self._pause_then:
                self.clock.stop(now)
        if not self._may_move(runtime_busy=runtime_busy):
            return False
        times = (self.next_due(), self._goal)
        target = min((t for t in times if t is not None), default=now)
        if target <= now or (not self._moves_at_once and self.clock.real_delay(target) > 0):
            return False
        self.clock.skip_to(target)
        return True

    def excuse_pause(self) -> None:
        """Handlers that could not be heard are given the time; call it before deadlines count."""
        if pause := self._pause_watch.take_pause():
            self._engine.delivery_loop.excuse_pause(pause, self.clock.now())

    def watch_pauses(self) -> None:
        """Watch for pauses of this process while handlers run in real time."""
        self._pause_watch.go_on(not self.clock.virtual and self._engine.running > 0)

    def stop(self) -> None:
        """No turn is run any more."""
        self._pause_watch.stop()

    def let_flow(self, *, runtime_busy: bool) -> None:
        """Tell the clock how far it may be shown to flow until the next move."""
        self.clock.flow_until(self.clock.now() if runtime_busy else self.next_due())

    def wait_seconds(self, due: Instant) -> float | None:
        """Real seconds until time is at `due`; None where somebody else has to move it."""
        if not self.clock.virtual:
            return self.clock.real_delay(due)
        if due <= self.clock.now():
            return 0.0
        if self._moves_at_once or not self._may_move(runtime_busy=False):
            return None
        return self.clock.real_delay(due)

    @property
    def _moves_at_once(self) -> bool:
        """Whether a user has asked for the move: then it is not waited for."""
        return self._goal is not None or self._until is not None

    def only_time_goes_on(self) -> bool:
        """Whether nothing is left but what time alone has started, and will start."""
        return not (self.is_awaited() or self._engine.running or self.handlers_go_on())

    def _may_move(self, *, runtime_busy: bool) -> bool:
        if not self.clock.virtual:
            return self._moves_at_once and not self._engine.running
        if runtime_busy:
            return False
        if self._draining:
            return self._engine.running > 0
        if self._moves_at_once:
            return True
        if self.clock.paused or self._engine.paused:
            return False
        return self.clock.speed is not None or not self.only_time_goes_on()
