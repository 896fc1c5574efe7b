"""Which thread each invocation runs on, and which thread waits for which answer. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from forge_emu.model import Invocation
from forge_emu.runtime.host.threads import Threads

_AFTER_ALL = 1 << 31
"""Beyond every number of a running invocation."""


class PlacedInvocation(msgspec.Struct):
    """An invocation under way; `n` is how the host knows it."""

    n: int
    invocation: Invocation
    thread: int


class Placement:
    """Where invocations run, on the threads that `threads` gives them."""

    def __init__(self, threads: Threads) -> None:
        self._threads = threads
        self._last_n = 0
        self._running: dict[str, PlacedInvocation] = {}
        self._by_n: dict[int, PlacedInvocation] = {}
        self._requests: dict[int, int] = {}

    def add_invocation(self, invocation: Invocation) -> PlacedInvocation:
        """Add an invocation that starts; its instance gets a thread if it has none."""
        thread = self._threads.thread_for(invocation)
        self._last_n = self._last_n % (1 << 30) + 1
        running = PlacedInvocation(self._last_n, invocation, thread)
        self._running[invocation.invocation_id] = running
        self._by_n[running.n] = running
        return running

    def remove_invocation(self, invocation_id: str) -> PlacedInvocation | None:
        """Remove an invocation that is over; None when it was not running (any more)."""
        running = self._running.pop(invocation_id, None)
        if running is not None:
            del self._by_n[running.n]
        return running

    def start_order(self, invocation_id: str) -> int:
        """The order in which invocations have started; those that are over come last."""
        running = self._running.get(invocation_id)
        return running.n if running is not None else _AFTER_ALL

    @property
    def last_n(self) -> int:
        """The number of the invocation that was entered last."""
        return self._last_n

    def find_running(self, invocation_id: str) -> PlacedInvocation | None:
        """The invocation with this id; None when it is over."""
        return self._running.get(invocation_id)

    def find_invocation(self, n: int) -> PlacedInvocation | None:
        """The invocation that the host knows as `n`."""
        return self._by_n.get(n)

    def invocations_on_thread(self, thread: int) -> Sequence[PlacedInvocation]:
        """The invocations that run on a thread."""
        return [r for r in self._running.values() if r.thread == thread]

    def place_again(self, running: PlacedInvocation) -> None:
        """Give an invocation that has not begun the thread that it would get now."""
        running.thread = self._threads.thread_for(running.invocation)

    def busy_threads(self) -> set[int]:
        """The threads on which invocations run."""
        return {running.thread for running in self._running.values()}

    def forget_instance(self, invocation: Invocation) -> None:
        """The instance of an invocation is gone."""
        self._threads.forget_instance(invocation)

    def forget_generation(self, generation: int) -> None:
        """Every instance of a generation is gone."""
        self._threads.forget_generation(generation)

    def forget_thread(self, thread: int) -> None:
        """Forget a thread that has ended, with its instances and requests."""
        self._threads.forget_thread(thread)
        for request_id in [r for r, where in self._requests.items() if where == thread]:
            del self._requests[request_id]

    def move_to_thread(self, running: PlacedInvocation, thread: int) -> None:
        """The thread of an invocation has become `thread`; another has taken its number."""
        before, running.thread = running.thread, thread
        for request_id in [r for r, where in self._requests.items() if where == before]:
            self._requests[request_id] = thread

    def clear(self) -> list[str]:
        """Forget everything, as the host has ended; returns the ids of the lost invocations."""
        lost = list(self._running)
        self._running.clear()
        self._by_n.clear()
        self._threads.clear()
        self._requests.clear()
        return lost

    def add_request(self, request_id: int, thread: int, invocation_id: str | None) -> None:
        """Record which thread waits for an answer; a thread does not know that it was isolated."""
        running = self._running.get(invocation_id) if invocation_id else None
        self._requests[request_id] = thread if running is None else running.thread

    def pop_request(self, request_id: int) -> int | None:
        """Which thread waits for the answer, None when none does (any more)."""
        return self._requests.pop(request_id, None)
