"""What happened, in the past tense and in order: the one stream that everything else reads.

A record is a stamp (version, sequence number, instant) and a body; as JSON both are one flat
object. A field whose type includes `UnsetType` is left out where it does not apply; every other
field is always there, `null` where it does not apply.

`docs/generate.py` makes docs/records.md from the docstrings here: every type and every field has
one. The order of fields is their order in JSON. A field may be added; one that is there keeps its
name and meaning, or `FORMAT_VERSION` grows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from forge_emu.errors import Problem
from forge_emu.model import ErrorReport, Instant, Millis, RetryMistake, Unanswered

FORMAT_VERSION = 1


class Body(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """The part of a record that depends on its type."""


class AppLoaded(Body, frozen=True, kw_only=True, tag="app.loaded"):
    """The app is loaded and everything answers: the emulator is ready."""

    app_id: str
    """The app's id, from `app.id` in the manifest."""
    functions: list[str]
    """Keys of the app's functions."""
    consumers: dict[str, str]
    """Name of each queue that has a consumer, to the consumer's key."""
    triggers: dict[str, list[str]]
    """Key of each trigger, to the product events it listens to."""
    generation: int
    """Number of this load of the app's code, from 1. Each reload has the next number."""
    seed: int
    """The seed of the run. `--seed` repeats it."""
    speed: float | None
    """Emulated seconds per real second. Null in virtual time, paced or not."""
    limits: str
    """The preset in force: `current`, `legacy` or `off`."""
    latency: str = "none"
    """How long the platform takes: `none`, `typical` or `slow`."""
    latency_changes: dict[str, str] = {}
    """The latencies that were set by themselves, by the name of the setting."""
    faults: list[str] = []
    """The faults that were asked for, as the user wrote them."""
    url: str | None = None
    """Address of the control API. Null in virtual time, so that two runs give the same records."""
    problems: list[Problem] = []
    """Warnings about the app."""
    memory_mb: dict[str, int] | UnsetType = UNSET
    """Memory in MB of the functions that the manifest gives other than 512. Left out if none."""


class EmulatorRestarted(Body, frozen=True, kw_only=True, tag="emulator.restarted"):
    """A run continues from the saved state of an earlier run. It is the first record of the run."""

    previous_end: Instant
    """When the earlier run last saved its state."""
    clean: bool
    """Whether the earlier run was stopped in order. False if its process was killed."""
    away_ms: Millis
    """Emulated time that passed while no emulator ran."""
    pending: int
    """Deliveries that had not ended."""
    overdue: int
    """How many of the pending deliveries became due while no emulator ran."""
    interrupted: int
    """How many invocations were running. Each ends as `platform_error` and is delivered again."""


class AppReloaded(Body, frozen=True, kw_only=True, tag="app.reloaded"):
    """The app's code or manifest changed. Invocations from now on use the new one."""

    app_id: str
    """The app's id, from `app.id` in the manifest."""
    functions: list[str]
    """Keys of the app's functions."""
    consumers: dict[str, str]
    """Name of each queue that has a consumer, to the consumer's key."""
    triggers: dict[str, list[str]]
    """Key of each trigger, to the product events it listens to."""
    generation: int
    """Number of this load of the app's code."""
    problems: list[Problem] = []
    """Warnings about the app."""
    memory_mb: dict[str, int] | UnsetType = UNSET
    """Memory in MB of the functions that the manifest gives other than 512. Left out if none."""


class AppRejected(Body, frozen=True, kw_only=True, tag="app.rejected"):
    """A changed app could not be loaded. The version before it stays in use."""

    app_id: str
    """Id of the app that stays in use."""
    problems: list[Problem]
    """What is wrong with the changed app."""


class ProductEventSent(Body, frozen=True, kw_only=True, tag="product_event.sent"):
    """A product event happened: somebody triggered it."""

    product_event_id: str
    """Id of the product event."""
    name: str
    """Name of the event, as the manifest's triggers have it."""
    size_bytes: int
    """Size of the payload as JSON text, in bytes of UTF-8."""
    subject: str | None = None
    """Key of the issue or title of the page, if the payload has one."""
    batch: str | None = None
    """Id of the `trigger` command or of the step of a simulation that sent it."""
    replay_of: str | UnsetType = UNSET
    """Id of the product event that this one repeats (`forge-emu queue replay`)."""
    caused_by: str | UnsetType = UNSET
    """Id of the invocation that changed the site, for an event that the app caused itself."""


