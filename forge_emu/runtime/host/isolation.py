"""Invocations that keep their thread have it for themselves; the others go on in another one."""

from __future__ import annotations

from collections.abc import Callable

from forge_emu.ports import HostNotice, InvocationEnded, RuntimeMessage
from forge_emu.runtime.host import wire
from forge_emu.runtime.host.crash_outcomes import blameless
from forge_emu.runtime.host.placement import Books, Running

MOST_APART = 8
"""Threads that are left to one invocation each; more would only slow down the rest."""


class Isolation:
    """Keeps the books of threads that were set apart.

    `send` takes orders for the host, which must go out before what is sent later; `start` sends the
    start of an invocation.
    """

    def __init__(
        self, books: Books, send: Callable[[wire.ToHost], None], start: Callable[[Running], None]
    ) -> None:
        self._books = books
        self._send = send
        self._start = start
        self._begun: dict[int, int] = {}
        self._apart: set[int] = set()

    def blocked(self, blocked: wire.ThreadBlocked) -> None:
        """Others on the thread shall not wait for an endless loop, nor time out with it."""
        thread = blocked.thread
        if thread in self._begun or len(self._apart) >= MOST_APART:
            return
        if len(self._books.on_thread(thread)) > 1:
            # What was sent until now is in the old thread's hands, what follows in the new one's.
            self._begun[thread] = self._books.last_n
            self._send(wire.Isolate(thread))

    def isolated(self, isolated: wire.Isolated) -> list[RuntimeMessage]:
        """What had not begun is begun in the new thread; what had is delivered again."""
        heard: list[RuntimeMessage] = []
        last_n = self._begun.pop(isolated.thread)
        self._apart.add(isolated.apart)
        keeper = self._books.numbered(isolated.slot)
        for running in self._books.on_thread(isolated.thread):
            if running.n > last_n:
                continue
            if running is keeper:
                self._books.set_apart(running, isolated.apart)
                function = running.invocation.function
                words = f"{function} keeps its thread busy; the others go on in another one"
                heard.append(HostNotice("warn", words))
            elif running.n > isolated.started:
                self._start(running)
            else:
                self._forget(running)
                self._send(wire.Abort(isolated.apart, running.n))
                outcome = blameless("another invocation kept its thread from answering")
                heard.append(InvocationEnded(running.invocation.invocation_id, outcome))
        if keeper is None:
            self._release(isolated.apart)
        return heard

    def let_go(self, running: Running) -> bool:
        """Whether an invocation that is over had a thread to itself, which goes with it."""
        if running.thread not in self._apart:
            return False
        self._forget(running)
        self._release(running.thread)
        return True

    def ended(self, thread: int) -> None:
        """A thread has ended by itself."""
        self._apart.discard(thread)

    def clear(self) -> None:
        """The host is gone."""
        self._begun.clear()
        self._apart.clear()

    def _forget(self, running: Running) -> None:
        invocation = running.invocation
        self._books.leave(invocation.invocation_id)
        self._books.forget_instance(invocation.generation, invocation.instance)

    def _release(self, thread: int) -> None:
        self._apart.discard(thread)
        self._send(wire.Release(thread))
