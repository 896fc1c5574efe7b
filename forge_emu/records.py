"""What happened, in the past tense and in order: the one stream that everything else reads.

A record is a stamp (version, sequence number, instant) and a body; on the wire both are one flat
JSON object. Fields that take one of two forms (`event_id` or `product_event_id`) appear only in the
form that applies; every other field is always there, `null` where it does not apply.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from forge_emu.errors import Problem
from forge_emu.model import ErrorReport, Instant, Millis

FORMAT_VERSION = 1


class Body(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """The part of a record that depends on its type."""


class AppLoaded(Body, frozen=True, kw_only=True, tag="app.loaded"):
    """Everything answers: the emulator is ready. `url` is the control API's address."""

    app_id: str
    functions: list[str]
    consumers: dict[str, str]
    """Queue to consumer key."""
    triggers: dict[str, list[str]]
    """Trigger key to the events it listens to."""
    generation: int
    seed: int
    speed: float | None
    """None in virtual time."""
    limits: str
    """The preset in force: `current`, `legacy` or `off`."""
    faults: list[str] = []
    """The faults asked for, in the user's words."""
    url: str | None = None
    problems: list[Problem] = []


class EmulatorRestarted(Body, frozen=True, kw_only=True, tag="emulator.restarted"):
    """The first record of a run that goes on where an earlier one ended, at `previous_end`.

    `clean` is False where that one was killed. Of the `pending` deliveries, `overdue` have become
    due in the `away_ms` without an emulator, and `interrupted` were running: they run again.
    """

    previous_end: Instant
    clean: bool
    away_ms: Millis
    pending: int
    overdue: int
    interrupted: int


class AppReloaded(Body, frozen=True, kw_only=True, tag="app.reloaded"):
    """The app's code or manifest changed; invocations from now on use the new one."""

    app_id: str
    functions: list[str]
    consumers: dict[str, str]
    triggers: dict[str, list[str]]
    generation: int
    problems: list[Problem] = []


class AppRejected(Body, frozen=True, kw_only=True, tag="app.rejected"):
    """A changed app could not be loaded; the last good one goes on."""

    app_id: str
    problems: list[Problem]


class ProductEventSent(Body, frozen=True, kw_only=True, tag="product_event.sent"):
    """A product event entered the platform. `subject` is its issue key or page title.

    `replay_of` is the dropped product event that somebody has sent again.
    """

    product_event_id: str
    name: str
    size_bytes: int
    subject: str | None = None
    batch: str | None = None
    replay_of: str | UnsetType = UNSET


class ProductEventFiltered(Body, frozen=True, kw_only=True, tag="product_event.filtered"):
    """A trigger did not get a product event. Reasons: `ignore_self`, `too_large`, `expression`."""

    product_event_id: str
    trigger: str | None
    reason: str


class InvocationStarted(Body, frozen=True, kw_only=True, tag="invocation.started"):
    """A handler began to run; `timeout_ms` is how long it may (0: not known).

    `duplicate` marks a delivery after the event had succeeded.
    """

    invocation_id: str
    function: str
    module: str
    module_key: str
    attempt: int
    instance: str
    cold_start: bool
    timeout_ms: Millis = 0
    duplicate: bool = False
    event_id: str | UnsetType = UNSET
    product_event_id: str | UnsetType = UNSET
    queue: str | UnsetType = UNSET


class InvocationFinished(Body, frozen=True, kw_only=True, tag="invocation.finished"):
    """A handler's run ended: `success`, `retry_requested`, `error`, `timeout`, `out_of_memory` or
    `platform_error`.

    `retry_data_bytes` is the size of the `retryData` it asked to have back, whether the platform
    keeps it or not; null where it sent none.
    """

    invocation_id: str
    function: str
    outcome: str
    duration_ms: Millis
    error: ErrorReport | None = None
    retry_data_bytes: int | None = None
    duplicate: bool = False
    event_id: str | UnsetType = UNSET
    product_event_id: str | UnsetType = UNSET


