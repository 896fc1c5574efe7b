"""Bodies of waiting deliveries: so many bytes of them are in memory, the rest is where it is saved.

A long line of events costs memory mostly for their bodies, and each of them is saved anyway.
"""

from __future__ import annotations

from forge_emu.engine.delivery.deliveries import Deliveries
from forge_emu.engine.delivery.delivery import TERMINAL, Delivery, DeliveryWithBody, ReadSaved


class WaitingBodies:
    """Counts what is in memory, and leaves to the saved state what is over `most_bytes`."""

    def __init__(self, deliveries: Deliveries) -> None:
        self._deliveries = deliveries
        self._read: ReadSaved | None = None
        self._most_bytes = 0
        self._new: list[Delivery] = []
        """Those that were taken to be saved, and are not known to be."""
        self.bytes = 0

    def keep_saved(self, most_bytes: int, read: ReadSaved) -> None:
        """Leave what is over `most_bytes` to the saved state from now on; `read` reads it."""
        self._read, self._most_bytes = read, most_bytes
        for delivery in self._deliveries.open.values():
            if delivery.snapshot_number is not None:
                self.add(delivery)
        self.note_saved()

    def add(self, delivery: Delivery) -> None:
        """A delivery is about to be saved."""
        if self._read is not None:
            self._new.append(delivery)
            self.bytes += delivery.body_bytes

    def remove(self, delivery: Delivery) -> None:
        """A delivery that was saved has ended."""
        if self._read is not None:
            self.bytes -= delivery.body_bytes

    def note_saved(self) -> None:
        """All that was taken is saved."""
        new, self._new = self._new, []
        if self._read is None or self.bytes <= self._most_bytes:
            return
        # The last ones have the longest to wait.
        for delivery in reversed(new):
            if self.bytes <= self._most_bytes:
                return
            if isinstance(delivery, DeliveryWithBody) and delivery.state not in TERMINAL:
                self.bytes -= delivery.body_bytes
                delivery.leave_body(self._read)

    def fetch_all(self) -> None:
        """Have everything in memory again: the saved state may be lost. Raises UserError."""
        dropped = (entry.delivery for entry in self._deliveries.dropped)
        for delivery in (*self._deliveries.open.values(), *dropped):
            if isinstance(delivery, DeliveryWithBody) and delivery.body_is_left:
                delivery.fetch_body()
                self.bytes += delivery.body_bytes

    def start_anew(self) -> None:
        """Everything is about to be saved anew."""
        self._new, self.bytes = [], 0
