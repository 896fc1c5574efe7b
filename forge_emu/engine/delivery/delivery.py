"""What the engine delivers, and its states. A wrong step raises and changes nothing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final, Generic, Protocol, TypeVar

import msgspec

from forge_emu.engine.delivery.retry import History
from forge_emu.engine.schedule import ScheduleEntry
from forge_emu.model import Instant, Json, Millis


class State(StrEnum):
    """The state of a delivery."""

    SCHEDULED = "scheduled"
    """Pushed; its first due time has not come."""
    READY = "ready"
    """Due; waits for a free instance, or for delivery to be resumed."""
    RUNNING = "running"
    """A handler works on it."""
    WAITING = "waiting"
    """Waits for a retry, or was deferred."""
    SUCCEEDED = "succeeded"
    DROPPED = "dropped"
    EXPIRED = "expired"
    """Its retention window ended while platform errors lasted: not dropped, and not retried."""
    CANCELLED = "cancelled"


WAITING = frozenset({State.SCHEDULED, State.WAITING})
"""States of a delivery whose time has not come."""

LOST = frozenset({State.DROPPED, State.EXPIRED})
"""States of a delivery that no handler has handled, though nobody cancelled it."""

TERMINAL = frozenset({State.SUCCEEDED, State.CANCELLED}) | LOST

TRANSITIONS: dict[State, frozenset[State]] = {
    State.SCHEDULED: frozenset({State.READY, State.CANCELLED}),
    State.READY: frozenset({State.RUNNING, State.WAITING, State.CANCELLED}) | LOST,
    State.RUNNING: frozenset({State.SUCCEEDED, State.WAITING, State.CANCELLED}) | LOST,
    State.WAITING: frozenset({State.READY, State.CANCELLED}) | LOST,
    State.SUCCEEDED: frozenset(),
    State.DROPPED: frozenset(),
    State.EXPIRED: frozenset(),
    State.CANCELLED: frozenset(),
}


LEFT: Final = msgspec.Raw(b"null")
"""Stands for a body that was left to the saved state."""

ReadSaved = Callable[[int], Any]
"""Reads what was saved of a delivery (`SavedDelivery`), by its number. Raises UserError."""


class Delivery(ABC):
    """One thing to be handled by one function, however many attempts it takes.

    A kind of delivery is a subclass, with a `DeliveryKind` that says what the kind does.

    `origin` is the first, non-async invocation that it descends from. `retry_count` counts
    app-level retries, `platform_errors` the uncounted ones, `deferrals` waits since the last
    attempt. `after_platform_error` says that the last attempt ended in an uncounted one. `away_ms`
    is how long no emulator ran since it was created; its retention window stood still then.
    `asked_by` says who asked for the retry it waits for: `app`, `platform` or `emulator`.
    `snapshot_number` is its number in the saved state, once it is saved.
    """

    __slots__ = (
        "after_platform_error",
        "asked_by",
        "attempts",
        "away_ms",
        "created_at",
        "deferrals",
        "due_at",
        "id",
        "invocation_id",
        "origin",
        "platform_errors",
        "retry_count",
        "retry_data",
        "retry_reason",
        "schedule_entry",
        "snapshot_number",
        "state",
        "window_end",
    )

    def __init__(self, id: str, origin: str, now: Instant, due_at: Instant, state: State) -> None:
        self.id = id
        self.origin = origin
        self.created_at = now
        self.due_at = due_at
        self.state = state
        self.attempts = 0
        self.retry_count = 0
        self.platform_errors = 0
        self.after_platform_error = False
        self.deferrals = 0
        self.away_ms: Millis = 0
        self.snapshot_number: int | None = None
        self.retry_reason: str | None = None
        self.asked_by: str | None = None
        self.retry_data: Json = None
        self.window_end: Instant | None = None
        self.schedule_entry: ScheduleEntry[DueAction] | None = None
        self.invocation_id: str | None = None

    def become(self, state: State) -> None:
        """Move to `state`. Raises ValueError where the transition table does not allow it."""
        if state not in TRANSITIONS[self.state]:
            raise ValueError(f"{self.id} cannot go from {self.state} to {state}")
        self.state = state

    @property
    def history(self) -> History:
        """What the retry decision needs to know of it."""
        begun = self.created_at + self.away_ms
        return History(self.retry_count, self.platform_errors, self.retry_data, begun)

    @property
    @abstractmethod
    def noun(self) -> str:
        """What messages call one: `an event`."""

    @property
    @abstractmethod
    def ids(self) -> dict[str, str]:
        """The ids by which records name it, such as `event_id`."""

    @property
    @abstractmethod
    def routing(self) -> dict[str, str]:
        """The same, and where it goes: its `queue`, its `trigger`."""

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """Every id by which a developer may name it."""

    @property
    def body_bytes(self) -> int:
        """Bytes of its body in memory, which can be left to the saved state; 0 for none."""
        return 0

    @property
    def queue(self) -> str | None:
        """The queue that it belongs to, if it does."""
        return None

    @property
    def job_id(self) -> str | None:
        """The push that it belongs to, if it does."""
        return None

    @property
    def subject(self) -> str | None:
        """What it is about, in a word, where the delivery itself knows."""
        return None

    @property
    def concurrency(self) -> tuple[str, int] | None:
        """Its concurrency key, and how many of that key may be handled at once."""
        return None

    @property
    def is_duplicate(self) -> bool:
        """Whether it repeats one that has succeeded: nothing comes of how it ends."""
        return False

    @property
    def started_by_time(self) -> bool:
        """Whether time alone brought it about: no user, no product and no app."""
        return False

    @property
    def replayable(self) -> bool:
        """Whether a developer can deliver it again once it was dropped or has expired."""
        return True

    @property
    def cancellable(self) -> bool:
        """Whether a developer may cancel it now."""
        return False


class Sized(Protocol):
    """What has a body of so many bytes."""

    @property
    def size_bytes(self) -> int:
        """Bytes of the body."""
        ...


Head = TypeVar("Head", bound=Sized)


class DeliveryWithBody(Delivery, Generic[Head]):
    """One whose body may take much memory, and be left to the saved state while it waits.

    `head` is what never changes of it, without the body while it is left.
    """

    __slots__ = ("_read", "head")

    def __init__(
        self, id: str, origin: str, now: Instant, due_at: Instant, state: State, head: Head
    ) -> None:
        super().__init__(id, origin, now, due_at, state)
        self.head = head
        self._read: ReadSaved | None = None

    @property
    def body_is_left(self) -> bool:
        """Whether the saved state alone has its body."""
        return self._read is not None

    @property
    def body_bytes(self) -> int:
        """Bytes of its body in memory."""
        return self.head.size_bytes if self._read is None else 0

    def whole(self) -> Head:
        """Its head with the body. Raises UserError where that cannot be read."""
        if self._read is None:
            return self.head
        return self.head_of(self._read(self.snapshot_number or 0))

    def head_of(self, saved: Any) -> Head:
        """The head in what was saved of it."""
        head: Head = saved
        return head

    @abstractmethod
    def without_body(self) -> Head:
        """Its head without the body."""

    def leave_body(self, read: ReadSaved) -> None:
        """Leave the body to the saved state: `read` finds it there whenever it is needed."""
        self.head, self._read = self.without_body(), read

    def fetch_body(self) -> None:
        """Have the body in memory again. Raises UserError where it cannot be read."""
        self.head, self._read = self.whole(), None


class DueAction(msgspec.Struct):
    """Why the engine wakes up for a delivery: to deliver it, to end it with its retention window
    (`drop`), or to time it out."""

    kind: str
    delivery: Delivery
    reason: str = ""
