"""The summary as data: what `--json` prints and what the console draws."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

from forge_emu.errors import Problem
from forge_emu.model import Instant, Json, LimitUsage, Millis
from forge_emu.report.cost_figures import CostFigures


class EventFigures(msgspec.Struct, frozen=True):
    """Events of one queue, or of all queues.

    `pushed = succeeded + dropped + expired + cancelled + pending`, and
    `pending = scheduled + running + waiting`.
    """

    pushed: int = 0
    """Events that were accepted."""
    succeeded: int = 0
    """Events that a handler has handled."""
    dropped: int = 0
    """Events that were given up."""
    expired: int = 0
    """Events whose retention window ended while platform errors lasted."""
    cancelled: int = 0
    """Events that were cancelled."""
    pending: int = 0
    """Events that have not ended."""
    scheduled: int = 0
    """Events that no attempt has been made for."""
    running: int = 0
    """Events that a handler works on now."""
    waiting: int = 0
    """Events that wait for another attempt, or for the end of their retention window."""


class ProductFigures(msgspec.Struct, frozen=True):
    """Product events.

    `sent = succeeded + dropped + pending`, and `pending = queued + running + waiting`.
    """

    sent: int = 0
    """Product events that happened."""
    succeeded: int = 0
    """Product events that every trigger has handled."""
    dropped: int = 0
    """Product events that no trigger got, or that a trigger failed to handle."""
    pending: int = 0
    """Product events that have not ended."""
    queued: int = 0
    """Product events that no attempt has been made for."""
    running: int = 0
    """Product events that a handler works on now."""
    waiting: int = 0
    """Product events that wait for another attempt."""
    filtered: int = 0
    """How often a trigger's filter kept a product event from it. This is not a state."""


class RetryFigures(msgspec.Struct, frozen=True):
    """Retries that were scheduled."""

    total: int = 0
    """How many."""
    by_reason: dict[str, int] = {}
    """The retry reason, to how many."""
    by_asked_by: dict[str, int] = {}
    """`app` or `platform`, to how many."""


class CallFigures(msgspec.Struct, frozen=True):
    """Calls of functions, resolvers and web triggers, whose callers waited for the answer."""

    received: int
    """How many there were."""
    succeeded: int
    """How many functions returned."""
    failures: dict[str, int] = {}
    """Reason, to how many failed for it."""


class RefusalFigures(msgspec.Struct, frozen=True):
    """What was refused, by the limit that refused it."""

    push: dict[str, int] = {}
    """The limit, to how many pushes it refused."""
    push_events: dict[str, int] = {}
    """The limit, to how many events the refused pushes had."""
    kvs: dict[str, int] = {}
    """The limit, to how many calls of the store it refused."""
    kvs_keys: dict[str, int] = {}
    """The limit, to how many single keys of batches it refused. They are not counted in `kvs`."""
    requests: dict[str, int] = {}
    """The limit, to how many requests to the outside, to remotes and to products it refused."""


class DurationFigures(msgspec.Struct, frozen=True):
    """Emulated time from the push, or from the product event, to success."""

    count: int = 0
    """How many have succeeded."""
    p50_ms: Millis = 0
    """Half of them took no longer."""
    p95_ms: Millis = 0
    """95 % of them took no longer."""
    max_ms: Millis = 0
    """None took longer."""


class ErrorFigure(msgspec.Struct, frozen=True):
    """An error of handlers. Errors whose messages differ in numbers only count as one."""

    name: str
    """Class of the error."""
    message: str
    """Message of one of them."""
    count: int
    """How many invocations it ended."""
    place: str | None = None
    """File and line where it was thrown. Null if that is not in the app's own code."""


class Unsupported(msgspec.Struct, frozen=True):
    """A call of something that is not emulated."""

    service: str
    """The service that the app called, as its package names it."""
    method: str
    """HTTP method."""
    path: str
    """Path with the query."""
    message: str
    """What is missing, and what to do about it."""
    count: int
    """How many such calls."""


class MissingAnswers(msgspec.Struct, frozen=True):
    """Requests that nothing answered: no mock, no service of the emulator, and not the outside."""

    requests: int = 0
    """How many requests."""
    product_events: int = 0
    """Product events that succeeded after such a request of one of their handlers."""
    events: int = 0
    """Events of queues that succeeded after such a request of their handler."""
    mocks: list[str] = []
    """The mocks that would answer them, as `mocks:` of `forge-emu.yml` takes them, some with a
    comment. Each is there once, and 200 at most."""
    mocks_file: str | None = None
    """The file that these mocks were written to. Null if there was none to write."""


