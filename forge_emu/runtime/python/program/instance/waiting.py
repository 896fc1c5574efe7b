"""Waits of an instance's threads for messages of forge-emu or for time to pass.

One waiting thread leads: it reads messages and wakes the others. In virtual time it
also makes sure that every other thread waits before time moves.
"""

from __future__ import annotations

import math
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Final, Protocol

from ..shared import real_clock
from .clock import InstanceClock

# A thread whose code stands in one of these waits for another, or for a lock.
_BLOCKING_FILES: Final = ("/threading.py", "/concurrent/futures/thread.py", "/queue.py")


# So many looks in a row that find every thread where it was.
_QUIET_LOOKS: Final = 3
_LOOK_SECONDS: Final = 0.002
# Frames from a wait to the `Thread.start` that waits.
_START_FRAMES: Final = 3


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


class WaitCoordinator:
    """Coordinates the waits of all threads of an instance."""

    def __init__(self, clock: InstanceClock, io_patience_ms: float) -> None:
        self.clock = clock
        self.source: MessageSource | None = None
        self.threads_matter: Callable[[], bool] = lambda: False
        """Whether other threads do the work of an invocation."""
        self._io_patience_ms = io_patience_ms
        self._changed = threading.Condition(threading.RLock())
        self._waits: list[_Wait] = []
        self._leading = False
        self._active_since: float | None = None
        self._quiet_state: dict[int, tuple[int, int]] | None = None
        self._quiet_looks = 0

    @property
    def waiting_threads(self) -> int:
        """How many threads wait."""
        return len(self._waits)

    def reset_after_fork(self) -> None:
        """In a process just forked: the other threads are gone."""
        self._changed = threading.Condition(threading.RLock())
        self._waits.clear()
        self._leading = False

    def wait_until(self, done: Callable[[], bool], deadline: float = math.inf) -> bool:
        """Wait for `done`, at most until `deadline`; answers whether it is done."""
        wait = _Wait(done, deadline, real_clock.thread_id())
        with self._changed:
            self._waits.append(wait)
            try:
                while not done():
                    if wait.timed_out:
                        return False
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
                return True
            finally:
                self._waits.remove(wait)
                # Another thread leads now.
                self._changed.notify_all()

    def read_pending(self) -> None:
        """Read what there is, unless another thread is about to."""
        with self._changed:
            if not self._leading and self.source is not None:
                self.source.poll(0)
                self._changed.notify_all()

    def settle_threads(self, patience_ms: float) -> None:
        """Return when every other thread waits for something, at the latest after so many real
        milliseconds."""
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
        others_run = self._woken_threads() or not self._main_thread_waits()
        if others_run or (self.threads_matter() and self._other_thread_runs()):
            self._run_unlocked(lambda _: real_clock.sleep(_LOOK_SECONDS))
            return False
        open_waits = [w for w in self._waits if not w.timed_out]
        first = min(open_waits, key=lambda w: w.deadline)
        self._quiet_state = None
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
        if threading.active_count() <= 1:
            return False
        state = self._blocked_threads()
        if state is not None and state == self._quiet_state:
            self._quiet_looks += 1
        else:
            self._quiet_state, self._quiet_looks = state, 0
        # A thread that was just woken looks blocked until it is scheduled.
        if self._quiet_looks >= _QUIET_LOOKS:
            self._active_since = None
            return False
        if self._active_since is None:
            self._active_since = real_clock.now_ms()
        return real_clock.now_ms() - self._active_since < self._io_patience_ms

    def _main_thread_waits(self) -> bool:
        """Whether the main thread waits here, or works for an invocation, which others look at."""
        main = threading.main_thread().ident
        return self.threads_matter() or any(w.thread == main for w in self._waits)

    def _woken_threads(self) -> set[int]:
        """The other threads whose waits are over, and which go on once the machine lets them."""
        over = {w.thread for w in self._waits if w.timed_out or w.done()}
        return over - {real_clock.thread_id()}

    def _blocked_threads(self) -> dict[int, tuple[int, int]] | None:
        """The positions of the other threads, all blocked; None when one runs."""
        if self._woken_threads():
            return None
        waiting = {w.thread for w in self._waits}
        state = {}
        for ident, frame in sys._current_frames().items():
            if ident == real_clock.thread_id() or ident in waiting:
                continue
            file = frame.f_code.co_filename
            if not file.endswith(_BLOCKING_FILES) or _is_starting(frame):
                return None
            state[ident] = (id(frame), frame.f_lasti)
        return state


def _is_starting(frame: FrameType) -> bool:
    """Whether a thread has not come to its own code yet, or waits for another to begin."""
    names: list[str] = []
    inner: FrameType | None = frame
    while inner is not None and len(names) < _START_FRAMES:
        names.append(inner.f_code.co_name)
        inner = inner.f_back
    return names[0] in ("_bootstrap", "_bootstrap_inner") or "start" in names