class ProductEventFiltered(Body, frozen=True, kw_only=True, tag="product_event.filtered"):
    """A trigger that listens to a product event does not get it."""

    product_event_id: str
    """Id of the product event."""
    trigger: str | None
    """Key of the trigger. Null for all triggers."""
    reason: str
    """`ignore_self` (the trigger ignores what the app did itself), `app_is_licensed` (it wants
    licensed sites only), `expression` (the filter's expression gave false), `expression_error`
    (its evaluation failed), `too_large`, or `cyclic_limit` (the app's own writes have caused too
    many events in one chain)."""
    error: str | UnsetType = UNSET
    """What failed in the expression, and where. Left out for other reasons."""


class InvocationStarted(Body, frozen=True, kw_only=True, tag="invocation.started"):
    """A handler starts to run: one attempt to deliver an event."""

    invocation_id: str
    """Id of the invocation. The records of what the handler does carry it."""
    function: str
    """Key of the function."""
    module: str
    """Kind of module that the handler serves: `trigger` or `consumer`; or of a call, as in
    `call.received`."""
    module_key: str
    """Key of the module; that of the function where it is called itself."""
    attempt: int
    """Number of the attempt to deliver this event, from 1."""
    instance: str
    """Name of the instance (the warm copy of the app's code) that runs the handler."""
    cold_start: bool
    """Whether the instance was created for this invocation."""
    timeout_ms: Millis = 0
    """Time the handler has. 0 if not known."""
    duplicate: bool = False
    """Whether the event had succeeded before (`delivery.duplicates`)."""
    event_id: str | UnsetType = UNSET
    """Id of the event, for a consumer."""
    product_event_id: str | UnsetType = UNSET
    """Id of the product event, for a trigger."""
    queue: str | UnsetType = UNSET
    """Name of the queue, for a consumer."""
    call_id: str | UnsetType = UNSET
    """Id of the call, for a function that is called and a scheduled trigger."""


class InvocationFinished(Body, frozen=True, kw_only=True, tag="invocation.finished"):
    """A handler's run ended."""

    invocation_id: str
    """Id of the invocation."""
    function: str
    """Key of the function."""
    outcome: str
    """`success`, `retry_requested` (it returned an `InvocationError`), `error` (it threw),
    `timeout`, `out_of_memory`, `platform_error` (its process was lost without its fault), or
    `interrupted` (another invocation on this machine took its thread along)."""
    duration_ms: Millis
    """Emulated time from the start to the end."""
    error: ErrorReport | None = None
    """What the handler threw, or why it was ended."""
    retry_data_bytes: int | None = None
    """Size of the `retryData` that the handler returned, as JSON text in bytes. Null if none."""
    duplicate: bool = False
    """Whether the event had succeeded before (`delivery.duplicates`)."""
    mistakes: list[RetryMistake] | UnsetType = UNSET
    """What is wrong with the request for a retry, or what looks like one. Left out if nothing."""
    event_id: str | UnsetType = UNSET
    """Id of the event, for a consumer."""
    product_event_id: str | UnsetType = UNSET
    """Id of the product event, for a trigger."""
    unanswered: Unanswered | UnsetType = UNSET
    """The requests that were unanswered when the handler returned: nobody waited for them."""
    waited_ms: Millis | UnsetType = UNSET
    """In real time: how long the handler waited for this machine, before it began and, on Linux,
    for a processor. That is no part of `duration_ms`, nor of its timeout. Left out under 100 ms."""
    call_id: str | UnsetType = UNSET
    """Id of the call, for a function that is called and a scheduled trigger."""


class EventPushed(Body, frozen=True, kw_only=True, tag="event.pushed"):
    """A queue accepted an event. A push of several events has a record for each."""

    event_id: str
    """Id of the event."""
    job_id: str
    """Id of the job: all events of one push share it."""
    queue: str
    """Name of the queue."""
    due_at: Instant
    """When the first attempt is due."""
    size_bytes: int
    """Size of the event as JSON text, in bytes of UTF-8."""
    invocation_id: str
    """Id of the invocation that pushed it. Empty for a push by hand."""
    replay_of: str | UnsetType = UNSET
    """Id of the event that this one repeats (`forge-emu queue replay`)."""


