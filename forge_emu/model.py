"""The nouns: instants, apps, product events, invocations and their outcomes. No behaviour."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any, Final, Literal, TypeAlias, get_args

import msgspec

Instant: TypeAlias = int
"""Emulated milliseconds since the run began."""

Millis: TypeAlias = int
"""A span of emulated milliseconds."""

Json: TypeAlias = Any
"""A decoded JSON value."""

_objects: Final[msgspec.json.Decoder[dict[str, Json]]] = msgspec.json.Decoder(dict[str, Json])

SECOND: Millis = 1_000
MINUTE: Millis = 60_000
HOUR: Millis = 3_600_000

MANIFEST_NAMES: Final = ("manifest.yml", "manifest.yaml")
"""What the manifest of an app may be called; the first is read where both are there."""


Layout: TypeAlias = Literal["deploy", "source"]
"""Where handlers run: in a folder laid out as Forge deploys it, or in the app's own."""

LAYOUTS: Final[tuple[Layout, ...]] = get_args(Layout)


Bundler: TypeAlias = Literal["auto", "forge", "esbuild"]
"""What builds an app: Forge's own bundler or esbuild.

With `auto` esbuild does, and where Forge's is installed, it is asked what it says.
"""

BUNDLERS: Final[tuple[Bundler, ...]] = get_args(Bundler)


def seconds_to_ms(value: float) -> Millis:
    """`value` seconds in milliseconds, rounded to the nearest."""
    return round(value * SECOND)


def iso8601(epoch_ms: int) -> str:
    """`epoch_ms` (milliseconds since 1970-01-01T00:00Z) as `2026-11-24T10:00:00.000Z`."""
    days, ms = divmod(epoch_ms, 86_400_000)
    s, ms = divmod(ms, 1_000)
    return f"{_date_text(days)}T{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}.{ms:03d}Z"


@lru_cache(maxsize=64)
def _date_text(days: int) -> str:
    """The date so many days after 1970-01-01; most instants of a run share a few."""
    # Days to year, month, day: https://howardhinnant.github.io/date_algorithms.html
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (
        day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted_month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted_month + 2) // 5 + 1
    month = shifted_month + 3 if shifted_month < 10 else shifted_month - 9
    year = year_of_era + era * 400 + (1 if month <= 2 else 0)
    return f"{year:04d}-{month:02d}-{day:02d}"


class ModuleKind(StrEnum):
    """Which kind of manifest module an invocation serves.

    `function` is a function called by its key, `resolver` the one behind a module with a UI.
    """

    TRIGGER = "trigger"
    CONSUMER = "consumer"
    SCHEDULED_TRIGGER = "scheduled_trigger"
    WEB_TRIGGER = "web_trigger"
    FUNCTION = "function"
    RESOLVER = "resolver"
    PRE_UNINSTALL = "pre_uninstall"


class Function(msgspec.Struct, frozen=True):
    """A `modules.function` entry.

    `handler` is the manifest's text (`index.run`), `file` the source file it resolves to, relative
    to the app (`src/index.js`), `export` the exported name (`run`). `timeout_ms` is what the
    manifest's `timeoutSeconds` says, None where it says nothing. `line` and `column` say where the
    manifest names the handler.
    """

    key: str
    handler: str
    file: str
    export: str
    timeout_ms: Millis | None
    memory_mb: int
    line: int
    language: Literal["javascript", "python"] = "javascript"
    column: int = 0


class UnloadedFunction(msgspec.Struct, frozen=True):
    """A `modules.function` entry whose handler does not load: place and reason, and what to do."""

    handler: str
    reason: str
    hint: str | None = None


class Remote(msgspec.Struct, frozen=True):
    """An entry of `remotes`, or of `services` (a container): a backend that runs elsewhere.

    `base_url` is where it is, None where nothing says; `regions` are the addresses that a
    `baseUrl` by region gives. The tokens are those of `auth`, for calls from functions.
    """

    key: str
    base_url: str | None
    line: int
    regions: dict[str, str] = {}
    operations: tuple[str, ...] = ()
    system_token: bool = False
    user_token: bool = False
    is_service: bool = False

    @property
    def noun(self) -> str:
        """What messages call one."""
        return "service" if self.is_service else "remote"


class Endpoint(msgspec.Struct, frozen=True):
    """A `modules.endpoint` entry: the path at a remote that a module calls instead of a function.

    `remote` is the key of the remote, or with `is_service` of the service; `path` is `route.path`.
    """

    key: str
    remote: str
    path: str
    line: int
    is_service: bool = False
    system_token: bool = False
    user_token: bool = False


