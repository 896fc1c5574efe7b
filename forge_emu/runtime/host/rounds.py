"""Rounds of virtual time: one batch to the host, and its messages until it is idle.

A host's messages within a round reach the engine in an order that does not depend on real
timing, and the answers are sent after the round's end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from forge_emu.model import Instant
from forge_emu.runtime.host import wire


class Rounds:
    """One round after the other with one host."""

    def __init__(self) -> None:
        self.under_way = False
        self.next_timer: Instant | None = None
        self._next_aborts: list[bytes] = []
        self._next_lines: list[bytes] = []
        self._delayed: list[wire.FromHost | str] = []
        self._racing = False
        self.ended_at: Instant = 0

    def add_line(self, line: bytes) -> None:
        """Put a line into the next round."""
        self._next_lines.append(line)

    def add_abort(self, line: bytes) -> None:
        """Put an abort into the next round, before everything else: no timer of it fires then."""
        self._next_aborts.append(line)

    def start_round(self, now: Instant) -> bytes:
        """The text of a round at `now`, empty when there is nothing to do in it."""
        due = self.next_timer is not None and self.next_timer <= now
        if not (self._next_aborts or self._next_lines or due):
            return b""
        lines = [*self._next_aborts, *self._next_lines, wire.encode_for_host(wire.Round(now))]
        self._next_aborts.clear()
        self._next_lines.clear()
        self.under_way = True
        return b"".join(lines)

    def receive_messages(
        self, messages: Sequence[wire.FromHost | str]
    ) -> list[wire.FromHost | str]:
        """The messages to forward at once; the others wait for `take_delayed_messages`."""
        delayed = self._delayed
        immediate: list[wire.FromHost | str] = []
        for message in messages:
            match message:
                case wire.Idle():
                    self.under_way = False
                    self.next_timer = message.at
                    self.ended_at = message.now
                case wire.Racing():
                    self._racing = True
                case _:
                    (delayed if self._racing else immediate).append(message)
        return immediate

    def take_delayed_messages(self, start_order: Callable[[str], int]) -> list[wire.FromHost | str]:
        """The delayed messages of the round, sorted by the `start_order` of their invocations.

        The messages of one invocation stay in order; between two, real time decides nothing.
        """
        delayed, self._delayed = self._delayed, []
        self._racing = False
        return sorted(delayed, key=lambda m: start_order(_invocation_id_of(m) or ""))

    def abandon_round(self) -> None:
        """Abandon the round and all timers: the host or its thread has ended."""
        self.under_way = False
        self.next_timer = None

    def reset(self) -> None:
        """Drop everything meant for the previous host."""
        self.abandon_round()
        self._next_aborts.clear()
        self._next_lines.clear()
        self._delayed.clear()
        self._racing = False


def _invocation_id_of(message: wire.FromHost | str) -> str | None:
    match message:
        case wire.Ended(id=id) | wire.Printed(id=id):
            return id
        case wire.Request():
            return message.invocation
    return None