class PushRefused(Body, frozen=True, kw_only=True, tag="push.refused"):
    """A push was refused, whole or in part."""

    queue: str
    """Name of the queue."""
    events: int
    """How many events were refused."""
    error: str
    """Class of the error that the app sees, as `@forge/events` names it."""
    limit: str
    """The setting that refused, such as `limits.push.events_per_minute`."""
    status: int
    """HTTP status of the answer."""
    message: str
    """Message of the answer."""
    invocation_id: str
    """Id of the invocation that pushed. Empty for a push by hand."""


class RetryScheduled(Body, frozen=True, kw_only=True, tag="retry.scheduled"):
    """An event will be delivered again."""

    retry_count: int
    """`retryContext.retryCount` of the next attempt. Platform errors do not raise that of an event
    of a queue; that of a product event counts only the retries that the app asked for."""
    retry_reason: str
    """`retryContext.retryReason` of the next attempt; `interrupted` where there is none."""
    retry_after_ms: Millis
    """Time until the next attempt is due."""
    due_at: Instant
    """When the next attempt is due."""
    asked_by: str
    """`app` if the handler returned a request for a retry, `platform`, or `emulator` after an
    interruption that the platform does not know."""
    clamped_from_ms: Millis | None = None
    """The wait that the app asked for, if it was out of range and was changed."""
    retry_after_given: str | UnsetType = UNSET
    """What the app gave as `retryAfter`, where that was no number of seconds."""
    limit: str | UnsetType = UNSET
    """The limit of invocations that kept the attempt from beginning, if one did. It counts as an
    error of the app."""
    retry_data_left_out: bool | UnsetType = UNSET
    """True where the app's `retryData` is not sent: that of a product event must be an object."""
    event_id: str | UnsetType = UNSET
    """Id of the event, for an event of a queue."""
    queue: str | UnsetType = UNSET
    """Name of the queue, for an event of a queue."""
    product_event_id: str | UnsetType = UNSET
    """Id of the product event, for a delivery to a trigger."""
    trigger: str | UnsetType = UNSET
    """Key of the trigger, for a delivery to a trigger."""
    call_id: str | UnsetType = UNSET
    """Id of the call, for a function that is called and a scheduled trigger."""
    module_key: str | UnsetType = UNSET
    """Key of the scheduled trigger, for a run of it."""


class EventSucceeded(Body, frozen=True, kw_only=True, tag="event.succeeded"):
    """The end of an event: a handler returned and asked for no retry."""

    event_id: str
    """Id of the event."""
    queue: str
    """Name of the queue."""
    attempts: int
    """How many attempts were made."""
    age_ms: Millis
    """Emulated time since the push."""


class EventCancelled(Body, frozen=True, kw_only=True, tag="event.cancelled"):
    """The end of an event: its job was cancelled, or the user cancelled it."""

    event_id: str
    """Id of the event."""
    queue: str
    """Name of the queue."""
    attempts: int
    """How many attempts were made."""
    age_ms: Millis
    """Emulated time since the push."""


class EventDropped(Body, frozen=True, kw_only=True, tag="event.dropped"):
    """The end of an event: the platform gave it up."""

    event_id: str
    """Id of the event."""
    queue: str
    """Name of the queue."""
    attempts: int
    """How many attempts were made."""
    age_ms: Millis
    """Emulated time since the push."""
    reason: str
    """`max_retries`, `retention_window`, `no_consumer` or `not_loaded`."""
    first_form: bool | UnsetType = UNSET
    """True where `@forge/events` 0 or 1 pushed it, whose events have four retries and no retention
    window. Left out otherwise."""


class EventExpired(Body, frozen=True, kw_only=True, tag="event.expired"):
    """The end of an event: its retention window, made longer by platform errors, ended while they
    lasted. The platform does not call it dropped, but tries no more."""

    event_id: str
    """Id of the event."""
    queue: str
    """Name of the queue."""
    attempts: int
    """How many attempts were made."""
    age_ms: Millis
    """Emulated time since the push."""