class Consumer(msgspec.Struct, frozen=True):
    """A `modules.consumer` entry; `method` is set for the old `resolver` form.

    One with an `endpoint` has no function: its text is empty.
    """

    key: str
    queue: str
    function: str
    method: str | None
    line: int
    endpoint: str | None = None


class Subscription(msgspec.Struct, frozen=True):
    """One event a trigger listens to, with its filter.

    `place` is where the expression stands, as `file:line:column`. `include` are the paths of
    `payload.include.propertyPaths`.
    """

    event: str
    ignore_self: bool = False
    expression: str | None = None
    on_error: str = "IGNORE_AND_LOG"
    licensed_only: bool = False
    place: str = ""
    include: tuple[str, ...] = ()


class Trigger(msgspec.Struct, frozen=True):
    """A `modules.trigger` entry: the function, and the events it listens to.

    One with an `endpoint` has no function: its text is empty.
    """

    key: str
    function: str
    subscriptions: tuple[Subscription, ...]
    line: int
    endpoint: str | None = None


class AuthProvider(msgspec.Struct, frozen=True):
    """An entry of `providers.auth`: remotes with their addresses, and the scopes it asks for."""

    key: str
    remotes: dict[str, str]
    scopes: tuple[str, ...] = ()


SCHEDULE_INTERVALS: Final[dict[str, Millis]] = {
    "fiveMinute": 5 * MINUTE,
    "hour": HOUR,
    "day": 24 * HOUR,
    "week": 7 * 24 * HOUR,
}
"""Every `interval` of a scheduled trigger, and how long it is."""


class ScheduledTrigger(msgspec.Struct, frozen=True):
    """A `modules.scheduledTrigger` entry: what it runs, and how often.

    One with an `endpoint` has no function: its text is empty. `interval` is the manifest's word,
    such as `hour`. `licensed_only` is its filter `appIsLicensed`. `line` and `column` say where it
    begins.
    """

    key: str
    function: str
    interval: str
    line: int
    endpoint: str | None = None
    licensed_only: bool = False
    column: int = 0


class PreUninstall(msgspec.Struct, frozen=True):
    """A `modules.preUninstall` entry: what is called before the app is uninstalled.

    One with an `endpoint` has no function: its text is empty.
    """

    key: str
    function: str
    line: int
    endpoint: str | None = None


class StaticOutput(msgspec.Struct, frozen=True):
    """A response that a static web trigger may choose by its key."""

    key: str
    status_code: int
    content_type: str | None = None
    body: str | None = None


class WebTrigger(msgspec.Struct, frozen=True):
    """A `modules.webtrigger` entry: a function or endpoint that an HTTP request calls.

    One with an `endpoint` has no function: its text is empty.
    `url_format` is `v1` or `v2`. `outputs` are the responses of a static one; None for a dynamic.
    `signed` says that requests need a signature.
    """

    key: str
    function: str
    line: int
    endpoint: str | None = None
    url_format: str = "v1"
    outputs: tuple[StaticOutput, ...] | None = None
    signed: bool = False


class EventModule(msgspec.Struct, frozen=True):
    """A `modules.event` entry: an event that the app may publish, and who else may get it.

    `allowed_recipients` are ARIs of apps, or `*` for all.
    """

    key: str
    name: str
    allowed_recipients: tuple[str, ...]
    line: int


APP_EVENT_PREFIX: Final = "avi:cloud:ecosystem::event/"
"""How the names of the events begin that apps publish themselves."""


def app_event_name(app_id: str, key: str) -> str:
    """The full name of the event `key` of an app.

    https://developer.atlassian.com/platform/forge/events-reference/app-events/ (2026-03-05)
    """
    return f"{APP_EVENT_PREFIX}{app_id.rpartition('/')[2]}/{key}"


def split_app_event(name: str) -> tuple[str, str] | None:
    """The app's UUID and the event's key of a full name; None for other events."""
    app, slash, key = name.removeprefix(APP_EVENT_PREFIX).partition("/")
    is_one = name.startswith(APP_EVENT_PREFIX) and slash and app and key and "/" not in key
    return (app, key) if is_one and not any(map(str.isspace, name)) else None


class Resource(msgspec.Struct, frozen=True):
    """What a user interface is made of: a file or a folder. `line` and `column` are its path's."""

    key: str
    path: str
    line: int
    column: int


