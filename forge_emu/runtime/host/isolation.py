"""Isolates invocations that block their thread; the others of that thread move to a new one."""

from __future__ import annotations

from collections.abc import Callable

from forge_emu.ports import HostNotice, InvocationEnded, RuntimeMessage
from forge_emu.runtime.host import wire
from forge_emu.runtime.host.crash_outcomes import blameless
from forge_emu.runtime.host.placement import Books, Running

MOST_APART = 8
"""More isolated threads would only slow down the rest."""


class Isolation:
    """Tracks the isolated threads.

    `send` takes orders for the host, which are sent before what follows; `start` sends the
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
        """Isolate a blocked thread, so that its other invocations need not wait or time out."""
        thread = blocked.thread
        if thread in self._begun or len(self._apart) >= MOST_APART:
            return
        if len(self._books.on_thread(thread)) > 1:
            # Messages sent until now reach the old thread, later ones the new thread.
            self._begun[thread] = self._books.last_n
            self._send(wire.Isolate(thread))

    def isolated(self, isolated: wire.Isolated) -> list[RuntimeMessage]:
        """Start invocations that had not begun on the new thread; those that had are retried."""
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
        """End the isolated thread of an invocation that is over; False when it had none."""
        if running.thread not in self._apart:
            return False
        self._forget(running)
        self._release(running.thread)
        return True

    def ended(self, thread: int) -> None:
        """Forget a thread that has ended by itself."""
        self._apart.discard(thread)

    def clear(self) -> None:
        """Forget everything; the host has ended."""
        self._begun.clear()
        self._apart.clear()

    def _forget(self, running: Running) -> None:
        invocation = running.invocation
        self._books.leave(invocation.invocation_id)
        self._books.forget_instance(invocation.generation, invocation.instance)

    def _release(self, thread: int) -> None:
        self._apart.discard(thread)
        self._send(wire.Release(thread))