class EventDeferred(Body, frozen=True, kw_only=True, tag="event.deferred"):
    """A due event has to wait for a slot of its concurrency key. This counts as no attempt and no
    retry."""

    limit: str
    """`concurrency:` and the concurrency key. In version 0.1.0 also `invocations_per_minute`, which
    is an error of the app today: see `limit` of `retry.scheduled`."""
    due_at: Instant
    """When it is tried again."""
    event_id: str | UnsetType = UNSET
    """Id of the event, for an event of a queue."""
    queue: str | UnsetType = UNSET
    """Name of the queue, for an event of a queue."""
    product_event_id: str | UnsetType = UNSET
    """Id of the product event, for a delivery to a trigger."""
    trigger: str | UnsetType = UNSET
    """Key of the trigger, for a delivery to a trigger."""


class ProductEventSucceeded(Body, frozen=True, kw_only=True, tag="product_event.succeeded"):
    """The end of a product event: every trigger that got it has handled it."""

    product_event_id: str
    """Id of the product event."""
    attempts: int
    """How many attempts all its triggers made together."""
    age_ms: Millis
    """Emulated time since it was sent."""


class ProductEventDropped(Body, frozen=True, kw_only=True, tag="product_event.dropped"):
    """The end of a product event: no trigger got it, or a trigger failed to handle it."""

    product_event_id: str
    """Id of the product event."""
    attempts: int
    """How many attempts all its triggers made together."""
    age_ms: Millis
    """Emulated time since it was sent."""
    reason: str
    """`max_retries`, `handler_error`, `no_trigger`, `filtered`, `too_large` or `cyclic_limit`."""


class CallReceived(Body, frozen=True, kw_only=True, tag="call.received"):
    """A function is called for something that is no event. Where it is not time that calls, the
    caller waits for its answer."""

    call_id: str
    """Id of the call."""
    module: str
    """What is called: `function` (by a command), `resolver` (as a UI does), `web_trigger` or
    `scheduled_trigger`."""
    module_key: str
    """Key of the module; that of the function where it is called itself."""
    function: str
    """Key of the function, or of the endpoint of a remote."""
    due_at: Instant | UnsetType = UNSET
    """When it was due, for a run that time has started."""
    size_bytes: int | UnsetType = UNSET
    """Size of the payload as JSON text, in bytes of UTF-8. Left out for a scheduled trigger."""
    resolver_key: str | UnsetType = UNSET
    """Key of the resolver's definition, for a `resolver`."""


class CallSucceeded(Body, frozen=True, kw_only=True, tag="call.succeeded"):
    """The end of a call: the function returned."""

    call_id: str
    """Id of the call."""
    age_ms: Millis
    """Emulated time since the call."""


class CallFailed(Body, frozen=True, kw_only=True, tag="call.failed"):
    """The end of a call: the function did not return. It is not called again."""

    call_id: str
    """Id of the call."""
    age_ms: Millis
    """Emulated time since the call."""
    reason: str
    """The outcome of the invocation (`error`, `timeout`, `out_of_memory`, `platform_error`); or why
    there was none: `rate_limited`, `too_large`, `no_function`, `no_schedule`, `not_loaded` or
    `restarted` (the emulator ended before the call did)."""
    limit: str | UnsetType = UNSET
    """The setting that was in the way, for `rate_limited`, and for `too_large` of a payload."""


class ScheduleSkipped(Body, frozen=True, kw_only=True, tag="schedule.skipped"):
    """Runs of a scheduled trigger that were due do not start."""

    module_key: str
    """Key of the scheduled trigger."""
    due_at: Instant
    """When the first of them was due."""
    runs: int
    """How many they are."""
    reason: str
    """`missed` (no emulator ran), `waiting` (the run before still waits to start), `running` (it
    still runs, and `schedules.overlap` is `skip`) or `paused` (by the user)."""


class ScheduleByHand(Body, frozen=True, kw_only=True, tag="schedule.by_hand"):
    """The user paused or resumed a scheduled trigger: `forge-emu schedule`, or the control API."""

    action: str
    """`pause` or `resume`."""
    module_key: str
    """Key of the scheduled trigger."""


