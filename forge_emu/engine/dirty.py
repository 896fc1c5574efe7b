"""Which parts of an engine have changed since they were last saved."""

from __future__ import annotations

from forge_emu.engine.delivery.delivery import Delivery
from forge_emu.engine.kvs.place import KvsPlace


class Dirty:
    """Collects what has changed while `enabled`; nothing otherwise."""

    def __init__(self) -> None:
        self.enabled = False
        # Dictionaries, because they keep the order in which things came to be.
        self.deliveries: dict[Delivery, None] = {}
        self.jobs: dict[str, None] = {}
        self.values: dict[KvsPlace, None] = {}
        self.pushes: dict[str, None] = {}
        self.progress: dict[str, None] = {}

    def mark_delivery(self, delivery: Delivery) -> None:
        """A delivery is new, has changed, or has ended."""
        if self.enabled:
            self.deliveries[delivery] = None

    def mark_job(self, id: str) -> None:
        """A job is new, or its counts have changed."""
        if self.enabled:
            self.jobs[id] = None

    def mark_value(self, place: KvsPlace) -> None:
        """A value of the key-value store was set or removed."""
        if self.enabled:
            self.values[place] = None

    def mark_push_chain(self, id: str) -> None:
        """One more push descends from an invocation."""
        if self.enabled:
            self.pushes[id] = None

    def mark_product_event(self, id: str) -> None:
        """A trigger is done with a product event."""
        if self.enabled:
            self.progress[id] = None
