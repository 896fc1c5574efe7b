"""What the routes of an emulator for tests take and answer: times in emulated milliseconds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from forge_emu.arrivals import LONGEST_SPREAD
from forge_emu.model import ErrorReport, Instant, Json
from forge_emu.settings import Preset
from forge_emu.testing.events import Event, EventState, ProductEvent


class ServedOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The line of options: those of `EmulatorOptions`, as JSON has them."""

    virtual: bool = True
    seed: int = 1
    limits: Preset | None = None
    latency: str | None = None
    settings: dict[str, Json] = {}
    faults: list[str] = []
    kvs: dict[str, Json] | str = {}
    site: str | None = None
    variables: dict[str, str] = {}
    network: bool = False
    install: bool | None = None


class ServedAt(msgspec.Struct, frozen=True):
    """The first line on stdout: where the emulator is, and the version of forge-emu."""

    url: str
    token: str
    version: str


class AdvanceOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Move time on by so much."""

    span_ms: Annotated[int, msgspec.Meta(ge=0, le=LONGEST_SPREAD)]


class WebOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Call the web trigger `key`. A `body` that is no text is sent as JSON.

    `path` is what follows the address, `query` is without its `?`; `method` null is POST with a
    body, else GET. `secret` signs the request: a key in base64.
    """

    key: str
    body: Json = None
    method: str | None = None
    headers: dict[str, str] = {}
    path: str = ""
    query: str = ""
    secret: str | None = None


class WebAnswer(msgspec.Struct, frozen=True):
    """What the caller of a web trigger gets. `problem` says why it is not what was returned."""

    status: int
    headers: list[tuple[str, str]]
    body: str
    problem: str | None


class InvokeOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Call `target`, a function or `FUNCTION.KEY`; `context` is merged over the context."""

    target: str
    payload: Json = None
    context: dict[str, Json] = {}


class NowAnswer(msgspec.Struct, frozen=True):
    """Where emulated time stands."""

    now: Instant


class AttemptView(msgspec.Struct, frozen=True):
    """One run of a handler for an event. `outcome` is null while it runs."""

    number: int
    function: str
    started_at: Instant
    ended_at: Instant | None
    outcome: str | None
    error: ErrorReport | None


class EventView(msgspec.Struct, frozen=True):
    """An event of a queue, or a product event.

    `begun_at` is when it was pushed or sent. `reason` says why it was dropped. `story` is there
    unless it has succeeded without trouble. `queue`, `job_id` and `product_event_id` are those of
    queues' events, `name` is that of a product event.
    """

    kind: Literal["event", "product_event"]
    id: str
    state: EventState
    reason: str | None
    subject: str | None
    begun_at: Instant
    ended_at: Instant | None
    attempts: list[AttemptView]
    logs: list[str]
    story: str | None
    queue: str | None = None
    job_id: str | None = None
    product_event_id: str | None = None
    name: str | None = None


class EventChanges(msgspec.Struct, frozen=True):
    """The events that records after a number are about, in the order of their beginning.

    `seq` is the number of the last record. `logs` are the lines that the app printed after the
    first `logs_before`, which the request has said.
    """

    seq: int
    now: Instant
    events: list[EventView]
    logs: list[str]


class RefusedFigures(msgspec.Struct, frozen=True):
    """Calls and refusals of the store or of queues. `refused_by` has the limit or rule."""

    refused: int
    refused_by: Mapping[str, int]
    calls: int | None = None
    refused_events: int | None = None


class SummaryAnswer(msgspec.Struct, frozen=True):
    """What has happened up to now; `whole` is what `forge-emu simulate --json` prints."""

    kvs: RefusedFigures
    push: RefusedFigures
    whole: Json


class FigureValue(msgspec.Struct, frozen=True):
    """A figure of conditions, spans in milliseconds; null where the run has none."""

    value: float | None


class Story(msgspec.Struct, frozen=True):
    """The records of an event as lines."""

    story: str


class SnapshotName(msgspec.Struct, frozen=True):
    """The number of a snapshot, from 1."""

    snapshot: int


def event_view(event: Event | ProductEvent) -> EventView:
    """An event as the routes answer it."""
    shared: dict[str, Any] = {
        "id": event.id,
        "state": event.state,
        "reason": event.reason,
        "subject": event.subject,
        "ended_at": event.ended_at,
        "attempts": [AttemptView(**vars(attempt)) for attempt in event.attempts],
        "logs": event.logs,
        "story": event.story if event.state != "succeeded" or event.had_trouble else None,
    }
    if isinstance(event, ProductEvent):
        return EventView("product_event", begun_at=event.sent_at, name=event.name, **shared)
    return EventView(
        "event",
        begun_at=event.pushed_at,
        queue=event.queue,
        job_id=event.job_id,
        product_event_id=event.product_event_id,
        **shared,
    )