class KvsDone(Body, frozen=True, kw_only=True, tag="kvs.done"):
    """The key-value store did what the app asked for.

    A query, batch or transaction is one record, whatever the number of its keys.
    """

    operation: str
    """`get`, `set` or `delete`, also with `_secret` or `_entity` at the end; `query`,
    `query_entity`, `batch_get`, `batch_set`, `batch_delete` or `transact`."""
    key: str
    """The key; `entity/key` for a custom entity. Of a query the prefix; of other calls about many
    keys the first key and the number of the others."""
    bytes: int
    """Size of the values read or written, as JSON text in bytes. Of all keys together."""
    units: int
    """Read or write units that the call used. Of all keys together."""
    invocation_id: str | None
    """Id of the invocation that called. Null for a change by the user."""
    keys: list[str] | UnsetType = UNSET
    """The keys that were read, set or deleted, for a call about many keys."""
    key_bytes: list[int] | UnsetType = UNSET
    """Size of the value of each of `keys` as JSON text in bytes, for a batch or a transaction."""
    partition: str | UnsetType = UNSET
    """The index and the partition of it that a query of an entity read."""


class KvsRefused(Body, frozen=True, kw_only=True, tag="kvs.refused"):
    """The key-value store refused a call, or one key of a batch."""

    operation: str
    """As in `kvs.done`."""
    key: str
    """As in `kvs.done`."""
    code: str
    """Code of the error that the app sees."""
    status: int
    """HTTP status of the answer."""
    limit: str | None
    """What refused: a setting, a rule such as `kvs.key`, or `fault:kvs.error`."""
    invocation_id: str | None
    """Id of the invocation that called."""
    units: int | None = None
    """Read or write units that the call would have used. Null if the call could not be read, and
    for a key of a batch."""
    of_batch: bool | UnsetType = UNSET
    """True for a single key of a batch. The rest of the batch is in a `kvs.done`."""


class FaultInjected(Body, frozen=True, kw_only=True, tag="fault.injected"):
    """A fault that the user asked for happened. Its effects are in the records that follow."""

    fault: str
    """Kind of fault, such as `kvs.error`."""
    rule: str
    """The fault as the user wrote it, with its share and its time window."""
    invocation_id: str | None
    """Id of the invocation concerned."""
    event_id: str | UnsetType = UNSET
    """Id of the event, for `platform.error` and `invocation.timeout` in a consumer."""
    product_event_id: str | UnsetType = UNSET
    """Id of the product event, for `platform.error` and `invocation.timeout` in a trigger."""
    call_id: str | UnsetType = UNSET
    """Id of the call, for a function that is called and a scheduled trigger."""


class ActedByHand(Body, frozen=True, kw_only=True, tag="queue.by_hand"):
    """The user changed deliveries: `forge-emu queue`, a key of the console, or the control API."""

    action: str
    """`pause`, `resume`, `run_now`, `cancel`, `replay` or `push`."""
    queue: str | None
    """Name of the queue that was paused or resumed. Null for all, and for the other actions."""
    events: int
    """How many deliveries it concerned. Each has records of its own."""


class ControlRefused(Body, frozen=True, kw_only=True, tag="control.refused"):
    """The control API refused a request. Nothing was changed."""

    method: str
    """HTTP method. `?` if the request was not HTTP."""
    path: str
    """Path without the query. `?` if the request was not HTTP."""
    status: int
    """HTTP status of the answer."""
    reason: str
    """Message of the answer."""
    unrecorded: int = 0
    """How many refusals before this one came too fast to get a record each."""


class RequestMocked(Body, frozen=True, kw_only=True, tag="request.mocked"):
    """The app called a product, a remote or an address outside, and a mock answered."""

    service: str
    """The service that the app called, as its package names it."""
    method: str
    """HTTP method."""
    path: str
    """Path with the query."""
    status: int
    """HTTP status of the answer."""
    mock: str
    """Place of the mock: file and line."""
    invocation_id: str | None
    """Id of the invocation that called."""
    host: str | UnsetType = UNSET
    """Scheme and host, for an address outside the platform."""


