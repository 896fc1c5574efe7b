"""What a page needs of an attempt until it has finished."""

from __future__ import annotations

from forge_emu.model import Instant
from forge_emu.records import InvocationStarted


class OpenAttempt:
    """A running attempt: the row of its event, its delivery, when it began."""

    __slots__ = ("attempt", "delivery", "function", "refused_by", "row", "started_at")

    def __init__(self, row: int, delivery: str, body: InvocationStarted, at: Instant) -> None:
        self.row = row
        self.delivery = delivery
        self.attempt = body.attempt
        self.function = body.function
        self.started_at = at
        self.refused_by: str | None = None
