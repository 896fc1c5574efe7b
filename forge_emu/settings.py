"""Every number and choice of the emulated platform, each with its unit, source and date.

A setting is a constant of this module; its value comes from the preset (`current`, `legacy`,
`off`), then `forge-emu.yml`, then `--set`. What the public sources leave open has origin
"emulator choice". Sources are pages under https://developer.atlassian.com/platform/forge/.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Literal, TypeVar, overload

from forge_emu.errors import UserError
from forge_emu.latency import LATENCY_FORMS, parse_latency

T = TypeVar("T")
SettingValue = int | float | bool | str | None
Preset = Literal["current", "legacy", "off"]
PRESETS: Final = ("current", "legacy", "off")
_SAME: Final = object()

EMULATOR_CHOICE: Final = "emulator choice"


@dataclass(frozen=True)
class Setting(Generic[T]):
    """One named number or choice.

    `source` is a page of Atlassian's documentation with the date it was last changed, or "emulator
    choice". A nullable setting takes `none`: no such limit.
    """

    name: str
    default: T
    unit: str
    doc: str
    source: str = EMULATOR_CHOICE
    date: str = ""
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    nullable: bool = False
    whole: bool = False
    latency: bool = False
    legacy: Any = field(default=_SAME)
    off: Any = field(default=_SAME)

    def value_for(self, preset: Preset) -> T:
        """The value that `preset` gives."""
        value = {"current": _SAME, "legacy": self.legacy, "off": self.off}[preset]
        return self.default if value is _SAME else value


_ALL: dict[str, Setting[Any]] = {}


def _limit(
    name: str,
    default: int | None,
    unit: str,
    doc: str,
    source: str = EMULATOR_CHOICE,
    date: str = "",
    *,
    legacy: object = _SAME,
    off: object = None,
    minimum: int = 1,
) -> Setting[int | None]:
    """A whole number that may be `none`, and usually is under the preset `off`."""
    setting: Setting[int | None] = Setting(
        name, default, unit, doc, source, date,
        minimum=minimum, nullable=True, whole=True, legacy=legacy, off=off,
    )  # fmt: skip
    _ALL[name] = setting
    return setting


def _number(
    name: str,
    default: float,
    unit: str,
    doc: str,
    source: str = EMULATOR_CHOICE,
    date: str = "",
    *,
    minimum: float | None = 0,
    maximum: float | None = None,
) -> Setting[float]:
    setting: Setting[float] = Setting(
        name, default, unit, doc, source, date, minimum=minimum, maximum=maximum
    )
    _ALL[name] = setting
    return setting


def _count(
    name: str,
    default: int,
    unit: str,
    doc: str,
    source: str = EMULATOR_CHOICE,
    date: str = "",
    *,
    minimum: int = 0,
) -> Setting[int]:
    setting: Setting[int] = Setting(
        name, default, unit, doc, source, date, minimum=minimum, whole=True
    )
    _ALL[name] = setting
    return setting


def _choice(
    name: str, choices: tuple[str, ...], doc: str, source: str = EMULATOR_CHOICE, date: str = ""
) -> Setting[str]:
    """One of a few words; the first is the default."""
    setting: Setting[str] = Setting(name, choices[0], "", doc, source, date, choices=choices)
    _ALL[name] = setting
    return setting


def _latency(name: str, doc: str) -> Setting[str]:
    """A model of `forge_emu.latency`; 0 unless one is given."""
    setting: Setting[str] = Setting(name, "0", "", f"{doc} {LATENCY_FORMS}.", latency=True)
    _ALL[name] = setting
    return setting


def _flag(name: str, default: bool, doc: str) -> Setting[bool]:
    setting: Setting[bool] = Setting(name, default, "", doc)
    _ALL[name] = setting
    return setting


_L_ASYNC = ("limits-async-events/", "2026-02-26")
_AEV = ("runtime-reference/async-events-api/", "2026-09-01")
_L_KVS = ("limits-kvs-ce/", "2026-09-28")
_L_INV = ("limits-invocation/", "2026-09-01")
_PE = ("events-reference/product_events/", "2026-08-06")
_GUIDE = ("storage-api-limit-handling/", "2026-08-21")
_OLD_KVS = ("changelog/#CHANGE-2538", "2025-05-16")
_BATCH = ("storage-reference/kvs-batch/", "2026-08-21")
_TRANSACTION = ("storage-reference/kvs-transactions/", "2026-09-28")
_QUERY = ("storage-reference/kvs-api-query/", "2026-08-21")

# --- pushing to a queue -----------------------------------------------------------------------
PUSH_EVENTS_PER_MINUTE = _limit(
    "limits.push.events_per_minute", 500, "events/min",
    "Events pushed per installation.", *_L_ASYNC, legacy=100,
)  # fmt: skip
PUSH_EVENTS_PER_REQUEST = _limit(
    "limits.push.events_per_request", 50, "events", "Events in one push.", *_L_ASYNC
)
PUSH_PAYLOAD_KB = _limit(
    "limits.push.payload_kb", 200, "KiB",
    "Payload of one push: all its events together, as JSON text.", *_L_ASYNC,
)  # fmt: skip
PUSH_LONG_RUNNING_EVENT_KB = _limit(
    "limits.push.long_running_event_kb", 100, "KiB",
    "Size of one event for a consumer whose timeout is over 55 s.", *_L_ASYNC,
)  # fmt: skip
PUSH_CYCLIC_REQUESTS = _limit(
    "limits.push.cyclic_requests", 1_000, "pushes",
    "Pushes by one invocation and by all invocations that follow from it.", *_L_ASYNC,
)  # fmt: skip
PUSH_RETRY_DATA_KB = _limit(
    "limits.push.retry_data_kb", 4, "KiB", "Size of `retryData`, as JSON text.", *_L_ASYNC,
    legacy=None,
)  # fmt: skip
PUSH_MAX_DELAY_SECONDS = _limit(
    "limits.push.max_delay_seconds", 900, "s", "Longest `delayInSeconds`.", *_AEV, minimum=0
)
PUSH_WINDOW = _choice(
    "limits.push.window", ("sliding", "fixed"),
    "Whether the minute of `limits.push.events_per_minute` slides, or starts again at each full "
    "minute.",
)  # fmt: skip
PUSH_COUNT_REFUSED = _flag(
    "limits.push.count_refused", False, "Whether a refused push counts in its minute too."
)
PUSH_PARTIAL = _choice(
    "limits.push.partial", ("off", "on"),
    "Whether a push of which only a part fits is accepted in part (202, PartialSuccessError).",
)  # fmt: skip

# --- the key-value store ----------------------------------------------------------------------
KVS_REQUESTS_PER_SECOND = _limit(
    "limits.kvs.requests_per_second", 1_000, "requests/s",
    "Requests per installation.", *_L_KVS, legacy=None,
)  # fmt: skip
KVS_READ_UNITS = _limit(
    "limits.kvs.read_units_per_minute", 4_000, "units/min",
    "Read units per installation; each request is rounded up to whole units.", *_L_KVS, legacy=None,
)  # fmt: skip
KVS_WRITE_UNITS = _limit(
    "limits.kvs.write_units_per_minute", 4_000, "units/min",
    "Write units per installation; each request is rounded up to whole units.",
    *_L_KVS, legacy=None,
)  # fmt: skip
KVS_UNIT_KB = _count(
    "limits.kvs.unit_kb", 10, "KB",
    "Size of a read or write unit. A KB is 1,000 bytes: the page writes KiB where it means 1,024. "
    "What counts is the JSON text of the value, and in a query, batch or transaction the sum of "
    "all its values. Reading a key without a value and deleting a key cost one unit each.",
    *_L_KVS, minimum=1,
)  # fmt: skip
KVS_KEY_READ_MB = _limit(
    "limits.kvs.key_read_mb_per_second", 12, "MB/s", "Reads of one key.", *_L_KVS, legacy=None
)
KVS_KEY_WRITE_MB = _limit(
    "limits.kvs.key_write_mb_per_second", 1, "MB/s", "Writes of one key.", *_L_KVS, legacy=None
)
KVS_KEY_CHARS = _limit(
    "limits.kvs.key_characters", 500, "characters", "Longest key.", *_L_KVS, legacy=100
)
KVS_VALUE_KB = _limit(
    "limits.kvs.value_kb", 240, "KiB", "Size of a value as JSON text.", *_L_KVS, legacy=32
)
KVS_SECRET_KB = _limit(
    "limits.kvs.secret_value_kb", 128, "KiB", "Size of a secret value as JSON text.",
    "storage-reference/kvs-api-secret/", "2026-08-21",
)  # fmt: skip
KVS_DEPTH = _limit(
    "limits.kvs.depth", 31, "levels",
    "Nesting of objects and arrays in a value: `1` has none, `{}` has one level.", *_L_KVS,
)  # fmt: skip
KVS_MAX_TTL_DAYS = _limit(
    "limits.kvs.max_ttl_days", 365, "days", "Longest time to live (`ttl`) of a value.",
    "storage-reference/kvs-api/", "2026-08-21",
)  # fmt: skip
KVS_QUERY_RESULTS = _limit(
    "limits.kvs.query_results", 100, "values", "Most values in one page of a query.", *_QUERY
)
KVS_QUERY_DEFAULT = _count(
    "limits.kvs.query_default", 10, "values",
    "Values in one page of a query that asks for no number.", *_QUERY, minimum=1,
)  # fmt: skip
KVS_BATCH_KEYS = _limit("limits.kvs.batch_keys", 25, "keys", "Most keys in one batch.", *_BATCH)
KVS_BATCH_MB = _limit(
    "limits.kvs.batch_payload_mb", 4, "MB",
    "Size of the body of a `batchSet`; a MB is 1,000,000 bytes.", *_BATCH,
)  # fmt: skip
KVS_TRANSACTION_OPERATIONS = _limit(
    "limits.kvs.transaction_operations", 25, "operations", "Most operations in one transaction.",
    *_TRANSACTION,
)  # fmt: skip
KVS_TRANSACTION_MB = _limit(
    "limits.kvs.transaction_payload_mb", 4, "MB",
    "Size of the body of a transaction; a MB is 1,000,000 bytes.", *_TRANSACTION,
)  # fmt: skip
KVS_INDEX_MB = _limit(
    "limits.kvs.index_query_mb_per_second", 24, "MB/s",
    "Queries of one partition of an entity's index.", *_L_KVS, legacy=None,
)  # fmt: skip
KVS_CONDITIONS = _limit(
    "limits.kvs.query_conditions", 100, "conditions", "Most conditions in one filter.", *_L_KVS
)
KVS_RANGE_BYTES = _limit(
    "limits.kvs.index_range_bytes", 900, "bytes", "Size of the range attribute of an index.",
    *_L_KVS,
)  # fmt: skip
KVS_PARTITION_BYTES = _limit(
    "limits.kvs.index_partition_bytes", 1_700, "bytes",
    "Size of all partition attributes of an index together.", *_L_KVS,
)  # fmt: skip
KVS_WINDOW = _choice(
    "limits.kvs.window", ("sliding", "fixed"),
    "Whether the minutes and seconds of the store's limits slide, or start again at each full one.",
)  # fmt: skip
KVS_COUNT_REFUSED = _flag(
    "limits.kvs.count_refused", False,
    "Whether a refused request counts in its minute and second too.",
)  # fmt: skip
KVS_OLD_READS = _limit(
    "limits.kvs.reads_per_20_seconds", None, "reads/20 s", "The rule until 2025-11-16.",
    *_OLD_KVS, legacy=1_000,
)  # fmt: skip
KVS_OLD_WRITES = _limit(
    "limits.kvs.writes_per_20_seconds", None, "writes/20 s", "The rule until 2025-11-16.",
    *_OLD_KVS, legacy=1_000,
)  # fmt: skip
KVS_OLD_DELETES = _limit(
    "limits.kvs.deletes_per_20_seconds", None, "deletes/20 s", "The rule until 2025-11-16.",
    *_OLD_KVS, legacy=400,
)  # fmt: skip
KVS_OLD_QUERIES = _limit(
    "limits.kvs.queries_per_20_seconds", None, "queries/20 s", "The rule until 2025-11-16.",
    *_OLD_KVS, legacy=200,
)  # fmt: skip
KVS_OLD_BATCHES = _limit(
    "limits.kvs.batches_per_minute", None, "batches/min",
    "An older rule, which the page no longer has.", "storage-reference/batchops/", "2026-02-05",
    legacy=45,
)  # fmt: skip
STORAGE_LEGACY = _choice(
    "storage.legacy", ("on", "gone"),
    "What the `storage` of `@forge/api` 5 to 7 does: work with a warning (`on`), or answer 410 "
    "as the platform has done since 2026-06-01 (`gone`).",
)  # fmt: skip
STORAGE_EXPIRED_VALUES = _choice(
    "storage.expired_values", ("gone", "linger"),
    "Whether a value is gone as soon as its `ttl` has passed, or can still be read during the "
    "48 h within which the platform deletes it (`linger`).",
)  # fmt: skip

STORAGE_BATCH_MISSING = _choice(
    "storage.missing_in_batch", ("failed", "left_out"),
    "Whether `batchGet` lists a key without a value under the failed keys, with KEY_NOT_FOUND, or "
    "leaves it out.",
)  # fmt: skip
STORAGE_UNDECLARED = _choice(
    "storage.undeclared_attributes", ("refuse", "keep"),
    "What happens to the value of a custom entity with attributes that the manifest does not "
    "declare: the call is refused, or they are kept.",
)  # fmt: skip
STORAGE_FOREIGN_CURSOR = _choice(
    "storage.foreign_cursor", ("refuse", "accept"),
    "What happens to a cursor that came from a query with another `where`. The page says only "
    "that the parameters have to be the same.",
)  # fmt: skip

# --- invocations ------------------------------------------------------------------------------
INVOCATIONS_PER_MINUTE = _limit(
    "limits.invocations.per_minute", None, "invocations/min",
    "Invocations per installation; further ones wait. The published 7,000/min "
    "counts invocations by users only, so there is no limit unless you set one.",
)  # fmt: skip
INVOCATION_LOG_LINES = _limit(
    "limits.invocations.log_lines_per_minute", 100, "lines",
    "Log lines that are kept of one invocation, for each started minute of its timeout.", *_L_INV,
)  # fmt: skip
INVOCATION_LOG_KB = _limit(
    "limits.invocations.log_kb", 200, "KB", "Log text that is kept of one invocation.", *_L_INV
)
CONSUMER_TIMEOUT_SECONDS = _count(
    "limits.invocations.consumer_timeout_seconds", 55, "s",
    "Timeout of a consumer that declares no `timeoutSeconds`.", *_L_INV, minimum=1,
)  # fmt: skip
TRIGGER_TIMEOUT_SECONDS = _count(
    "limits.invocations.trigger_timeout_seconds", 25, "s",
    "Timeout of a trigger. The documentation gives none; Atlassian's linter uses this one.",
    "@forge/lint 6.3.1", "2026-10-09", minimum=1,
)  # fmt: skip

# --- async events -----------------------------------------------------------------------------
ASYNC_MAX_RETRIES = _limit(
    "async_events.max_retries", 4, "retries",
    "Retries of an event before it is dropped. With `none` it is retried until the retention "
    "window ends, as the API reference says.", *_GUIDE, off=4, minimum=0,
)  # fmt: skip
ASYNC_RETENTION_HOURS = _number(
    "async_events.retention_hours", 24, "h",
    "Retention window: how long the platform tries to deliver an event.", *_AEV,
)  # fmt: skip
ASYNC_EXTENSION_HOURS = _number(
    "async_events.extension_hours", 72, "h",
    "How much longer the retention window is after a platform error.", *_AEV,
)  # fmt: skip
ASYNC_MIN_RETRY_SECONDS = _number(
    "async_events.min_retry_after_seconds", 1, "s", "A smaller `retryAfter` is raised to this.",
    *_AEV,
)  # fmt: skip
ASYNC_MAX_RETRY_SECONDS = _number(
    "async_events.max_retry_after_seconds", 900, "s", "A larger `retryAfter` is lowered to this.",
    *_AEV,
)  # fmt: skip
ASYNC_BACKOFF_FIRST = _number(
    "async_events.backoff.first_seconds", 5, "s",
    "Wait before the first retry that the platform schedules by itself.",
)  # fmt: skip
ASYNC_BACKOFF_FACTOR = _number(
    "async_events.backoff.factor", 2, "times", "How much longer each next wait is.", minimum=1
)
ASYNC_BACKOFF_MAX = _number(
    "async_events.backoff.max_seconds", 900, "s", "The longest of these waits.", *_AEV
)
ASYNC_BACKOFF_JITTER = _number(
    "async_events.backoff.jitter", 0.2, "share",
    "How far chance may lengthen or shorten these waits.", maximum=1,
)  # fmt: skip
ASYNC_RETRY_DATA = _choice(
    "async_events.retry_data_over_limit", ("error", "drop"),
    "What happens to a retry request whose `retryData` is too large: the invocation counts as "
    "failed (`error`), or the data is left out (`drop`).",
)  # fmt: skip
ASYNC_KEEP_RETRY_DATA = _flag(
    "async_events.keep_retry_data", False,
    "Whether `retryData` is still there after a later failure that was no retry request.",
)  # fmt: skip
ASYNC_ERROR_REASON = _choice(
    "async_events.error_retry_reason",
    ("FUNCTION_PLATFORM_UNKNOWN_ERROR", "FUNCTION_RETRY_REQUEST"),
    "The `retryReason` after a thrown error.",
)  # fmt: skip
ASYNC_RETENTION_CONTEXT = _flag(
    "async_events.retention_window_in_context", True,
    "Whether the retry context carries the optional `retentionWindow`.",
)  # fmt: skip
ASYNC_INVALID_CONCURRENCY = _choice(
    "async_events.invalid_concurrency", ("ignore", "refuse"),
    "What happens to a `concurrency` whose key or limit is not valid: it is ignored with a "
    "warning, or the push is refused.",
)  # fmt: skip
ASYNC_JOBS_KEPT = _count(
    "async_events.jobs_kept", 100_000, "jobs",
    "How many ended jobs are kept, so that the app can ask for their statistics.",
)  # fmt: skip
ASYNC_FRACTIONAL_DELAY = _choice(
    "async_events.fractional_delay", ("exact", "up", "down"),
    "Whether a `delayInSeconds` with a fraction is kept, or rounded to a whole second.",
)  # fmt: skip
CONCURRENCY_BACKOFF_FIRST = _number(
    "async_events.concurrency_backoff.first_seconds", 1, "s",
    "First wait of an event whose concurrency key has no free slot.",
)  # fmt: skip
CONCURRENCY_BACKOFF_FACTOR = _number(
    "async_events.concurrency_backoff.factor", 2, "times", "How much longer each next wait is.",
    minimum=1,
)  # fmt: skip
CONCURRENCY_BACKOFF_MAX = _number(
    "async_events.concurrency_backoff.max_seconds", 900, "s", "The longest of these waits.",
    "community.developer.atlassian.com/t/93837", "2025-07-16",
)  # fmt: skip
CONCURRENCY_BACKOFF_JITTER = _number(
    "async_events.concurrency_backoff.jitter", 0.2, "share",
    "How far chance may lengthen or shorten these waits.", maximum=1,
)  # fmt: skip

# --- product events ---------------------------------------------------------------------------
PRODUCT_MAX_RETRIES = _limit(
    "product_events.max_retries", 4, "retries", "Retries of a product event, for each trigger.",
    *_PE, off=4, minimum=0,
)  # fmt: skip
PRODUCT_MAX_KB = _limit(
    "limits.product_events.payload_kb", 200, "kB",
    "Size of a product event; a larger one is not delivered. A kB is 1,000 bytes.", *_PE,
)  # fmt: skip
PRODUCT_RETRY_THROWN = _flag(
    "product_events.retry_thrown_errors", True,
    "Whether a trigger that throws is retried. The documents disagree.",
)  # fmt: skip
PRODUCT_BACKOFF_FIRST = _number(
    "product_events.backoff.first_seconds", 5, "s",
    "Wait before the first retry that the platform schedules by itself.",
)  # fmt: skip
PRODUCT_BACKOFF_FACTOR = _number(
    "product_events.backoff.factor", 2, "times", "How much longer each next wait is.", minimum=1
)
PRODUCT_BACKOFF_MAX = _number(
    "product_events.backoff.max_seconds", 900, "s", "The longest of these waits."
)
PRODUCT_BACKOFF_JITTER = _number(
    "product_events.backoff.jitter", 0.2, "share",
    "How far chance may lengthen or shorten these waits.", maximum=1,
)  # fmt: skip

# --- the state on disk --------------------------------------------------------------------------
STATE_SYNCHRONOUS = _choice(
    "state.synchronous", ("normal", "full"),
    "What saved state is safe from: a kill of the emulator (`normal`), or a power failure too "
    "(`full`, which is slower).",
)  # fmt: skip
STATE_RECORDS = _count(
    "state.records", 200_000, "records",
    "How many records are kept on disk; the oldest are deleted first.", minimum=1_000,
)  # fmt: skip
STATE_RECORDS_MB = _count(
    "state.records_mb", 128, "MB", "Space for records on disk; the oldest are deleted first.",
    minimum=1,
)  # fmt: skip

# --- delivery ---------------------------------------------------------------------------------
DELIVERY_MAX_INSTANCES = _count(
    "delivery.max_instances", 64, "instances",
    "Most instances (warm copies of the app's code), and so most invocations at once.", minimum=1,
)  # fmt: skip
DELIVERY_ORDER = _choice(
    "delivery.order", ("shuffle", "fifo"),
    "Order of events that are due at the same instant: shuffled by the seed, or as pushed.",
)  # fmt: skip
DELIVERY_PUSH_SPREAD_SECONDS = _number(
    "delivery.push_spread_seconds", 0, "s",
    "Adds a random delay of up to this to every pushed event. It shows what a random "
    "`delayInSeconds` would do, without a change to the app.", maximum=900,
)  # fmt: skip
DELIVERY_DUPLICATES = _number(
    "delivery.duplicates", 0, "share",
    "Share of events that are delivered once more after they have succeeded, as at-least-once "
    "delivery allows: `1%` or `0.01`. No rate is published.",
    maximum=1,
)  # fmt: skip
DELIVERY_DUPLICATE_AFTER = _number(
    "delivery.duplicate_after_seconds", 5, "s", "Time from the success to such a second delivery."
)
DELIVERY_DROPPED_KEPT = _count(
    "delivery.dropped_kept", 1_000, "events",
    "How many dropped events are kept, so that `forge-emu queue replay` can deliver them again.",
)  # fmt: skip
DELIVERY_STUCK_SECONDS = _number(
    "delivery.stuck_real_seconds", 10, "real s",
    "In virtual time, a thread whose code runs for this long without a pause is ended. The "
    "handler that blocked it times out at its deadline.",
    minimum=0.1,
)  # fmt: skip
DELIVERY_IO_SECONDS = _number(
    "delivery.io_real_seconds", 60, "real s",
    "How long virtual time waits for a file, a connection or a process of a handler.",
)  # fmt: skip

# --- latency ----------------------------------------------------------------------------------
LATENCY_KVS = _latency(
    "latency.kvs",
    "Time from a call of the store, which is done at once, to the app's getting the answer:",
)
LATENCY_PRODUCT = _latency(
    "latency.product", "Time from a request to a product or remote to the app's getting the answer:"
)
LATENCY_PUSH = _latency(
    "latency.push",
    "Time from a push, which is done at once, to the app's getting the answer:",
)
LATENCY_INVOCATION = _latency(
    "latency.invocation",
    "Time from the start of an invocation to the first line of its handler. The timeout begins "
    "then:",
)
LATENCY_PRODUCT_EVENT = _latency(
    "latency.product_event", "Time from a product event to its delivery to a trigger:"
)

VIRTUAL_EPOCH_MS: Final = 1_767_225_600_000
"""Virtual time begins at 2026-01-01T00:00:00Z in every run: an emulator choice."""


class Settings(Mapping[str, SettingValue]):
    """The values in force. Look up by constant for its type, or by name."""

    def __init__(
        self, preset: Preset = "current", overrides: Mapping[str, SettingValue] | None = None
    ) -> None:
        self.preset = preset
        self.overrides = dict(overrides or {})
        self._values: dict[str, SettingValue] = {n: s.value_for(preset) for n, s in _ALL.items()}
        self._values.update(self.overrides)

    @overload
    def __getitem__(self, key: Setting[T]) -> T: ...
    @overload
    def __getitem__(self, key: str) -> SettingValue: ...
    def __getitem__(self, key: Setting[Any] | str) -> Any:
        return self._values[key if isinstance(key, str) else key.name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def all_settings() -> tuple[Setting[Any], ...]:
    """Every setting, in the order of this file."""
    return tuple(_ALL.values())


def parse(name: str, value: object, where: str) -> SettingValue:
    """`value` (text of `--set`, or from YAML) as a value of setting `name`.

    `where` says where it stands (`--set`, `forge-emu.yml:3`). Raises UserError.
    """
    setting = _ALL.get(name)
    if setting is None:
        near = difflib.get_close_matches(name, _ALL, n=3, cutoff=0.4)
        hint = f"Did you mean {' or '.join(near)}?" if near else "See `forge-emu limits`."
        raise UserError(f"{where}: there is no setting {name!r}", hint)
    text = str(value).strip()
    if setting.nullable and (value is None or text.lower() in {"none", "null", "off"}):
        return None
    if setting.choices:
        # YAML reads a bare `on` and `off` as booleans.
        word = {"True": "on", "False": "off"}.get(text, text) if isinstance(value, bool) else text
        if word in setting.choices:
            return word
        raise UserError(
            f"{where}: {name} cannot be {text!r}", f"It is one of: {', '.join(setting.choices)}."
        )
    if setting.latency:
        try:
            parse_latency(text)
        except ValueError:
            raise UserError(
                f"{where}: {name} cannot be {text!r}", f"Write {LATENCY_FORMS}."
            ) from None
        return text
    if isinstance(setting.default, bool):
        flag = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
        if text.lower() in flag:
            return flag[text.lower()]
        raise UserError(f"{where}: {name} cannot be {text!r}", "It is true or false.")
    return _parse_number(setting, value, text, where)


def _parse_number(setting: Setting[Any], value: object, text: str, where: str) -> int | float:
    kind = "a whole number" if setting.whole else "a number"
    expected = f"{kind} of {setting.unit}" if setting.unit else kind
    if setting.nullable:
        expected += ", or none"
    try:
        if isinstance(value, bool):
            raise ValueError
        share = setting.unit == "share" and text.endswith("%")
        number: int | float = int(text) if setting.whole else float(text.removesuffix("%"))
        if share:
            number /= 100
        elif text.endswith("%"):
            raise ValueError
    except ValueError:
        raise UserError(
            f"{where}: {setting.name} cannot be {text!r}", f"It is {expected}."
        ) from None
    low, high = setting.minimum, setting.maximum
    if not ((low is None or number >= low) and (high is None or number <= high)):
        bounds = f"at least {low:g}" if high is None else f"from {low or 0:g} to {high:g}"
        raise UserError(
            f"{where}: {setting.name} cannot be {text!r}", f"It is {expected}, {bounds}."
        )
    return number
