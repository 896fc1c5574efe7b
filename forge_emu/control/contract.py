"""What the control API offers, and the shapes of what it takes and answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal, Protocol

import msgspec

from forge_emu.arrivals import FASTEST, LONGEST_SPREAD, SLOWEST
from forge_emu.control.calls.contract import CallsContract
from forge_emu.control.payloads.contract import PayloadContract
from forge_emu.control.push_contract import PushOrder, PushReceipt
from forge_emu.control.schedules.contract import ScheduleContract
from forge_emu.control.site_contract import SiteContract
from forge_emu.errors import NotFoundError
from forge_emu.model import Instant, Json, RecordedEvent

if TYPE_CHECKING:
    from forge_emu.control.hub import RecordHub
    from forge_emu.records import ControlRefused


class TriggerOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Product events to send: all at once, at a rate, or spread over a span.

    `key` names the thing that all of them are about; `from_status` and `to_status` are those of a
    transition. `recorded` are payloads, each to be sent once, at their own spacing unless there is
    another pace; `event` is empty then.
    """

    event: str = ""
    count: int = 1
    rate_per_second: Annotated[float, msgspec.Meta(ge=SLOWEST, le=FASTEST)] | None = None
    spread_ms: Annotated[int, msgspec.Meta(ge=0, le=LONGEST_SPREAD)] | None = None
    sets: list[tuple[str, str]] = []
    data: Json = None
    key: str | None = None
    from_status: str | None = None
    to_status: str | None = None
    recorded: list[RecordedEvent] = []


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
    events_expired: int = 0


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


QueueAction = Literal["cancel", "run_now", "replay", "pause", "resume"]


class QueueOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A change to the queues, ordered by a developer.

    `target` names deliveries: by id, the start of one, job id or issue key. `every` means all that
    wait (`run_now`) or all that were dropped or expired (`replay`). `queue` None is all of them
    (`pause`, `resume`). With a `body`, a replay sends the one event with that one.
    """

    action: QueueAction
    target: str | None = None
    every: bool = False
    queue: str | None = None
    body: Json | msgspec.UnsetType = msgspec.UNSET


class QueueReceipt(msgspec.Struct, frozen=True):
    """What came of a `QueueOrder`: the ids it concerned, or the new ones of a replay."""

    action: str
    ids: list[str] = []
    queue: str | None = None
    changed: bool = True


class QueueQuery(msgspec.Struct, frozen=True):
    """Which deliveries to list. `state` may also be `pending`: all that have not ended."""

    queue: str | None = None
    state: str | None = None
    target: str | None = None
    limit: int = 100


class KvsEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A key of the store with its value as JSON text, and how long it still lives.

    `entity` names the custom entity of a value that belongs to one.
    """

    key: str
    value: msgspec.Raw
    secret: bool = False
    ttl_seconds: Annotated[float, msgspec.Meta(gt=0)] | None = None
    entity: str | None = None


def no_value_error(key: str, *, secret: bool, entity: str) -> NotFoundError:
    """What is said where the store has nothing with this key."""
    kind, where = "value", ""
    if entity:
        kind, where = f"value of {entity}", f" --entity {entity}"
    elif secret:
        kind, where = "secret", " --secret"
    hint = f"These are there: `forge-emu kvs list{where}`."
    return NotFoundError(f"there is no {kind} with the key {key!r}", hint)


class KvsPage(msgspec.Struct, frozen=True):
    """A part of the store, by key. `after` is where the next part begins, None after the last.

    A masked secret has null for its value, and `bytes` tells its length.
    """

    entries: list[KvsEntry]
    bytes: list[int]
    after: str | None = None


class AdminContract(Protocol):
    """The admin calls for queues and store. Everything may raise UserError."""

    def list_queue(self, query: QueueQuery) -> Json:
        """The deliveries that match the query, by due time, and a count of each state."""
        ...

    def change_queue(self, order: QueueOrder) -> QueueReceipt:
        """Cancel, run now, replay, pause or resume."""
        ...

    def push_events(self, order: PushOrder) -> PushReceipt:
        """Push events to a queue, under the limits of an app's push."""
        ...

    def list_kvs(
        self, prefix: str, after: str, *, secret: bool, show_secrets: bool, entity: str = ""
    ) -> KvsPage:
        """Values, secrets or those of `entity`: keys that begin with `prefix`, after `after`."""
        ...

    def kvs_entities(self) -> dict[str, int]:
        """How many values each custom entity has that has any, by name."""
        ...

    def kvs_get(self, key: str, *, secret: bool, entity: str = "") -> KvsEntry | None:
        """One value; None when there is none."""
        ...

    def kvs_set(self, entries: Sequence[KvsEntry]) -> int:
        """Write values, all or none; answers how many."""
        ...

    def kvs_delete(self, key: str, *, secret: bool, entity: str = "") -> bool:
        """Delete a key; False when there is none."""
        ...


class Controls(Protocol):
    """What the API needs of a running emulator. Everything is called on the loop's thread."""

    hub: RecordHub
    token: str

    @property
    def admin(self) -> AdminContract:
        """The admin calls for queues and store."""
        ...

    @property
    def schedules(self) -> ScheduleContract:
        """The scheduled triggers."""
        ...

    @property
    def site_admin(self) -> SiteContract:
        """The calls for the site."""
        ...

    @property
    def payloads(self) -> PayloadContract:
        """What is in events."""
        ...

    @property
    def calls(self) -> CallsContract:
        """Calls of functions and of web triggers."""
        ...

    def record_refusal(self, refusal: ControlRefused) -> None:
        """Record that a request was refused."""
        ...

    def jwks(self) -> Json:
        """The public keys that verify the tokens which remotes get."""
        ...

    def status(self) -> Json:
        """Who this is and how it is going."""
        ...

    def trigger(self, order: TriggerOrder) -> TriggerReceipt:
        """Send product events. Raises UserError."""
        ...

    def batch_status(self, batch: str) -> BatchStatus | None:
        """How far an order is; None when there is none of that id."""
        ...

    def batch_summary(self, batch: str) -> Json | None:
        """The summary of an order; None when there is none of that id."""
        ...

    def clock_state(self) -> ClockState:
        """Where emulated time stands."""
        ...

    def set_clock(self, order: ClockOrder) -> ClockState:
        """Move, stop or change emulated time. Raises UserError.

        Returns at once: moving goes on until the state's `goal` and `until_idle` are no more.
        """
        ...

    def limits(self) -> Json:
        """Every setting and the use of the limited resources."""
        ...