class App(msgspec.Struct, frozen=True, dict=True):
    """A loaded app: what its manifest says, resolved and checked.

    `manifest` is the manifest file's name (`manifest.yml`); `runtime` the manifest's
    `app.runtime.name` (`nodejs22.x`). `package` is the folder of a manual package, relative to the
    app, whose files run as they are; None where the platform's bundler builds the code. `unloaded`
    are functions that the manifest has and that do not load; they are not among `functions`.
    `external` is `permissions.external` as it stands there.
    `other_uses` are the kinds of modules that use a function and are not emulated, by the
    function's key; `shown_modules` says how many modules each product shows,
    `other_modules` how many there are of each other kind that nothing here starts, and
    `connect_modules` how many of Connect. `app_managed` is `permissions.enforcement: app-managed`.
    `extra_files` are the patterns of files that are deployed beside the code.
    `egress` are the addresses that functions may call, as `external.fetch.backend` names them.
    `auth_providers` are those of `providers.auth`.
    `endpoints`, `remotes` and `services` are by key. `overridden_remotes` are the keys of those
    whose address was given for the run.
    """

    id: str
    name: str | None
    manifest: str
    runtime: str | None
    functions: dict[str, Function]
    consumers: tuple[Consumer, ...]
    triggers: tuple[Trigger, ...]
    scopes: tuple[str, ...] = ()
    storage: dict[str, Json] = msgspec.field(default_factory=dict)
    warnings: tuple[Any, ...] = ()
    package: str | None = None
    unloaded: dict[str, UnloadedFunction] = msgspec.field(default_factory=dict)
    external: dict[str, Json] = msgspec.field(default_factory=dict)
    other_uses: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    shown_by: dict[str, tuple[str, str]] = msgspec.field(default_factory=dict)
    """For a function or endpoint that a UI calls: kind and key of the first module with that UI."""
    called_by: dict[str, tuple[str, str]] = msgspec.field(default_factory=dict)
    """For a function of a module that is neither shown nor emulated: kind and key of the first."""
    shown_modules: dict[str, int] = msgspec.field(default_factory=dict)
    other_modules: dict[str, int] = msgspec.field(default_factory=dict)
    connect_modules: int = 0
    app_managed: bool = False
    extra_files: tuple[str, ...] = ()
    egress: tuple[str, ...] = ()
    web_triggers: tuple[WebTrigger, ...] = ()
    auth_providers: tuple[AuthProvider, ...] = ()
    endpoints: dict[str, Endpoint] = msgspec.field(default_factory=dict)
    remotes: dict[str, Remote] = msgspec.field(default_factory=dict)
    services: dict[str, Remote] = msgspec.field(default_factory=dict)
    overridden_remotes: frozenset[str] = frozenset()
    scheduled_triggers: tuple[ScheduledTrigger, ...] = ()
    event_modules: tuple[EventModule, ...] = ()
    pre_uninstalls: tuple[PreUninstall, ...] = ()
    consents: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    """What an admin consents to, by the part of the manifest."""
    resources: tuple[Resource, ...] = ()

    @property
    def languages(self) -> frozenset[str]:
        """The languages of its handlers."""
        return frozenset(f.language for f in self.functions.values())

    def handler_of(self, function: str, endpoint: str | None) -> Function | Endpoint | None:
        """What a module names: its endpoint, else its function; None where that is not there."""
        if endpoint is not None:
            return self.endpoints.get(endpoint)
        return self.functions.get(function)

    def remote_of(self, endpoint: Endpoint) -> Remote | None:
        """The remote or the service that `endpoint` is at."""
        return (self.services if endpoint.is_service else self.remotes).get(endpoint.remote)

    @property
    def triggers_by_event(self) -> dict[str, list[str]]:
        """Full names of the events that it listens to, each with the keys of its triggers."""
        found: dict[str, list[str]] = {}
        for trigger in self.triggers:
            for subscription in trigger.subscriptions:
                found.setdefault(subscription.event, []).append(trigger.key)
        return found

    def modules_using(self, function: str) -> list[str]:
        """The modules that need `function`, in words; of those that are emulated."""
        return [
            *(f"the trigger {t.key!r}" for t in self.triggers if t.function == function),
            *(f"the consumer {c.key!r}" for c in self.consumers if c.function == function),
            *(
                f"the scheduled trigger {t.key!r}"
                for t in self.scheduled_triggers
                if t.function == function
            ),
            *(f"the web trigger {w.key!r}" for w in self.web_triggers if w.function == function),
            *(f"preUninstall {m.key!r}" for m in self.pre_uninstalls if m.function == function),
        ]

    def consumer_of(self, queue: str) -> Consumer | None:
        """The consumer that serves `queue`."""
        return self._consumers_by_queue.get(queue)

    @cached_property
    def _consumers_by_queue(self) -> dict[str, Consumer]:
        # Of two, which a manifest cannot have, the first.
        return {c.queue: c for c in reversed(self.consumers)}


