"""Which parts of an engine have changed since they were last saved."""

from __future__ import annotations

from forge_emu.engine.delivery.delivery import Delivery
from forge_emu.engine.snapshot.shapes import Place


class Dirty:
    """Collects names of what has changed; nothing while nobody wants them (`wanted`)."""

    def __init__(self) -> None:
        self.wanted = False
        # Dictionaries, because they keep the order in which things came to be.
        self.deliveries: dict[Delivery, None] = {}
        self.jobs: dict[str, None] = {}
        self.values: dict[Place, None] = {}
        self.pushes: dict[str, None] = {}
        self.progress: dict[str, None] = {}

    def delivery(self, delivery: Delivery) -> None:
        """A delivery is new, stands elsewhere, or has ended."""
        if self.wanted:
            self.deliveries[delivery] = None

    def job(self, id: str) -> None:
        """A job is new, or other figures of it."""
        if self.wanted:
            self.jobs[id] = None

    def value(self, place: Place) -> None:
        """A value of the key-value store was set or removed."""
        if self.wanted:
            self.values[place] = None

    def origin(self, id: str) -> None:
        """One more push descends from an invocation."""
        if self.wanted:
            self.pushes[id] = None

    def product(self, id: str) -> None:
        """A trigger is done with a product event."""
        if self.wanted:
            self.progress[id] = None