class EventPushed(Body, frozen=True, kw_only=True, tag="event.pushed"):
    """An app's event was accepted by a queue and will be due at `due_at`.

    `replay_of` is the dropped event that somebody has delivered again as this one.
    """

    event_id: str
    job_id: str
    queue: str
    due_at: Instant
    size_bytes: int
    invocation_id: str
    replay_of: str | UnsetType = UNSET


class PushRefused(Body, frozen=True, kw_only=True, tag="push.refused"):
    """A push was refused. `error` is the class the app sees; `limit` the rule that refused."""

    queue: str
    events: int
    error: str
    limit: str
    status: int
    message: str
    invocation_id: str


class RetryScheduled(Body, frozen=True, kw_only=True, tag="retry.scheduled"):
    """An event will be delivered again at `due_at`. `asked_by` is `app` or `platform`.

    `retry_count` is what the next delivery's retry context will say. `clamped_from_ms` is the wait
    the app asked for, where the platform moved it into its bounds.
    """

    retry_count: int
    retry_reason: str
    retry_after_ms: Millis
    due_at: Instant
    asked_by: str
    clamped_from_ms: Millis | None = None
    event_id: str | UnsetType = UNSET
    queue: str | UnsetType = UNSET
    product_event_id: str | UnsetType = UNSET
    trigger: str | UnsetType = UNSET


class EventSucceeded(Body, frozen=True, kw_only=True, tag="event.succeeded"):
    """Terminal: the event was delivered."""

    event_id: str
    queue: str
    attempts: int
    age_ms: Millis


class EventCancelled(Body, frozen=True, kw_only=True, tag="event.cancelled"):
    """Terminal: its job was cancelled before it was delivered."""

    event_id: str
    queue: str
    attempts: int
    age_ms: Millis


class EventDropped(Body, frozen=True, kw_only=True, tag="event.dropped"):
    """Terminal: given up. Reasons: `max_retries`, `retention_window`, `no_consumer`."""

    event_id: str
    queue: str
    attempts: int
    age_ms: Millis
    reason: str


class EventDeferred(Body, frozen=True, kw_only=True, tag="event.deferred"):
    """A due event had to wait: no free slot of its concurrency key, or too many invocations."""

    limit: str
    due_at: Instant
    event_id: str | UnsetType = UNSET
    queue: str | UnsetType = UNSET
    product_event_id: str | UnsetType = UNSET
    trigger: str | UnsetType = UNSET


class ProductEventSucceeded(Body, frozen=True, kw_only=True, tag="product_event.succeeded"):
    """Terminal: every trigger that takes the event has handled it."""

    product_event_id: str
    attempts: int
    age_ms: Millis


class ProductEventDropped(Body, frozen=True, kw_only=True, tag="product_event.dropped"):
    """Terminal: at least one trigger never handled it.

    Reasons: `max_retries`, `handler_error`, `no_trigger`, `filtered`, `too_large`.
    """

    product_event_id: str
    attempts: int
    age_ms: Millis
    reason: str


class KvsDone(Body, frozen=True, kw_only=True, tag="kvs.done"):
    """The store did what the app asked. `units` are 10 KB units of the per-minute limits.

    `operation` is `get`, `set` or `delete`, alone or with `_secret` or `_entity`, `query`,
    `query_entity`, `batch_get`, `batch_set`, `batch_delete` or `transact`. Keys of entities are
    written `entity/key`. A call about many keys is one record: `key` is the
    prefix of a query, or names the first key and how many more; `keys` are those it read, set or
    deleted, `bytes` and `units` of all of them together.
    """

    operation: str
    key: str
    bytes: int
    units: int
    invocation_id: str | None
    keys: list[str] | UnsetType = UNSET


class KvsRefused(Body, frozen=True, kw_only=True, tag="kvs.refused"):
    """The store refused. `limit` names the setting or rule.

    `units` is what the request would have used; null where it could not even be read. `of_batch`
    marks a single key of a batch, whose other keys a `kvs.done` tells of.
    """

    operation: str
    key: str
    code: str
    status: int
    limit: str | None
    invocation_id: str | None
    units: int | None = None
    of_batch: bool | UnsetType = UNSET


