"""Queues whose delivery somebody has paused, and the due events that wait because of it."""

from __future__ import annotations

from forge_emu.engine.delivery.delivery import Delivery, State


class PausedQueues:
    """Holds the due events of paused queues. Everything else about them goes on."""

    def __init__(self) -> None:
        self._held: dict[str, list[Delivery]] = {}
        self.all_paused = False
        """Whether all delivery is paused."""

    @property
    def queues(self) -> tuple[str, ...]:
        """The paused queues, by name."""
        return tuple(sorted(self._held))

    @property
    def snapshot(self) -> tuple[str, ...]:
        """What is saved: the paused queues, and `*` for everything."""
        return ("*", *self.queues) if self.all_paused else self.queues

    def restore(self, saved: tuple[str, ...]) -> None:
        """Pause again what was `saved`."""
        self.all_paused = "*" in saved
        for queue in saved:
            if queue != "*":
                self.pause_queue(queue)

    def pause_queue(self, queue: str) -> bool:
        """Hold what becomes due from now on; False when the queue is paused already."""
        if queue in self._held:
            return False
        self._held[queue] = []
        return True

    def resume_queue(self, queue: str) -> list[Delivery] | None:
        """The held events that still wait to be delivered; None when it was not paused."""
        held = self._held.pop(queue, None)
        if held is None:
            return None
        return [event for event in held if event.state is State.READY]

    def hold_if_paused(self, delivery: Delivery) -> bool:
        """Hold `delivery` if its queue is paused; says whether it is held."""
        if delivery.queue is None or delivery.queue not in self._held:
            return False
        self._held[delivery.queue].append(delivery)
        return True