class RecordedEvent(msgspec.Struct, frozen=True):
    """A payload of the user's own, to be sent once: `offset_ms` after the first of its batch."""

    event: str
    payload: dict[str, Json]
    offset_ms: Millis = 0


RecordedEvents: TypeAlias = tuple[RecordedEvent, ...]
"""Payloads in the order of their times."""


class ProductEvent(msgspec.Struct, frozen=True):
    """Something that happened in Jira or Confluence.

    `text` is the JSON text of its payload, the first argument of the trigger's handler;
    `size_bytes` the length that counts, in UTF-8. `batch` ties together the events of one `trigger`
    command. An event that an invocation has caused on the site says which (`caused_by`), and the
    first invocation's delivery of the chain that it belongs to (`origin`).
    """

    product_event_id: str
    name: str
    text: msgspec.Raw = msgspec.field(name="payload")
    size_bytes: int
    batch: str | None = None
    caused_by: str | None = None
    origin: str | None = None

    @property
    def payload(self) -> dict[str, Json]:
        """The payload, decoded anew each time."""
        return _objects.decode(self.text)


class PushItem(msgspec.Struct, frozen=True, rename="camel"):
    """One event of a push, as `@forge/events` sends it (its `PushEvent`).

    `text` is the JSON text of its body, which takes a fraction of the memory of the value.
    """

    text: msgspec.Raw = msgspec.field(name="body")
    delay_in_seconds: Json = 0
    concurrency: Json = None

    @classmethod
    def of(cls, body: Json, delay_in_seconds: Json = 0, concurrency: Json = None) -> PushItem:
        """One with this value for its body."""
        return cls(msgspec.Raw(msgspec.json.encode(body)), delay_in_seconds, concurrency)

    @property
    def body(self) -> Json:
        """The body, decoded anew each time."""
        return msgspec.json.decode(self.text)


class PushRequest(msgspec.Struct, frozen=True):
    """One call of `queue.push`.

    `size_bytes` is the combined size of the events' JSON text. `legacy` marks the call form of
    `@forge/events` 0 and 1, whose items are bare payloads. `invocation_id` is who pushes.
    """

    queue: str
    job_id: str
    items: tuple[PushItem, ...]
    item_bytes: tuple[int, ...]
    size_bytes: int
    invocation_id: str
    legacy: bool = False


class CallRequest(msgspec.Struct, frozen=True):
    """A call of a function whose caller waits for its answer.

    `event` is the handler's first argument. `context` is merged over its second one, in which
    `account` is who calls. `size_bytes` is the length of the caller's own JSON text. `timeout_ms`
    None leaves the timeout to the modules that use the function. `resolver_key` is the key that a
    UI invokes.
    """

    module: ModuleKind
    module_key: str
    function: str
    event: Json
    size_bytes: int
    context: dict[str, Json] = {}
    account: str | None = None
    timeout_ms: Millis | None = None
    resolver_key: str | None = None


class KvsRequest(msgspec.Struct, frozen=True):
    """One call of the key-value store.

    `operation` is `get`, `set` or `delete`. `value_text` is the value's JSON text (set only; None
    when the app sent no value). `options` are those of `@forge/kvs`. `secret` selects the secret
    store, `entity` a custom entity.
    """

    operation: Literal["get", "set", "delete"]
    key: Json
    value_text: bytes | None = None
    options: dict[str, Json] | None = None
    secret: bool = False
    invocation_id: str | None = None
    entity: Json = None

    @property
    def label(self) -> str:
        """What records call the operation: `get`, `get_secret`, `get_entity`."""
        if self.secret:
            return f"{self.operation}_secret"
        return self.operation if self.entity is None else f"{self.operation}_entity"

    @property
    def qualified_key(self) -> Json:
        """The key, that of a custom entity's value as `entity/key`."""
        return self.key if self.entity is None else f"{self.entity}/{self.key}"


SavedPlace: TypeAlias = tuple[bool, str]
"""Where a saved value of the store is: whether among the secrets, and its qualified key."""


