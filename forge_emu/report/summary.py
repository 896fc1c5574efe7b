"""The summary as data: what `--json` prints and what the console draws."""

from __future__ import annotations

import msgspec

from forge_emu.errors import Problem
from forge_emu.model import Instant, Json, LimitUsage, Millis


class EventFigures(msgspec.Struct, frozen=True):
    """Events of a queue, or of all: `pushed = succeeded + dropped + cancelled + pending`."""

    pushed: int = 0
    succeeded: int = 0
    dropped: int = 0
    cancelled: int = 0
    pending: int = 0
    scheduled: int = 0
    running: int = 0
    waiting: int = 0


class ProductFigures(msgspec.Struct, frozen=True):
    """Product events: `sent = succeeded + dropped + pending`. `filtered` counts filter refusals."""

    sent: int = 0
    succeeded: int = 0
    dropped: int = 0
    pending: int = 0
    queued: int = 0
    running: int = 0
    waiting: int = 0
    filtered: int = 0


class RetryFigures(msgspec.Struct, frozen=True):
    """Retries that were scheduled, by reason and by who asked for them."""

    total: int = 0
    by_reason: dict[str, int] = {}
    by_asked_by: dict[str, int] = {}


class RefusalFigures(msgspec.Struct, frozen=True):
    """Refused calls by limit. `push_events` counts the events of the refused pushes, `kvs_keys`
    the keys that failed in batches which were no refused calls themselves.
    """

    push: dict[str, int] = {}
    push_events: dict[str, int] = {}
    kvs: dict[str, int] = {}
    kvs_keys: dict[str, int] = {}


class DurationFigures(msgspec.Struct, frozen=True):
    """How long it took from the push, or from the product event, to success."""

    count: int = 0
    p50_ms: Millis = 0
    p95_ms: Millis = 0
    max_ms: Millis = 0


class ErrorFigure(msgspec.Struct, frozen=True):
    """An error of handlers and how often it ended an invocation. Numbers in messages are alike.

    `place` is where it was thrown, if that was in the app's own code.
    """

    name: str
    message: str
    count: int
    place: str | None = None


class Unsupported(msgspec.Struct, frozen=True):
    """A call of something that is not emulated."""

    service: str
    method: str
    path: str
    message: str
    count: int


class AttemptSeries(msgspec.Struct, frozen=True):
    """What happened over time, in `len(first)` equal steps of `width_ms` from `start` on."""

    start: Instant = 0
    width_ms: Millis = 0
    first: list[int] = []
    """First attempts that began."""
    retries: list[int] = []
    """Later attempts that began."""
    refusals: list[int] = []
    """Pushes and calls of the store that were refused."""
    deferrals: list[int] = []
    """Deliveries that a limit put off."""


class Advice(msgspec.Struct, frozen=True):
    """A finding about the app. `detail` holds the numbers of the message.

    `places` say where in the app, as `src/index.js:41`, as far as that is known.
    """

    rule: str
    message: str
    detail: dict[str, Json] = {}
    places: list[str] = []


class Summary(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="summary", omit_defaults=False
):
    """A run, or the part of it that descends from one `trigger` command (`batch`)."""

    app_id: str | None = None
    seed: int | None = None
    speed: float | None = None
    limits_preset: str | None = None
    batch: str | None = None
    taken_over: int | None = None
    """Deliveries that an earlier run had left pending, which count here as well; None in a run that
    began anew. What had ended then does not count, but for the use of `limits`."""
    started_at: Instant = 0
    """The first thing that counts here happened then."""
    ended_at: Instant = 0
    product_events: ProductFigures = ProductFigures()
    events: EventFigures = EventFigures()
    queues: dict[str, EventFigures] = {}
    attempts: dict[str, int] = {}
    """Number of attempts, as text, to how many events ended after that many."""
    product_event_attempts: dict[str, int] = {}
    invocations: dict[str, int] = {}
    """Outcome to how many invocations ended that way."""
    retries: RetryFigures = RetryFigures()
    refusals: RefusalFigures = RefusalFigures()
    deferrals: dict[str, int] = {}
    drops: dict[str, int] = {}
    """Reason to how many events were dropped for it."""
    product_event_drops: dict[str, int] = {}
    faults: dict[str, int] = {}
    """Fault that was asked for, to how often it was injected."""
    duplicates: int = 0
    """Deliveries of events that had succeeded before."""
    errors: list[ErrorFigure] = []
    """The most frequent ones."""
    limits: list[LimitUsage] = []
    """Peak and mean use of each limited resource beside its limit."""
    time_to_success: DurationFigures = DurationFigures()
    product_event_time_to_success: DurationFigures = DurationFigures()
    attempts_over_time: AttemptSeries = AttemptSeries()
    logs: dict[str, int] = {}
    unsupported: list[Unsupported] = []
    problems: list[Problem] = []
    """What loading the app found."""
    advice: list[Advice] = []