def is_kvs_read(operation: str) -> bool:
    """Whether a call of the store uses read units, by the operation's name; others write."""
    return operation.startswith(("get", "query")) or operation == "batch_get"


class FaultInjected(Body, frozen=True, kw_only=True, tag="fault.injected"):
    """A fault the user asked for struck. `fault` is `kvs.error` and the like, `rule` their words.

    What comes of it is in the records that follow.
    """

    fault: str
    rule: str
    invocation_id: str | None
    event_id: str | UnsetType = UNSET
    product_event_id: str | UnsetType = UNSET


class ActedByHand(Body, frozen=True, kw_only=True, tag="queue.by_hand"):
    """The developer acted on the queues: `pause`, `resume`, `run_now`, `cancel` or `replay`.

    `queue` null means all deliveries; `events` is how many the act concerned. What became of each
    is in records of its own.
    """

    action: str
    queue: str | None
    events: int


class ControlRefused(Body, frozen=True, kw_only=True, tag="control.refused"):
    """A request to the emulator's own control API was refused, and changed nothing.

    `method` and `path` are `?` for what was no HTTP. `unrecorded` is how many refusals before this
    one came so fast that they have no record.
    """

    method: str
    path: str
    status: int
    reason: str
    unrecorded: int = 0


class RequestMocked(Body, frozen=True, kw_only=True, tag="request.mocked"):
    """The app called a product or a remote, and the mock at `mock` (file:line) answered."""

    service: str
    method: str
    path: str
    status: int
    mock: str
    invocation_id: str | None


class RequestUnsupported(Body, frozen=True, kw_only=True, tag="request.unsupported"):
    """The app called a part of the platform that is not emulated yet."""

    service: str
    method: str
    path: str
    message: str
    invocation_id: str | None


class Log(Body, frozen=True, kw_only=True, tag="log"):
    """A line the app printed, or one from the emulator (`invocation_id` null).

    Levels: `debug`, `info`, `warn`, `error`.
    """

    level: str
    message: str
    invocation_id: str | None = None


AnyBody: TypeAlias = (
    AppLoaded
    | EmulatorRestarted
    | AppReloaded
    | AppRejected
    | ProductEventSent
    | ProductEventFiltered
    | InvocationStarted
    | InvocationFinished
    | EventPushed
    | PushRefused
    | RetryScheduled
    | EventSucceeded
    | EventCancelled
    | EventDropped
    | EventDeferred
    | ProductEventSucceeded
    | ProductEventDropped
    | KvsDone
    | KvsRefused
    | FaultInjected
    | ActedByHand
    | ControlRefused
    | RequestMocked
    | RequestUnsupported
    | Log
)


RECORD_TYPES = tuple(sorted(str(kind.__struct_config__.tag) for kind in Body.__subclasses__()))
"""Every type of record."""


class Record(msgspec.Struct, frozen=True):
    """One thing that happened. `at` is emulated, `time` its ISO-8601 form."""

    seq: int
    at: Instant
    time: str
    body: AnyBody

    @property
    def type(self) -> str:
        """`event.pushed` and the like."""
        return str(self.body.__struct_config__.tag)


class _Stamp(msgspec.Struct, frozen=True):
    v: int
    seq: int
    at: Instant
    time: str


_encoder = msgspec.json.Encoder()
_stamp_decoder = msgspec.json.Decoder(_Stamp)
_body_decoder: msgspec.json.Decoder[AnyBody] = msgspec.json.Decoder(AnyBody)


def encode_record(record: Record) -> bytes:
    """The record as one line of JSON, without the newline."""
    stamp = _encoder.encode(_Stamp(FORMAT_VERSION, record.seq, record.at, record.time))
    return stamp[:-1] + b"," + _encoder.encode(record.body)[1:]


def decode_record(line: bytes | str) -> Record:
    """The record of one line. Raises msgspec.DecodeError for anything else."""
    stamp = _stamp_decoder.decode(line)
    return Record(stamp.seq, stamp.at, stamp.time, _body_decoder.decode(line))
