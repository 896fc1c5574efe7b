"""A queue as a test sees it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from forge_emu.errors import UserError
from forge_emu.model import App
from forge_emu.testing.events import Event, EventState


@dataclass(frozen=True)
class QueueCounts:
    """The events of a queue."""

    name: str
    events: tuple[Event, ...]
    """All of them, in the order of their pushes."""

    @property
    def pushed(self) -> int:
        """How many were pushed."""
        return len(self.events)

    @property
    def pending(self) -> int:
        """How many have not ended."""
        return self._count("pending")

    @property
    def succeeded(self) -> int:
        """How many succeeded."""
        return self._count("succeeded")

    @property
    def dropped(self) -> int:
        """How many the platform gave up."""
        return self._count("dropped")

    @property
    def expired(self) -> int:
        """How many ended while platform errors lasted."""
        return self._count("expired")

    @property
    def cancelled(self) -> int:
        """How many were cancelled."""
        return self._count("cancelled")

    def _count(self, state: EventState) -> int:
        return sum(event.state == state for event in self.events)


def queue_of(name: str, events: Iterable[Event], app: App) -> QueueCounts:
    """The queue of this name, with those of `events` that are its own.

    Raises UserError where no consumer of `app` has it, and it has had no events.
    """
    known = {consumer.queue for consumer in app.consumers}
    found = QueueCounts(name, tuple(event for event in events if event.queue == name))
    if name not in known and not found.events:
        there_are = f"The app has {', '.join(sorted(known)) or 'none'}."
        raise UserError(f"there is no queue {name!r}", there_are)
    return found
