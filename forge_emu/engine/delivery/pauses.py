"""Queues whose delivery somebody has paused, and the due events that wait because of it."""

from __future__ import annotations

from forge_emu.engine.delivery.delivery import Delivery, QueuedEvent, State


class Pauses:
    """Parks the due events of paused queues. Everything else about them goes on."""

    def __init__(self) -> None:
        self._parked: dict[str, list[QueuedEvent]] = {}
        self.everything = False
        """Whether somebody has paused all delivery."""

    @property
    def queues(self) -> tuple[str, ...]:
        """The paused queues, by name."""
        return tuple(sorted(self._parked))

    @property
    def kept(self) -> tuple[str, ...]:
        """What outlives a restart: the paused queues, and `*` for everything."""
        return ("*", *self.queues) if self.everything else self.queues

    def put_back(self, kept: tuple[str, ...]) -> None:
        """Pause again what was `kept`."""
        self.everything = "*" in kept
        for queue in kept:
            if queue != "*":
                self.pause(queue)

    def pause(self, queue: str) -> bool:
        """Park what becomes due from now on; False when the queue is paused already."""
        if queue in self._parked:
            return False
        self._parked[queue] = []
        return True

    def resume(self, queue: str) -> list[QueuedEvent] | None:
        """The parked events that still wait to be delivered; None when it was not paused."""
        parked = self._parked.pop(queue, None)
        if parked is None:
            return None
        return [event for event in parked if event.state is State.READY]

    def park(self, delivery: Delivery) -> bool:
        """Park `delivery` if its queue is paused."""
        if not isinstance(delivery, QueuedEvent) or delivery.queue not in self._parked:
            return False
        self._parked[delivery.queue].append(delivery)
        return True
