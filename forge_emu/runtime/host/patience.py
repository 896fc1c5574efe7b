"""How long in real time a run waits for an invocation in virtual time. Pure."""

from __future__ import annotations

from typing import Final

from forge_emu.model import Invocation

_SAME_EVENT_SHARE: Final = 0.2
"""An event that was waited for in vain gets this part of what its function gets."""


class Patience:
    """Real milliseconds for each invocation: `first_ms`, or `again_ms` for a function that was
    waited for in vain, or a part of that for the very event, whose next attempt most likely does
    the same.
    """

    def __init__(self, first_ms: float, again_ms: float) -> None:
        self._first_ms = first_ms
        self._again_ms = min(first_ms, again_ms)
        self._functions: set[str] = set()
        self._events: set[str] = set()

    def note(self, invocation: Invocation) -> None:
        """An invocation was waited for in vain."""
        self._functions.add(invocation.function)
        if (event := _event_of(invocation)) is not None:
            self._events.add(event)

    def ms_for(self, invocation: Invocation) -> int:
        """How long this one is waited for."""
        if invocation.function not in self._functions:
            return round(self._first_ms)
        same_event = _event_of(invocation) in self._events
        return round(self._again_ms * (_SAME_EVENT_SHARE if same_event else 1))


def _event_of(invocation: Invocation) -> str | None:
    return invocation.event_id or invocation.product_event_id