class StoredValue(msgspec.Struct, frozen=True):
    """A value in the key-value store, with its metadata. Instants are emulated.

    `entity` is the name of the custom entity it belongs to, if any.
    """

    key: str
    value_text: bytes
    created_at: Instant
    updated_at: Instant
    expires_at: Instant | None = None
    entity: str = ""

    @property
    def qualified_key(self) -> str:
        """The key, that of a custom entity's value as `entity/key`."""
        return f"{self.entity}/{self.key}" if self.entity else self.key


class JobStats(msgspec.Struct, frozen=True, rename="camel"):
    """What `getStats` of a job answers: counts of its events."""

    success: int
    in_progress: int
    failed: int


class ErrorReport(msgspec.Struct, frozen=True):
    """What a handler threw, or why it was ended."""

    name: str
    """Class of the error."""
    message: str
    """Message of the error."""
    stack: str | None = None
    """The stack, with places in the user's source files. Null if not known."""


class RetryMistake(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something about a request for a retry that the platform passes over in silence."""

    kind: str
    """`retry_after`, `retry_reason` or `retry_data` of a request; or `returned_error`,
    `nested_request` or `plain_request`, which ask for no retry at all."""
    given: str
    """What the handler gave, in words."""
    place: str | None = None
    """File and line in the app. Left out if not known."""


class CallResult(msgspec.Struct, frozen=True):
    """How a call of a function ended.

    `result` is the JSON text of what it returned, None where that has no JSON form (`undefined`).
    `reason` says why it failed, None that it succeeded; `error` is what was thrown, if anything
    was, and `limit` the setting that was in the way.
    """

    call_id: str
    age_ms: Millis
    result: str | None = None
    error: ErrorReport | None = None
    reason: str | None = None
    limit: str | None = None


class Success(msgspec.Struct, frozen=True, tag="success", tag_field="outcome"):
    """The handler returned something that asks for no retry.

    `result` is the JSON text of what it returned, where the invocation wants it; None where that
    has no JSON form (`undefined`).
    """

    mistakes: tuple[RetryMistake, ...] = ()
    result: str | None = None


class RetryRequested(msgspec.Struct, frozen=True, tag="retry_requested", tag_field="outcome"):
    """The handler returned an `InvocationError` or a `QueueResponse` that asks for a retry.

    `retry_after` is in seconds, as the app gave it (None: not given). `data_bytes` is the length of
    the JSON text of `retry_data`. `result` is as that of `Success`.
    """

    retry_after: Json = None
    retry_reason: Json = None
    retry_data: Json = None
    data_bytes: int = 0
    mistakes: tuple[RetryMistake, ...] = ()
    result: str | None = None


class Failed(msgspec.Struct, frozen=True, tag="error", tag_field="outcome"):
    """The handler threw, rejected or exited."""

    error: ErrorReport


class TimedOut(msgspec.Struct, frozen=True, tag="timeout", tag_field="outcome"):
    """The handler did not finish within its timeout. `stack` says where it was, if known."""

    error: ErrorReport


class OutOfMemory(msgspec.Struct, frozen=True, tag="out_of_memory", tag_field="outcome"):
    """The handler used more memory than its function may."""

    error: ErrorReport


class PlatformError(msgspec.Struct, frozen=True, tag="platform_error", tag_field="outcome"):
    """Not the handler's doing: its host went down with it. Delivered again, not counted."""

    error: ErrorReport


class Interrupted(msgspec.Struct, frozen=True, tag="interrupted", tag_field="outcome"):
    """Another invocation on this machine took its thread along. Delivered again at once; it counts
    as no retry and changes no retention window."""

    error: ErrorReport


Outcome: TypeAlias = (
    Success | RetryRequested | Failed | TimedOut | OutOfMemory | PlatformError | Interrupted
)
OUTCOME_NAMES: Final[dict[type[msgspec.Struct], str]] = {
    kind: str(kind.__struct_config__.tag) for kind in get_args(Outcome)
}
OUTCOMES: Final = tuple(OUTCOME_NAMES.values())
"""The names of the outcomes in records."""


class UnansweredRequest(msgspec.Struct, frozen=True):
    """A request of an app that was unanswered when its handler returned.

    `options`, `path`, `method` and `body` are those of the request; a long body is left out.
    `place` is the app's call as `file:line`, where the stack says.
    """

    options: dict[str, Json]
    path: str
    method: str
    body: str | None = None
    place: str | None = None


class UnansweredCall(msgspec.Struct, frozen=True):
    """Requests of one kind, made at one place, that were unanswered when a handler returned."""

    call: str
    """What the app called, such as `queue.push`, `kvs.set` or `requestJira`."""
    target: str
    """Name of the queue, key in the store, or method and path of the request. Empty if it has
    none."""
    requests: int
    """How many there were."""
    place: str | None = None
    """File and line of the call in the app's code. Null if the stack does not say, and for the
    first request that a function leaves unanswered after 20 invocations that have left none."""


class Unanswered(msgspec.Struct, frozen=True):
    """What a handler did not wait for: the requests that were unanswered when it returned."""

    requests: int
    """How many requests there were."""
    calls: list[UnansweredCall]
    """What they were: at most 10 kinds of them."""


class DropReason(StrEnum):
    """Why an event, or the delivery of a product event, is given up."""

    MAX_RETRIES = "max_retries"
    RETENTION_WINDOW = "retention_window"
    NO_CONSUMER = "no_consumer"
    HANDLER_ERROR = "handler_error"
    TOO_LARGE = "too_large"
    NO_TRIGGER = "no_trigger"
    NOT_LOADED = "not_loaded"
    FILTERED = "filtered"
    CYCLIC_LIMIT = "cyclic_limit"


HARMLESS_DROP_REASONS: Final = frozenset({DropReason.NO_TRIGGER, DropReason.FILTERED})
"""Reasons for which a dropped product event was not meant for the app: nothing is lost."""


class Invocation(msgspec.Struct, frozen=True):
    """One run of a handler that the engine has started and the runtime must carry out.

    `event_text` and `context` are the handler's two arguments, the first one as JSON text.
    `starts_at` is when the runtime is to get
    it, which a latency may put off, and `deadline` when the engine will end it as timed out, which
    counts from there. `generation` says which load of the app's code it belongs to (from 1).
    `wants_result` asks for the returned value, which then asks for no retry whatever it is;
    `keeps_result` asks for its text, which changes nothing; `wants_places` for the places in the
    app's code of requests that are unanswered at the end. `added` is what the event has beside
    the product event's own payload; None where it is no such payload with fields added.
    """

    invocation_id: str
    function: str
    module: ModuleKind
    module_key: str
    event_text: msgspec.Raw
    context: Json
    attempt: int
    instance: str
    cold_start: bool
    generation: int
    timeout_ms: Millis
    deadline: Instant
    starts_at: Instant = 0
    event_id: str | None = None
    product_event_id: str | None = None
    wants_result: bool = False
    call_id: str | None = None
    keeps_result: bool = False
    wants_places: bool = True
    added: dict[str, Json] | None = None

    @property
    def event(self) -> Json:
        """The handler's first argument, decoded anew each time."""
        return msgspec.json.decode(self.event_text)


class RemoteCall(msgspec.Struct, frozen=True):
    """A request to a remote, without the tokens that it gets at last.

    `context` is the second argument of a handler, of which tokens are made; with `with_context`
    the invocation token says where `context_key`, the module that calls, is. `principal` is the
    user who called. The invocation token holds for `token_seconds`. Trace ids are made of `trace`.
    `timeout_ms` is real time. `forwarded` marks the request of a web trigger's caller, whose own
    `authorization` stays.
    """

    url: str
    method: str
    headers: dict[str, str]
    body: str | None
    invocation_id: str
    trace: str
    context: dict[str, Json]
    module_key: str
    timeout_ms: Millis
    token_seconds: int
    module_type: str = "core:endpoint"
    context_key: str = ""
    with_context: bool = False
    principal: str | None = None
    system_token: bool = False
    user_token: bool = False
    forwarded: bool = False


class LimitUsage(msgspec.Struct, frozen=True):
    """How much of a limited resource is in use now.

    A limit of single keys is there once it refused something: its figures are those of the key, or
    the partition of an index, that uses most.
    """

    name: str
    """The setting behind the limit."""
    label: str
    """The limit in words, for people."""
    used: float
    """What is in use now, in `unit`."""
    limit: float | None
    """The limit, in `unit`. Null if there is none."""
    unit: str
    """Unit of the figures, such as `events/min`."""
    hits: int
    """How often something was refused because of it, since the state began."""
    peak: float
    """The highest use so far, in `unit`."""
    mean: float = 0.0
    """The mean use since the first one, in `unit`. 0 for a limit of single keys."""