class RequestAnswered(Body, frozen=True, kw_only=True, tag="request.answered"):
    """The app called a product, and the site behind the emulator answered."""

    service: str
    """The service that the app called, as its package names it."""
    method: str
    """HTTP method."""
    path: str
    """Path with the query."""
    status: int
    """HTTP status of the answer."""
    account: str | None
    """Account in whose name the app called. Null if in nobody's."""
    invocation_id: str | None
    """Id of the invocation that called."""
    events: list[str] | UnsetType = UNSET
    """Names of the product events that the call caused, whether a trigger listens to them or not.
    Left out if none."""
    place: str | UnsetType = UNSET
    """File and line of the call in the app's code, for a call that caused events. Left out if the
    stack does not say."""
    limit: str | UnsetType = UNSET
    """The setting that refused the call. Left out if none did."""
    points: int | UnsetType = UNSET
    """Points of the product's limit per hour that the call cost. Left out if none."""
    retry_after_ms: Millis | UnsetType = UNSET
    """`Retry-After` of the answer. Left out if it has none."""


class RequestSent(Body, frozen=True, kw_only=True, tag="request.sent"):
    """A request of the app leaves this machine: no mock answers it, and it may go out."""

    method: str
    """HTTP method."""
    host: str
    """Scheme and host."""
    path: str
    """Path with the query. Parts that look secret are `***`."""
    invocation_id: str | None
    """Id of the invocation that called."""


class RequestEnded(Body, frozen=True, kw_only=True, tag="request.ended"):
    """A request that left this machine was answered, or failed."""

    method: str
    """HTTP method."""
    host: str
    """Scheme and host."""
    path: str
    """Path with the query. Parts that look secret are `***`."""
    status: int | None
    """HTTP status of the answer. Null if there was none."""
    duration_ms: Millis
    """Emulated time since it was sent."""
    error: str | None
    """Why there was no answer. Null if there was one."""
    invocation_id: str | None
    """Id of the invocation that called."""


class RequestRefused(Body, frozen=True, kw_only=True, tag="request.refused"):
    """A request of the app was refused or ended: it went nowhere, or got no answer in time."""

    service: str
    """The service that the app called, as its package names it. `egress` for the outside."""
    method: str
    """HTTP method. `TCP` or `UDP` for a connection that is no HTTP."""
    host: str
    """Scheme and host. Empty for a service of the platform."""
    path: str
    """Path with the query. Parts that look secret are `***`."""
    status: int | None
    """HTTP status that the app got. Null if its request failed."""
    limit: str
    """What refused: a rule such as `egress.permission`, or a setting."""
    message: str
    """What happened, and what to do about it."""
    mock: str | None
    """The mock that would answer it, for `mocks:` of `forge-emu.yml`. Null if none can."""
    invocation_id: str | None
    """Id of the invocation that called."""


class AppEventPublished(Body, frozen=True, kw_only=True, tag="app_event.published"):
    """The app published an event of its own (`appEvents.publish`). Its triggers that listen get it
    as a product event; other apps are not there."""

    key: str
    """Key of the `event` module."""
    name: str
    """Name of the event, as triggers have it."""
    recipients: list[str]
    """ARIs of the other apps that may get it; `*` for all."""
    heard: bool
    """Whether a trigger of the app itself listens to it."""
    invocation_id: str | None
    """Id of the invocation that published it."""


class RequestUnsupported(Body, frozen=True, kw_only=True, tag="request.unsupported"):
    """The app called something that is not emulated, and got an error that says so."""

    service: str
    """The service that the app called, as its package names it."""
    method: str
    """HTTP method."""
    path: str
    """Path with the query."""
    message: str
    """What is missing, and what to do about it."""
    invocation_id: str | None
    """Id of the invocation that called."""
    mock: str | None = None
    """The mock that would answer it, for `mocks:` of `forge-emu.yml`. Null if none can."""


class RequestLost(Body, frozen=True, kw_only=True, tag="request.lost"):
    """A request that no handler waited for is lost (`invocations.unawaited_lost`). Code that
    the handler left behind made it after the return; it was neither carried out nor answered."""

    call: str
    """What the app called, such as `queue.push`, `kvs.set` or `requestJira`."""
    target: str
    """Name of the queue, key in the store, or method and path of the request. Empty if it has
    none."""
    place: str | None
    """File and line of the call in the app's code. Null if the stack does not say."""
    invocation_id: str | None
    """Id of the invocation that made it."""


LOG_LEVELS: Final = ("debug", "info", "warn", "error")


