"""Isolates invocations that block their thread; the others of that thread move to a new one."""

from __future__ import annotations

from collections.abc import Callable

from forge_emu.ports import HostNotice, InvocationEnded, RuntimeMessage
from forge_emu.runtime.host import wire
from forge_emu.runtime.host.crash_outcomes import platform_error
from forge_emu.runtime.host.placement import PlacedInvocation, Placement

MAX_ISOLATED_THREADS = 8
"""More isolated threads would only slow down the rest."""


class Isolation:
    """Tracks the isolated threads.

    `send` takes orders for the host, which are sent before what follows; `start` sends the
    start of an invocation.
    """

    def __init__(
        self,
        placement: Placement,
        send: Callable[[wire.ToHost], None],
        start: Callable[[PlacedInvocation], None],
    ) -> None:
        self._placement = placement
        self._send_order = send
        self._send_start = start
        self._isolating: dict[int, int] = {}
        self._isolated_threads: set[int] = set()

    def isolate_thread(self, blocked: wire.ThreadBlocked) -> None:
        """Isolate a blocked thread, so that its other invocations need not wait or time out."""
        thread = blocked.thread
        if thread in self._isolating or len(self._isolated_threads) >= MAX_ISOLATED_THREADS:
            return
        if len(self._placement.invocations_on_thread(thread)) > 1:
            # Messages sent until now reach the old thread, later ones the new thread.
            self._isolating[thread] = self._placement.last_n
            self._send_order(wire.Isolate(thread))

    def reassign_invocations(self, isolated: wire.Isolated) -> list[RuntimeMessage]:
        """Start invocations that had not begun on the new thread; those that had are retried."""
        messages: list[RuntimeMessage] = []
        last_n = self._isolating.pop(isolated.thread)
        self._isolated_threads.add(isolated.apart)
        blocking = self._placement.find_invocation(isolated.slot)
        for running in self._placement.invocations_on_thread(isolated.thread):
            if running.n > last_n:
                continue
            if running is blocking:
                self._placement.move_to_own_thread(running, isolated.apart)
                function = running.invocation.function
                text = f"{function} keeps its thread busy; the others go on in another one"
                messages.append(HostNotice("warn", text))
            elif running.n > isolated.started:
                self._send_start(running)
            else:
                self._remove_invocation(running)
                self._send_order(wire.Abort(isolated.apart, running.n))
                outcome = platform_error("another invocation kept its thread from answering")
                messages.append(InvocationEnded(running.invocation.invocation_id, outcome))
        if blocking is None:
            self._release_thread(isolated.apart)
        return messages

    def release_invocation(self, running: PlacedInvocation) -> bool:
        """End the isolated thread of an invocation that is over; False when it had none."""
        if running.thread not in self._isolated_threads:
            return False
        self._remove_invocation(running)
        self._release_thread(running.thread)
        return True

    def forget_thread(self, thread: int) -> None:
        """Forget a thread that has ended by itself."""
        self._isolated_threads.discard(thread)

    def clear(self) -> None:
        """Forget everything; the host has ended."""
        self._isolating.clear()
        self._isolated_threads.clear()

    def _remove_invocation(self, running: PlacedInvocation) -> None:
        invocation = running.invocation
        self._placement.remove_invocation(invocation.invocation_id)
        self._placement.forget_instance(invocation.generation, invocation.instance)

    def _release_thread(self, thread: int) -> None:
        self._isolated_threads.discard(thread)
        self._send_order(wire.Release(thread))
