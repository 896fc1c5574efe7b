"""Keeps invocations from harming each other: those that may do so get threads of their own."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from forge_emu.ports import HostNotice, InvocationEnded, RuntimeMessage
from forge_emu.runtime.host import wire
from forge_emu.runtime.host.crash_outcomes import interrupted
from forge_emu.runtime.host.placement import PlacedInvocation, Placement
from forge_emu.runtime.host.threads import FunctionThreads, Threads

SPARE_THREADS = 4
"""Threads of single instances that are kept beyond as many as were under way at once lately."""

STARTS_REMEMBERED = 1000
"""Starts of invocations after which the number that ran at once may be forgotten."""

APART_FROM_MS = 500
"""Real milliseconds of computing without a turn for others, from which on a function runs apart."""

INTERRUPT_FROM_MS = 10_000
"""The same, from which on those that have begun on the thread are interrupted, and delivered again.

Until then they wait, which is not their own time.
"""

MAX_OWN_THREADS = 8
"""Threads of single instances that run at once in real time; more would only slow down the rest."""


class Isolation:
    """Decides what runs apart, and moves it there.

    `send` takes orders for the host, which are sent before what follows; `start` sends the
    start of an invocation. `max_running` threads of single instances run at once.
    """

    def __init__(
        self,
        placement: Placement,
        threads: FunctionThreads,
        send: Callable[[wire.ToHost], None],
        start: Callable[[PlacedInvocation], None],
        max_running: int | None,
    ) -> None:
        self._placement = placement
        self._threads = threads
        self._send_order = send
        self._send_start = start
        self._max_running = max_running
        self._isolating: dict[int, int] = {}
        self._isolated: set[int] = set()
        self._own_running: set[int] = set()
        self._waiting: deque[PlacedInvocation] = deque()
        self._peak = _Peak()

    def start(self, running: PlacedInvocation) -> None:
        """Start an invocation, or let it wait until this machine has a thread for it."""
        if self._threads.is_own(running.invocation):
            self._peak.note_start(len(self._own_running) + len(self._waiting) + 1)
            if self._max_running is not None and len(self._own_running) >= self._max_running:
                self._waiting.append(running)
                return
            self._own_running.add(running.n)
            self._prepare_thread(running)
        self._send_start(running)

    def _prepare_thread(self, running: PlacedInvocation) -> None:
        """Start the thread of an instance, unless it has one or gets that of another instance."""
        invocation = running.invocation
        if not self._threads.is_open(invocation):
            busy = self._placement.busy_threads()
            enough = self._threads.open_own >= self._peak.most + SPARE_THREADS
            taken = self._threads.take_over(invocation, busy) if enough else None
            if taken is not None:
                running.thread = taken
                self._send_order(wire.TakeOver(taken, invocation.generation))
            else:
                self._send_order(wire.Open(running.thread))
        self._threads.use_own(invocation)

    def run_apart(
        self, function: str, alone: PlacedInvocation | None = None, *, keeps_state: bool = False
    ) -> None:
        """A function may harm those that share its thread; `alone` keeps that for itself.

        With `keeps_state` its instances share none, even if they run one after the other.
        """
        if alone is not None and self._threads.leave_shared(function) == alone.thread:
            self._threads.set_own(alone.invocation, alone.thread)
            self._own_running.add(alone.n)
        self._threads.run_apart(function, keeps_state=keeps_state)

    def note_turn(self, function: str, ms: int) -> None:
        """Code of a function has run for `ms` without a turn for others."""
        if ms >= APART_FROM_MS:
            self.run_apart(function)

    def hear_end(self, thread: int) -> None:
        """A thread has ended: what was sent to it since then has not reached it."""
        # In virtual time nothing is sent while it runs.
        if self._max_running is not None:
            self._send_order(wire.EndHeard(thread))

    def return_invocation(self, running: PlacedInvocation) -> None:
        """Start an invocation that had not begun somewhere else: its function runs apart now."""
        refused = self._threads.is_own(running.invocation)
        self._threads.run_apart(running.invocation.function, keeps_state=refused)
        self._own_running.discard(running.n)
        if running in self._waiting:
            self._waiting.remove(running)
        if refused:
            # The instance that had its thread before has left something there.
            self._release_thread(running.thread)
        self._start_elsewhere(running)

    def isolate_thread(self, blocked: wire.ThreadBlocked) -> None:
        """Leave a thread to the invocation that blocks it, so that others need not wait for it."""
        thread = blocked.thread
        on_thread = self._placement.invocations_on_thread(thread)
        if thread in self._isolating or any(self._threads.is_own(r.invocation) for r in on_thread):
            return
        begun = any(r.n <= blocked.started and r.n != blocked.slot for r in on_thread)
        if begun and blocked.ms < INTERRUPT_FROM_MS:
            return
        # Messages sent until now reach the old thread, later ones the new thread.
        self._isolating[thread] = self._placement.last_n
        self._send_order(wire.Isolate(thread, self._threads.new_number()))

    def reassign_invocations(self, isolated: wire.Isolated) -> list[RuntimeMessage]:
        """Start invocations that had not begun elsewhere; those that had are delivered again."""
        messages: list[RuntimeMessage] = []
        last_n = self._isolating.pop(isolated.thread)
        blocking = self._placement.find_invocation(isolated.slot)
        if blocking is not None:
            self._threads.run_apart(blocking.invocation.function)
        for running in self._placement.invocations_on_thread(isolated.thread):
            if running.n > last_n:
                continue
            if running is blocking:
                self._placement.move_to_thread(running, isolated.apart)
                self._threads.set_own(running.invocation, isolated.apart)
                self._isolated.add(isolated.apart)
                self._own_running.add(running.n)
                function = running.invocation.function
                text = f"{function} keeps its thread busy; the others go on in another one"
                messages.append(HostNotice("warn", text))
            elif running.n > isolated.started:
                self._start_elsewhere(running)
            else:
                self._placement.remove_invocation(running.invocation.invocation_id)
                self._send_order(wire.Abort(isolated.apart, running.n))
                outcome = interrupted("another invocation kept its thread from answering")
                messages.append(InvocationEnded(running.invocation.invocation_id, outcome))
        if blocking is None:
            self._send_order(wire.Release(isolated.apart))
        return messages

    def abort_invocation(self, running: PlacedInvocation) -> bool:
        """End an invocation with the thread that it has for itself; False when it has none."""
        if running in self._waiting:
            self._waiting.remove(running)
            return True
        if running.n not in self._own_running:
            return False
        self._release_thread(running.thread)
        self.end_invocation(running)
        return True

    def end_invocation(self, running: PlacedInvocation) -> None:
        """An invocation has ended: what waited for its thread starts."""
        if running.n not in self._own_running:
            return
        self._own_running.discard(running.n)
        if running.thread in self._isolated:
            # It takes no other invocation: it may still have some that were started elsewhere.
            self._isolated.discard(running.thread)
            self._release_thread(running.thread)
        idle = self._threads.idle_own(self._placement.busy_threads())
        excess = self._threads.open_own - self._peak.most - SPARE_THREADS
        for thread in idle[: max(excess, 0)]:
            self._release_thread(thread)
        if self._waiting:
            self._start_elsewhere(self._waiting.popleft())

    def forget_generation(self, generation: int) -> None:
        """Every instance of a generation is gone, and the threads that single ones had."""
        for thread in self._threads.own_of(generation):
            self._release_thread(thread)
        self._placement.forget_generation(generation)
        self._peak = _Peak()

    def clear(self) -> None:
        """The host has ended: forget everything but which functions run apart."""
        self._isolating.clear()
        self._isolated.clear()
        self._own_running.clear()
        self._waiting.clear()
        self._peak = _Peak()

    def _start_elsewhere(self, running: PlacedInvocation) -> None:
        self._placement.place_again(running)
        self.start(running)

    def _release_thread(self, thread: int) -> None:
        self._placement.forget_thread(thread)
        self._send_order(wire.Release(thread))


class _Peak:
    """How many invocations were under way at once lately, each for a thread of its own."""

    def __init__(self) -> None:
        self._starts = 0
        self._most_before = 0
        self._most_now = 0

    @property
    def most(self) -> int:
        """The most of the last `STARTS_REMEMBERED` starts, and of some before them."""
        return max(self._most_before, self._most_now)

    def note_start(self, under_way: int) -> None:
        """An invocation starts; with it so many are under way."""
        self._starts += 1
        if self._starts % STARTS_REMEMBERED == 0:
            self._most_before, self._most_now = self._most_now, 0
        self._most_now = max(self._most_now, under_way)


def isolation_on(
    placement: Placement,
    threads: Threads,
    send: Callable[[wire.ToHost], None],
    start: Callable[[PlacedInvocation], None],
    *,
    virtual: bool,
) -> Isolation | None:
    """What isolates invocations on `threads`; None where each instance has a process anyway.

    In virtual time threads run one after the other, so that any number of them may be under way.
    """
    if not isinstance(threads, FunctionThreads):
        return None
    return Isolation(placement, threads, send, start, None if virtual else MAX_OWN_THREADS)
