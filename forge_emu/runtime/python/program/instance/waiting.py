"""Waits of an instance's threads for messages of forge-emu or for time to pass.

One waiting thread leads: it reads messages and wakes the others. In virtual time it
also makes sure that every other thread waits before time moves.
"""

from __future__ import annotations

import math
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol

from ..shared import real_clock
from .clock import InstanceClock

# In real time: a thread whose code stands in one of these waits for another, or for a lock.
_BLOCKING_FILES: Final = ("/threading.py", "/concurrent/futures/thread.py", "/queue.py")


# So many looks in a row that find every thread where it was.
_QUIET_LOOKS: Final = 3
_LOOK_SECONDS: Final = 0.002


class MessageSource(Protocol):
    """Where messages come from."""

    def poll(self, seconds: float) -> bool:
        """Read what there is, waiting up to `seconds`; whether anything came."""
        ...

    def wait_for_round(self, at: float | None) -> None:
        """In virtual time: report when the first wait ends, and wait for the next round."""
        ...

    def deliver_round(self) -> bool:
        """In virtual time: deliver the messages of the round; whether there were any."""
        ...


@dataclass(eq=False)
class _Wait:
    done: Callable[[], bool]
    deadline: float
    thread: int
    timed_out: bool = False
    released: bool = False