class Log(Body, frozen=True, kw_only=True, tag="log"):
    """A line that the app printed, or a message of the emulator itself."""

    level: str
    """`debug`, `info`, `warn` or `error`."""
    message: str
    """The text."""
    invocation_id: str | None = None
    """Id of the invocation that printed it. Null for a message of the emulator, and for what the
    app prints outside of invocations."""


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
    | EventExpired
    | EventDeferred
    | ProductEventSucceeded
    | ProductEventDropped
    | CallReceived
    | CallSucceeded
    | CallFailed
    | ScheduleSkipped
    | ScheduleByHand
    | KvsDone
    | KvsRefused
    | FaultInjected
    | ActedByHand
    | ControlRefused
    | RequestAnswered
    | RequestMocked
    | RequestSent
    | RequestEnded
    | RequestRefused
    | AppEventPublished
    | RequestUnsupported
    | RequestLost
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
    """The fields that every record begins with."""

    v: int
    """Version of the format. It grows when a field changes its meaning, its name or its type."""
    seq: int
    """Number of the record, from 1, without gaps. A run that continues a state counts on."""
    at: Instant
    """When it happened."""
    time: str
    """The same as date and time: ISO 8601, UTC, with milliseconds."""


_COMMA: Final = ord(",")

_encoder = msgspec.json.Encoder()
_stamp_decoder = msgspec.json.Decoder(_Stamp)
_body_decoder: msgspec.json.Decoder[AnyBody] = msgspec.json.Decoder(AnyBody)


def encode_record(record: Record) -> bytes:
    """The record as one line of JSON, without the newline."""
    return _encode_lines((record,))


def _encode_lines(records: Sequence[Record]) -> bytes:
    """The records as lines of JSON, with newlines between them."""
    text = bytearray()
    for record in records:
        stamp = _Stamp(FORMAT_VERSION, record.seq, record.at, record.time)
        _encoder.encode_into(stamp, text, len(text))
        # The brace at the end of the stamp and that at the beginning of the body are a comma.
        middle = len(text) - 1
        _encoder.encode_into(record.body, text, middle)
        text[middle] = _COMMA
        text += b"\n"
    return bytes(memoryview(text)[:-1])


class RecordLines(msgspec.Struct, frozen=True, array_like=True):
    """Consecutive records as their lines of JSON: what is stored and retained as one."""

    seq: int
    """Number of the first."""
    at: Instant
    """Instant of the last."""
    text: bytes
    """The lines, with newlines between them."""

    @property
    def lines(self) -> list[bytes]:
        """The lines, without newlines."""
        return self.text.split(b"\n")

    @property
    def last(self) -> int:
        """Number of the last record."""
        return self.seq + self.text.count(b"\n")

    def after(self, seq: int) -> RecordLines | None:
        """Those with a number over `seq`; None where there are none."""
        if seq < self.seq:
            return self
        lines = self.lines[seq + 1 - self.seq :]
        return RecordLines(seq + 1, self.at, b"\n".join(lines)) if lines else None


MOST_TOGETHER: Final = 128
"""Records in one `RecordLines` of a turn: so many are read to find one, and lost with damage."""


class RecordBatch:
    """The records of one turn, in order and numbered without gaps, with their lines. It never
    changes.

    Each line is encoded once, when the first reader asks for the lines: a state, a follower, a
    file.
    """

    __slots__ = ("_parts", "records")

    def __init__(self, records: Sequence[Record]) -> None:
        self.records: Final = tuple(records)
        self._parts: tuple[RecordLines, ...] | None = None

    @property
    def parts(self) -> tuple[RecordLines, ...]:
        """The records as lines of JSON, up to `MOST_TOGETHER` of them in each part."""
        if self._parts is None:
            starts = range(0, len(self.records), MOST_TOGETHER)
            slices = (self.records[start : start + MOST_TOGETHER] for start in starts)
            self._parts = tuple(
                RecordLines(part[0].seq, part[-1].at, _encode_lines(part)) for part in slices
            )
        return self._parts

    @property
    def lines(self) -> list[bytes]:
        """The records as lines of JSON, without newlines."""
        return [line for part in self.parts for line in part.lines]

    @property
    def text(self) -> bytes:
        """All lines, each with its newline."""
        return b"".join(part.text + b"\n" for part in self.parts)


def decode_record(line: bytes | str) -> Record:
    """The record of one line. Raises msgspec.DecodeError for anything else."""
    stamp = _stamp_decoder.decode(line)
    return Record(stamp.seq, stamp.at, stamp.time, _body_decoder.decode(line))
