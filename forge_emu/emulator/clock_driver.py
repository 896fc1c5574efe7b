"""Moves emulated time from one due time to the next, and never over one.

Virtual time moves by itself whenever nothing runs, after a wait where it is paced; real time is
moved only where a user asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from forge_emu.emulator.pending_batches import PendingBatches
from forge_emu.engine.engine import Engine
from forge_emu.model import Instant
from forge_emu.ports import Clock

DueTimes = Callable[[], Iterable[Instant | None]]
"""Every instant at which something is due next."""


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
        self._handlers_go_on = handlers_go_on
        self._goal: Instant | None = None
        self._until_settled = False
        self._pause_when_settled = False
        self._draining = False

    @property
    def goal(self) -> Instant | None:
        """Where the clock is being moved to; None when it has got there."""
        return None if self._goal is None or self.clock.now() >= self._goal else self._goal

    @property
    def moving_until_idle(self) -> bool:
        """Whether the clock is being moved until all has settled."""
        return self._until_settled

    def is_settled(self) -> bool:
        """Whether nothing is planned, waiting or running, and no handler has left work behind."""
        return self.deliveries_settled() and not self._handlers_go_on()

    def deliveries_settled(self) -> bool:
        """Whether no event is planned, waiting or handled."""
        engine = self._engine
        return not (self._pending_batches or engine.pending or engine.running)

    def next_due(self) -> Instant | None:
        """When something is due next; None when nothing is."""
        return min((t for t in self._due_times() if t is not None), default=None)

    def move_to(self, goal: Instant) -> None:
        """Move to `goal` from now on. A clock that stood still does so again there."""
        self._goal = max(goal, self._goal or 0)
        if self.clock.paused:
            self.clock.stop(self._goal)

    def move_until_idle(self) -> None:
        """Move, in the same way, until nothing is planned, waiting or running."""
        self._pause_when_settled = self.clock.paused
        self._until_settled = True
        self.clock.resume()

    def drain(self) -> None:
        """Move only for what is running."""
        self._draining = True
        self._goal = None
        self._until_settled = False
        self.clock.resume()

    def move_on(self, *, runtime_busy: bool) -> bool:
        """Move to the next due time, if time is to be moved; answers whether it was."""
        now = self.clock.now()
        if self._goal is not None and now >= self._goal:
            self._goal = None
        if self._until_settled and self.is_settled():
            self._until_settled = False
            if self._pause_when_settled:
                self.clock.stop(now)
        if not self._may_move(runtime_busy=runtime_busy):
            return False
        times = (self.next_due(), self._goal)
        target = min((t for t in times if t is not None), default=now)
        if target <= now or (not self._moves_at_once and self.clock.real_delay(target) > 0):
            return False
        self.clock.skip_to(target)
        return True

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
        return self._goal is not None or self._until_settled

    def _may_move(self, *, runtime_busy: bool) -> bool:
        if not self.clock.virtual:
            return self._moves_at_once and not self._engine.running
        if runtime_busy:
            return False
        if self._draining:
            return self._engine.running > 0
        return self._moves_at_once or not (self.clock.paused or self._engine.paused)
