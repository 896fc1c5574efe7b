"""Rounds of virtual time: one batch to the host, and its messages until it is idle.

A host's messages within a round reach the engine in an order that does not depend on real
timing, and the answers are sent after the round's end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from forge_emu.model import Instant
from forge_emu.ports import SentRequestAnswered, SentRequestEnded
from forge_emu.runtime.host import wire
from forge_emu.runtime.host.lines import encode_for_host

_Messages: TypeAlias = list[wire.FromHost | str]


class Rounds:
    """One round after the other with one host."""

    def __init__(self) -> None:
        self.under_way = False
        self.next_timer: Instant | None = None
        self._next_orders: list[bytes] = []
        self._next_lines: list[bytes] = []
        self._sorted: _Messages = []
        self._late: _Messages = []
        self._late_parts: list[tuple[Instant, _Messages]] = []
        self._racing = False
        self._has_parts = False

    def add_line(self, line: bytes) -> None:
        """Put a line into the next round."""
        self._next_lines.append(line)

    def add_order(self, line: bytes) -> None:
        """Put an order to the host into the next round, before everything else: no timer of an
        aborted invocation fires then."""
        self._next_orders.append(line)

    def start_round(self, now: Instant) -> bytes:
        """The text of a round at `now`, empty when there is nothing to do in it."""
        due = self.next_timer is not None and self.next_timer <= now
        if not (self._next_orders or self._next_lines or due):
            return b""
        lines = [*self._next_orders, *self._next_lines, encode_for_host(wire.Round(now))]
        self._next_orders.clear()
        self._next_lines.clear()
        self.under_way = True
        return b"".join(lines)

    def receive_messages(self, messages: Sequence[wire.FromHost | str]) -> _Messages:
        """The messages to forward at once; the others wait for `take_sorted_messages`."""
        immediate: _Messages = []
        for message in messages:
            match message:
                case wire.Idle():
                    self.under_way = False
                    self.next_timer = message.at
                    self._end_part(message.now)
                case wire.PartEnded():
                    self._end_part(message.now)
                case wire.Parts():
                    self._has_parts = True
                case wire.Racing():
                    # What a load says outside of a round has no end of one to wait for.
                    self._racing = self.under_way
                case wire.Loaded():
                    # A load belongs to no round, whose end it would wait for.
                    immediate.append(message)
                case _ if self._racing:
                    self._late.append(message)
                case _ if self._has_parts:
                    self._sorted.append(message)
                case _:
                    immediate.append(message)
        return immediate

    def _end_part(self, ended_at: Instant) -> None:
        if self._late:
            self._late_parts.append((ended_at, self._late))
        self._late = []
        self._racing = False

    def take_sorted_messages(
        self, now: Instant, start_order: Callable[[str], int]
    ) -> tuple[_Messages, dict[Instant, _Messages]]:
        """After the round: its other messages, and those that come later than `now`, by instant.

        They are sorted by the `start_order` of their invocations. The messages of one invocation
        stay in order; between two, neither real time nor their threads decide.
        """

        def order(message: wire.FromHost | str) -> int:
            return start_order(_invocation_id_of(message) or "")

        at_once = sorted(self._sorted, key=order)
        late: dict[Instant, _Messages] = {}
        for ended_at, messages in self._late_parts:
            late.setdefault(max(ended_at, now), []).extend(messages)
        late = {instant: sorted(late[instant], key=order) for instant in sorted(late)}
        self._forget_messages()
        return [*at_once, *late.pop(now, [])], late

    def _forget_messages(self) -> None:
        self._sorted = []
        self._late = []
        self._late_parts = []
        self._racing = False
        self._has_parts = False

    def reset(self) -> None:
        """Drop everything meant for the previous host, and its timers."""
        self.under_way = False
        self.next_timer = None
        self._next_orders.clear()
        self._next_lines.clear()
        self._forget_messages()


def _invocation_id_of(message: wire.FromHost | str) -> str | None:
    match message:
        case wire.Ended(id=id) | wire.Printed(id=id) | wire.Returned(id=id):
            return id
        case wire.Request():
            return message.invocation
        case SentRequestEnded() | SentRequestAnswered():
            return message.invocation_id
    return None
