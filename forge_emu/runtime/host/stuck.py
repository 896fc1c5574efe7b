"""Remembers whose code kept its thread until that was ended. Pure."""

from __future__ import annotations

from typing import Final

from forge_emu.model import Invocation

_SAME_EVENT_SHARE: Final = 0.2
"""An event whose own code was ended so gets this part of what its function gets."""


class StuckCode:
    """Says how long an invocation's code may keep its thread in virtual time, in real milliseconds.

    That is `first_ms`, or `again_ms` for a function whose code was ended so, or a part of that for
    the very event, whose next attempt most likely does the same; and never more than its timeout.
    """

    def __init__(self, first_ms: float, again_ms: float) -> None:
        self._first_ms = first_ms
        self._again_ms = min(first_ms, again_ms)
        self._functions: set[str] = set()
        self._events: set[str] = set()

    def note(self, invocation: Invocation) -> None:
        """An invocation kept its thread until that was ended."""
        self._functions.add(invocation.function)
        if (event := _event_of(invocation)) is not None:
            self._events.add(event)

    def patience_ms(self, invocation: Invocation) -> int:
        """How long the code of this one may keep its thread."""
        patience = self._first_ms
        if invocation.function in self._functions:
            patience = self._again_ms
            if _event_of(invocation) in self._events:
                patience *= _SAME_EVENT_SHARE
        return round(min(patience, invocation.timeout_ms))


def _event_of(invocation: Invocation) -> str | None:
    return invocation.event_id or invocation.product_event_id
