"""What the control API offers, and the shapes of what it takes and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Protocol

import msgspec

from forge_emu.model import Instant, Json, Millis

if TYPE_CHECKING:
    from forge_emu.control.hub import RecordHub

MOST_EVENTS = 1_000_000
"""Events in one order."""

LONGEST_SPREAD: Millis = 31_536_000_000
"""A year. Instants far beyond it have no date."""

SLOWEST, FASTEST = 1e-6, 1e6
"""Events per second in an order."""


class TriggerOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Product events to send: all at once, at a rate, or spread over a span."""

    event: str
    count: int = 1
    rate_per_second: Annotated[float, msgspec.Meta(ge=SLOWEST, le=FASTEST)] | None = None
    spread_ms: Annotated[int, msgspec.Meta(ge=0, le=LONGEST_SPREAD)] | None = None
    sets: list[tuple[str, str]] = []
    data: Json = None


class TriggerReceipt(msgspec.Struct, frozen=True):
    """What was ordered. `first` and `last` are the subjects of its first and last event."""

    batch: str
    event: str
    count: int
    first: str
    last: str


class BatchStatus(msgspec.Struct, frozen=True):
    """How far an order is: its product events, and the events pushed on their account."""

    batch: str
    total: int
    sent: int
    succeeded: int
    dropped: int
    events_pushed: int
    events_succeeded: int
    events_dropped: int
    events_cancelled: int
    events_pending: int
    pending: int
    settled: bool
    now: Instant


class ClockOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to do with emulated time: `next`, `advance` (by `span_ms`), `until-idle`, `pause`,
    `resume` or `speed`."""

    action: str
    span_ms: Annotated[int, msgspec.Meta(ge=0, le=LONGEST_SPREAD)] | None = None
    speed: Annotated[float, msgspec.Meta(ge=0.001, le=100_000)] | None = None


class ClockState(msgspec.Struct, frozen=True):
    """Where emulated time stands. `speed` None is virtual time.

    `goal` is where the clock is being moved to, one due time after the other, and `until_idle`
    whether it is moved until all has settled; `next_due` is when the next event is due.
    """

    now: Instant
    time: str
    speed: float | None
    paused: bool
    goal: Instant | None
    until_idle: bool
    next_due: Instant | None
    running: int
    pending: int
    planned: int


class Controls(Protocol):
    """What the API needs of a running emulator. Everything is called on the loop's thread."""

    hub: RecordHub
    token: str

    def status(self) -> Json:
        """Who this is and how it is going."""
        ...

    def trigger(self, order: TriggerOrder) -> TriggerReceipt:
        """Send product events. Raises UserError."""
        ...

    def batch(self, batch: str) -> BatchStatus | None:
        """How far an order is; None when there is none of that id."""
        ...

    def batch_summary(self, batch: str) -> Json | None:
        """The summary of an order; None when there is none of that id."""
        ...

    def set_delivery(self, action: str) -> Json:
        """`pause`, `resume` or `step`. Raises UserError."""
        ...

    def clock_state(self) -> ClockState:
        """Where emulated time stands."""
        ...

    def set_clock(self, order: ClockOrder) -> ClockState:
        """Move, stop or change emulated time. Raises UserError.

        Returns at once: moving goes on until the state's `goal` and `until_idle` are no more.
        """
        ...

    def run_now(self, event_id: str) -> bool:
        """Skip the wait of an event; False when no such event waits."""
        ...

    def limits(self) -> Json:
        """Every setting and the use of the limited resources."""
        ...

    def pending(self, limit: int) -> Json:
        """Up to `limit` events that have not ended."""
        ...