class AttemptSeries(msgspec.Struct, frozen=True):
    """What happened over time, in equal steps. All lists have one number for each step."""

    start: Instant = 0
    """When the first step begins."""
    width_ms: Millis = 0
    """Length of a step."""
    first: list[int] = []
    """First attempts that began in each step."""
    retries: list[int] = []
    """Later attempts that began in each step."""
    refusals: list[int] = []
    """Pushes and calls of the store or of products that were refused in each step."""
    deferrals: list[int] = []
    """Deliveries that a limit put off in each step."""


class Advice(msgspec.Struct, frozen=True):
    """A finding about the app."""

    rule: str
    """Name of the rule, as docs/advice.md lists them."""
    message: str
    """The finding in words."""
    detail: dict[str, Json] = {}
    """The numbers behind the words, by name. They depend on the rule."""
    places: list[str] = []
    """File and line in the app, as far as they are known."""


class ConditionVerdict(msgspec.Struct, frozen=True):
    """A condition of `--fail-on`, and what came of it."""

    condition: str
    """The condition as it was written. Where it holds, the run has failed."""
    requires: str
    """The opposite, which a run that passes meets: `dropped == 0`."""
    passed: bool
    """Whether no run has failed."""
    value: float | None
    """The figure: milliseconds for a span of time, 0 to 100 for a percentage. Of several runs, the
    worst. Null if there is none, such as the median of nothing."""
    value_text: str
    """The value with its unit."""
    runs: int = 1
    """How many runs were judged."""
    failed_runs: int = 0
    """In how many of them the condition held."""


class Summary(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="summary", omit_defaults=False
):
    """A run, or the part of it that follows from one `trigger` command."""

    app_id: str | None = None
    """The app's id."""
    seed: int | None = None
    """The seed of the run."""
    speed: float | None = None
    """Emulated seconds per real second. Null in virtual time, paced or not."""
    limits_preset: str | None = None
    """The preset in force: `current`, `legacy` or `off`."""
    lag_ms: Millis | UnsetType = UNSET
    """In real time: the longest that a handler waited for this machine before it began and, on
    Linux, for a processor. Left out where none waited for 100 ms."""
    latency: str | None = None
    """How long the platform took: `none`, `typical` or `slow`."""
    latency_changes: dict[str, str] = {}
    """The latencies that were set by themselves, by the name of the setting."""
    batch: str | None = None
    """Id of the `trigger` command that this is about. Null for the whole run."""
    taken_over: int | None = None
    """Deliveries that an earlier run had left pending. They count here as well. What had ended
    before does not count, except in the use of `limits`. Null for a run without an earlier one."""
    started_at: Instant = 0
    """When the first thing that counts here happened."""
    ended_at: Instant = 0
    """The instant of the summary."""
    product_events: ProductFigures = ProductFigures()
    """Product events by state."""
    events: EventFigures = EventFigures()
    """Events of all queues by state."""
    queues: dict[str, EventFigures] = {}
    """Name of each queue, to its events by state."""
    attempts: dict[str, int] = {}
    """Number of attempts, to how many events ended after that many."""
    product_event_attempts: dict[str, int] = {}
    """Number of attempts, to how many product events ended after that many."""
    calls: CallFigures | UnsetType = UNSET
    """Calls of functions from outside. Left out where there were none."""
    invocations: dict[str, int] = {}
    """Outcome, to how many invocations ended that way."""
    retries: RetryFigures = RetryFigures()
    """Retries that were scheduled."""
    refusals: RefusalFigures = RefusalFigures()
    """Pushes, calls of the store and requests that were refused."""
    deferrals: dict[str, int] = {}
    """The limit, to how often it put a delivery off."""
    drops: dict[str, int] = {}
    """Reason, to how many events of queues were dropped for it."""
    product_event_drops: dict[str, int] = {}
    """Reason, to how many product events were dropped for it."""
    faults: dict[str, int] = {}
    """Kind of fault, to how often it happened."""
    duplicates: int = 0
    """Deliveries of events that had succeeded before."""
    errors: list[ErrorFigure] = []
    """The most frequent errors of handlers."""
    limits: list[LimitUsage] = []
    """Use of each limited resource."""
    time_to_success: DurationFigures = DurationFigures()
    """How long events of queues took."""
    product_event_time_to_success: DurationFigures = DurationFigures()
    """How long product events took."""
    attempts_over_time: AttemptSeries = AttemptSeries()
    """Attempts, refusals and deferrals over time."""
    logs: dict[str, int] = {}
    """Level, to how many log lines."""
    cost: CostFigures | UnsetType = UNSET
    """What it would be billed, as an estimate. Left out where nothing is."""
    unsupported: list[Unsupported] = []
    """Calls of what is not emulated."""
    missing_answers: MissingAnswers = MissingAnswers()
    """Requests that nothing answered, and what came of them."""
    problems: list[Problem] = []
    """Warnings about the app, from loading it."""
    advice: list[Advice] = []
    """Findings about the app."""
    conditions: list[ConditionVerdict] | UnsetType = UNSET
    """What came of each condition of `--fail-on`. Left out where there were none."""