class WaitCoordinator:
    """Coordinates the waits of all threads of an instance."""

    def __init__(
        self, clock: InstanceClock, io_patience_ms: float, io_again_patience_ms: float
    ) -> None:
        self.clock = clock
        self.io_patience_ms = io_patience_ms
        """How long emulated time stands still for what is real, in real milliseconds."""
        self._io_again_patience_ms = io_again_patience_ms
        self.on_io_given_up: Callable[[], object] = lambda: None
        self.source: MessageSource | None = None
        self.threads_matter: Callable[[], bool] = lambda: False
        """Whether other threads do the work of an invocation."""
        self._blocked: dict[int, Any] = {}
        self._given_locks: set[int] = set()
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._waits: list[_Wait] = []
        self._leading = False
        self._active_since: float | None = None
        self._is_given_up = False

    @property
    def waiting_threads(self) -> int:
        """How many threads wait."""
        return len(self._waits)

    def reset_after_fork(self) -> None:
        """In a process just forked: the other threads are gone."""
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._waits.clear()
        self._blocked.clear()
        self._given_locks.clear()
        self._leading = False

    def wait_until(
        self, done: Callable[[], bool], deadline: float = math.inf, *, at_once: bool = True
    ) -> bool:
        """Wait for `done`, at most until `deadline`; answers whether it is done.

        Without `at_once` it lets the other threads run as far as they can first, in virtual time.
        """
        wait = _Wait(done, deadline, real_clock.thread_id())
        with self._changed:
            if (at_once or not self.clock.virtual) and done():
                return True
            self._waits.append(wait)
            try:
                while not self._may_leave(wait):
                    if self._leading:
                        self._changed.wait()
                        continue
                    self._leading = True
                    try:
                        changed = self._lead()
                    finally:
                        self._leading = False
                    if changed:
                        self._changed.notify_all()
                return not wait.timed_out or done()
            finally:
                self._waits.remove(wait)
                # Another thread leads now.
                self._changed.notify_all()

    def _may_leave(self, wait: _Wait) -> bool:
        """Whether a wait is over; in virtual time one after the other, once all others wait."""
        if not self.clock.virtual:
            return wait.timed_out or wait.done()
        # Somebody else may have taken what it was released for.
        wait.released = wait.released and (wait.timed_out or wait.done())
        return wait.released

    def wait_for_other_threads(self) -> None:
        """In virtual time: wait until every other thread has ended or waits."""
        with self._changed:
            while self._other_thread_runs():
                self._run_unlocked(lambda _: real_clock.sleep(_LOOK_SECONDS))

    def read_pending(self) -> None:
        """Read what there is, unless another thread is about to."""
        with self._changed:
            if not self._leading and self.source is not None:
                self.source.poll(0)
                self._changed.notify_all()

    def settle_threads(self, patience_ms: float) -> None:
        """Return when every other thread waits for something, at the latest after so many real
        milliseconds."""
        if self.clock.virtual:
            self.wait_for_other_threads()
            return
        began, looks = real_clock.now_ms(), 0
        last: dict[int, tuple[int, int]] | None = None
        while looks < _QUIET_LOOKS and real_clock.now_ms() - began < patience_ms:
            real_clock.sleep(_LOOK_SECONDS)
            with self._changed:
                state = self._blocked_threads()
            looks = looks + 1 if state is not None and state == last else 0
            last = state

    def _lead(self) -> bool:
        """Whether something may have changed for the others."""
        assert self.source is not None
        if self.clock.virtual:
            return self._step_virtual(self.source)
        seconds = min(self.clock.real_seconds_until(w.deadline) for w in self._waits)
        self._run_unlocked(lambda source: source.poll(seconds))
        for wait in self._waits:
            if self.clock.real_seconds_until(wait.deadline) == 0:
                wait.timed_out = True
        return True

    def _step_virtual(self, source: MessageSource) -> bool:
        """One step of virtual time."""
        if self.threads_matter() and self._other_thread_runs():
            self._run_unlocked(lambda _: real_clock.sleep(_LOOK_SECONDS))
            # What one of the others waits for may be there.
            return True
        if over := next((w for w in self._waits if w.timed_out or w.done()), None):
            over.released = True
            return True
        open_waits = [w for w in self._waits if not w.timed_out]
        first = min(open_waits, key=lambda w: w.deadline)
        clock = self.clock
        if first.deadline <= clock.round_target:
            clock.advance_to(first.deadline)
            first.timed_out = True
            return True
        clock.advance_to(clock.round_target)
        if not source.deliver_round():
            at = first.deadline if math.isfinite(first.deadline) else None
            self._run_unlocked(lambda source: source.wait_for_round(at))
        return True

    def _run_unlocked(self, act: Callable[[MessageSource], object]) -> None:
        assert self.source is not None
        self._changed.release()
        try:
            act(self.source)
        finally:
            self._changed.acquire()

    def _other_thread_runs(self) -> bool:
        """Whether another thread of the handler runs; after `io_patience_ms` it is ignored."""
        if threading.active_count() <= 1 or not (self._is_about_to_run() or self._runs_unseen()):
            self._active_since, self._is_given_up = None, False
            return False
        if self._active_since is None:
            self._active_since = real_clock.now_ms()
        if real_clock.now_ms() - self._active_since < self.io_patience_ms:
            return True
        if not self._is_given_up:
            self._is_given_up = True
            self.give_up_io()
        return False

    def give_up_io(self) -> None:
        """What is real was waited for in vain: more of the same invocation gets less."""
        self.io_patience_ms = min(self.io_patience_ms, self._io_again_patience_ms)
        self.on_io_given_up()

    def can_wait_for(self, lock: object) -> bool:
        """Whether the running thread can wait here for `lock`, and does not do so already."""
        me = real_clock.thread_id()
        return lock is not self._lock and all(w.thread != me for w in list(self._waits))

    @contextmanager
    def blocked_on(self, lock: object) -> Iterator[None]:
        """The thread waits for `lock`, without a timeout, and in C code."""
        me = real_clock.thread_id()
        self._blocked[me] = lock
        try:
            yield
        finally:
            self._blocked.pop(me, None)
            self._given_locks.discard(id(lock))

    def lock_given(self, lock: object) -> None:
        """A lock is given back: who waits for it is about to run."""
        if any(wanted is lock for wanted in list(self._blocked.values())):
            self._given_locks.add(id(lock))

    def lock_taken(self, lock: object) -> None:
        """A lock is taken, or still held: who waits for it goes on waiting."""
        self._given_locks.discard(id(lock))

    def _is_about_to_run(self) -> bool:
        """Whether what another thread waits for is there, but it was not scheduled yet."""
        me = real_clock.thread_id()
        waits = [w for w in self._waits if w.thread != me]
        if any(w.released for w in waits):
            return True
        waiting = {w.thread for w in waits}
        for ident, lock in list(self._blocked.items()):
            if ident in waiting:
                continue
            # Who wants the lock of this object is about to wait here.
            if lock is self._lock or id(lock) in self._given_locks:
                return True
        return False

    def _runs_unseen(self) -> bool:
        """Whether another thread waits neither for time nor for a lock: it runs, or does I/O."""
        if threading._limbo:  # type: ignore[attr-defined]
            # One is about to begin.
            return True
        known = {real_clock.thread_id(), *self._blocked, *(w.thread for w in self._waits)}
        return not sys._current_frames().keys() <= known

    def _blocked_threads(self) -> dict[int, tuple[int, int]] | None:
        """The positions of the other threads, all blocked; None when one runs."""
        waiting = {w.thread for w in self._waits if not (w.timed_out or w.done())}
        state = {}
        for ident, frame in sys._current_frames().items():
            if ident == real_clock.thread_id() or ident in waiting:
                continue
            file = frame.f_code.co_filename
            if not file.endswith(_BLOCKING_FILES):
                return None
            state[ident] = (id(frame), frame.f_lasti)
        return state
