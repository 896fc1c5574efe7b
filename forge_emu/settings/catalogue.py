"""Every number and choice of the emulated platform, each declared once.

A declaration is all there is to a setting outside the code that obeys it: `forge-emu limits`, use
over time, advice, the report's capacity, completion, the figures of `--fail-on` and the
documentation derive from it. A rate is enforced from here as well. Sources are pages under
https://developer.atlassian.com/platform/forge/; what they leave open is an "emulator choice".
"""

from __future__ import annotations

from forge_emu.model import HOUR, MINUTE, SECOND
from forge_emu.settings.declare import choice, count, flag, latency, limit, number, rate_limit
from forge_emu.settings.rate import READS, STORE_OPERATIONS, WRITES, Rate
from forge_emu.settings.setting import LATENCY_PROFILE_NAME, LATENCY_PROFILES

_L_ASYNC = ("limits-async-events/", "2026-02-26")
_AEV = ("runtime-reference/async-events-api/", "2026-09-01")
_AEV_UPGRADE = ("runtime-reference/async-events-api-version-2-upgrade/", "2025-06-06")
_L_KVS = ("limits-kvs-ce/", "2026-09-28")
_L_INV = ("limits-invocation/", "2026-09-01")
_PE = ("events-reference/product_events/", "2026-08-06")
_REMOTE = ("remote/essentials/", "2026-08-22")
_CONTAINERS = ("containers-reference/roadmap/", "2026-08-22")
_REMOTE_EVENTS = ("remote/sending-product-events/", "2026-08-21")
_M_SCHED = ("manifest-reference/modules/scheduled-trigger/", "2026-06-17")
_L_SCHED = ("limits-scheduled-trigger/", "2025-12-01")
_GUIDE = ("storage-api-limit-handling/", "2026-08-21")
_OLD_KVS = ("changelog/#CHANGE-2538", "2025-05-16")
_BATCH = ("storage-reference/kvs-batch/", "2026-08-21")
_TRANSACTION = ("storage-reference/kvs-transactions/", "2026-09-28")
_CONCURRENCY = ("community.developer.atlassian.com/t/93837", "2025-07-16")
_JIRA_RATES = ("developer.atlassian.com/cloud/jira/platform/rate-limiting/", "2026-08-12")
_CONFLUENCE_RATES = ("developer.atlassian.com/cloud/confluence/rate-limiting/", "2025-12-12")
_JIRA_SEARCH = ("developer.atlassian.com/changelog/#CHANGE-2046", "2025-08-01")
_PRICING = ("forge-platform-pricing/", "2026-08-22")
_QUERY = ("storage-reference/kvs-api-query/", "2026-08-21")

LONG_RUNNING_SECONDS = 55
"""A consumer with a longer timeout takes smaller events: `limits.push.long_running_event_kb`."""

# fmt: off
# --- pushing to a queue -----------------------------------------------------------------------
PUSH_EVENTS_PER_MINUTE = rate_limit(
    "limits.push.events_per_minute", 500, "events/min", *_L_ASYNC, legacy=100,
    doc="Events pushed per installation.",
    met_by="queue.push: RateLimitError (429)",
    rate=Rate(
        window=MINUTE, counts="pushed_events",
        label="events pushed", chart_label="Events pushed", calls="pushed events",
    ),
)
PUSH_EVENTS_PER_REQUEST = limit(
    "limits.push.events_per_request", 50, "events", *_L_ASYNC, refuses=True,
    doc="Events in one push.",
    met_by="queue.push: TooManyEventsError",
)
PUSH_PAYLOAD_KB = limit(
    "limits.push.payload_kb", 200, "KiB", *_L_ASYNC, refuses=True,
    doc="Payload of one push: all its events together, as JSON text.",
    met_by="queue.push: PayloadTooBigError (413)",
)
PUSH_LONG_RUNNING_EVENT_KB = limit(
    "limits.push.long_running_event_kb", 100, "KiB", *_L_ASYNC, refuses=True,
    doc="Size of one event for a consumer whose timeout is over 55 s.",
    met_by="queue.push: PayloadTooBigError (413)",
)
PUSH_CYCLIC_REQUESTS = limit(
    "limits.push.cyclic_requests", 1_000, "pushes", *_L_ASYNC, refuses=True,
    doc="Pushes by one invocation and by all invocations that follow from it.",
    met_by="queue.push: InvocationLimitReachedError (405)",
)
PUSH_RETRY_DATA_KB = limit(
    "limits.push.retry_data_kb", 4, "KiB", *_L_ASYNC, legacy=None,
    doc="Size of `retryData`, as JSON text.",
    met_by="a returned InvocationError: counts as an error of the handler",
)
PUSH_MAX_DELAY_SECONDS = limit(
    "limits.push.max_delay_seconds", 900, "s", *_AEV, minimum=0, refuses=True,
    doc="Longest `delayInSeconds`.",
    met_by="queue.push: InvalidPushSettingsError",
)
PUSH_WINDOW = choice(
    "limits.push.window", ("sliding", "fixed"),
    doc="Whether the minute of `limits.push.events_per_minute` slides, or starts again at each "
        "full minute.",
    met_by="every queue.push",
)
PUSH_COUNT_REFUSED = flag(
    "limits.push.count_refused", False,
    doc="Whether a refused push counts in its minute too.",
    met_by="every queue.push",
)
PUSH_PARTIAL = choice(
    "limits.push.partial", ("off", "on"),
    doc="Whether a push of which only a part fits is accepted in part (202, PartialSuccessError).",
    met_by="every queue.push",
)

# --- the key-value store ----------------------------------------------------------------------
KVS_REQUESTS_PER_SECOND = rate_limit(
    "limits.kvs.requests_per_second", 1_000, "requests/s", *_L_KVS, legacy=None,
    doc="Requests per installation.",
    met_by="every call of kvs: RATE_LIMIT_EXCEEDED (429)",
    rate=Rate(
        window=SECOND, counts="store_calls", operations=STORE_OPERATIONS,
        label="KVS requests", chart_label="Store requests",
    ),
)
KVS_READ_UNITS = rate_limit(
    "limits.kvs.read_units_per_minute", 4_000, "units/min", *_L_KVS, legacy=None,
    doc="Read units per installation; each request is rounded up to whole units.",
    met_by="kvs.get, query and batchGet: RATE_LIMIT_EXCEEDED (429)",
    rate=Rate(
        window=MINUTE, counts="store_calls", operations=READS, amount="units",
        label="KVS reads", chart_label="Store read units", calls="reads",
    ),
)
KVS_WRITE_UNITS = rate_limit(
    "limits.kvs.write_units_per_minute", 4_000, "units/min", *_L_KVS, legacy=None,
    doc="Write units per installation; each request is rounded up to whole units.",
    met_by="every write of kvs: RATE_LIMIT_EXCEEDED (429)",
    rate=Rate(
        window=MINUTE, counts="store_calls", operations=WRITES, amount="units",
        label="KVS writes", chart_label="Store write units", calls="writes",
    ),
)
KVS_UNIT_KB = count(
    "limits.kvs.unit_kb", 10, "KB", *_L_KVS, minimum=1,
    doc="Size of a read or write unit. A KB is 1,000 bytes: the page writes KiB where it means "
        "1,024. What counts is the JSON text of the value, and in a query, batch or transaction "
        "the sum of all its values. Reading a key without a value and deleting a key cost one "
        "unit each.",
    met_by="every call of kvs: how many units it costs",
)
KVS_KEY_READ_MB = rate_limit(
    "limits.kvs.key_read_mb_per_second", 12, "MB/s", *_L_KVS, legacy=None,
    doc="Reads of one key.",
    met_by="kvs.get of one key: RATE_LIMIT_EXCEEDED (429)",
    rate=Rate(
        window=SECOND, counts="store_calls", operations=("get", "batch_get"), amount="bytes",
        per="key",
        label="KVS key reads", chart_label="Store reads of one key",
    ),
)
KVS_KEY_WRITE_MB = rate_limit(
    "limits.kvs.key_write_mb_per_second", 1, "MB/s", *_L_KVS, legacy=None,
    doc="Writes of one key.",
    met_by="kvs.set of one key: RATE_LIMIT_EXCEEDED (429)",
    rate=Rate(
        window=SECOND, counts="store_calls", operations=("set", "batch_set", "transact"),
        amount="bytes", per="key",
        label="KVS key writes", chart_label="Store writes of one key",
    ),
)
KVS_KEY_CHARS = limit(
    "limits.kvs.key_characters", 500, "characters", *_L_KVS, legacy=100, refuses=True,
    doc="Longest key.",
    met_by="every call of kvs: KEY_TOO_LONG (400)",
)
KVS_VALUE_KB = limit(
    "limits.kvs.value_kb", 240, "KiB", *_L_KVS, legacy=32, refuses=True,
    doc="Size of a value as JSON text.",
    met_by="kvs.set: MAX_SIZE (400)",
)
KVS_SECRET_KB = limit(
    "limits.kvs.secret_value_kb", 128, "KiB", "storage-reference/kvs-api-secret/", "2026-08-21",
    refuses=True,
    doc="Size of a secret value as JSON text.",
    met_by="kvs.setSecret: MAX_SIZE (400)",
)
KVS_DEPTH = limit(
    "limits.kvs.depth", 31, "levels", *_L_KVS, refuses=True,
    doc="Nesting of objects and arrays in a value: `1` has none, `{}` has one level.",
    met_by="kvs.set: MAX_DEPTH (400)",
)
KVS_MAX_TTL_DAYS = limit(
    "limits.kvs.max_ttl_days", 365, "days", "storage-reference/kvs-api/", "2026-08-21",
    refuses=True,
    doc="Longest time to live (`ttl`) of a value.",
    met_by="kvs.set with a ttl: refused (400)",
)
KVS_QUERY_RESULTS = limit(
    "limits.kvs.query_results", 100, "values", *_QUERY, refuses=True,
    doc="Most values in one page of a query.",
    met_by="kvs.query: LIST_QUERY_LIMIT_EXCEEDED (400)",
)
KVS_QUERY_DEFAULT = count(
    "limits.kvs.query_default", 10, "values", *_QUERY, minimum=1,
    doc="Values in one page of a query that asks for no number.",
    met_by="kvs.query without a limit: how many values it answers",
)
KVS_BATCH_KEYS = limit(
    "limits.kvs.batch_keys", 25, "keys", *_BATCH, refuses=True,
    doc="Most keys in one batch.",
    met_by="kvs.batchGet, batchSet and batchDelete: refused (400)",
)
KVS_BATCH_MB = limit(
    "limits.kvs.batch_payload_mb", 4, "MB", *_BATCH, refuses=True,
    doc="Size of the body of a `batchSet`; a MB is 1,000,000 bytes.",
    met_by="kvs.batchSet: MAX_SIZE (400)",
)
KVS_TRANSACTION_OPERATIONS = limit(
    "limits.kvs.transaction_operations", 25, "operations", *_TRANSACTION, refuses=True,
    doc="Most operations in one transaction.",
    met_by="kvs.transact: INVALID_TRANSACTION_REQUEST (400)",
)
KVS_TRANSACTION_MB = limit(
    "limits.kvs.transaction_payload_mb", 4, "MB", *_TRANSACTION, refuses=True,
    doc="Size of the body of a transaction; a MB is 1,000,000 bytes.",
    met_by="kvs.transact: MAX_SIZE (400)",
)
KVS_INDEX_MB = rate_limit(
    "limits.kvs.index_query_mb_per_second", 24, "MB/s", *_L_KVS, legacy=None,
    doc="Queries of one partition of an entity's index.",
    met_by="entity().query of an index: RATE_LIMIT_EXCEEDED (429)",
    rate=Rate(
        window=SECOND, counts="store_calls", operations=("query_entity",), amount="bytes",
        per="index_partition",
        label="KVS index queries", chart_label="Index queries of one partition",
    ),
)
KVS_CONDITIONS = limit(
    "limits.kvs.query_conditions", 100, "conditions", *_L_KVS, refuses=True,
    doc="Most conditions in one filter.",
    met_by="filters of kvs.entity: INVALID_FILTER_CONDITION (400)",
)
KVS_RANGE_BYTES = limit(
    "limits.kvs.index_range_bytes", 900, "bytes", *_L_KVS, refuses=True,
    doc="Size of the range attribute of an index.",
    met_by="kvs.entity().set: INVALID_ENTITY_VALUE (400)",
)
KVS_PARTITION_BYTES = limit(
    "limits.kvs.index_partition_bytes", 1_700, "bytes", *_L_KVS, refuses=True,
    doc="Size of all partition attributes of an index together.",
    met_by="kvs.entity().set: INVALID_ENTITY_VALUE (400)",
)
KVS_WINDOW = choice(
    "limits.kvs.window", ("sliding", "fixed"),
    doc="Whether the minutes and seconds of the store's limits slide, or start again at each full"
        " one.",
    met_by="every call of kvs",
)
KVS_COUNT_REFUSED = flag(
    "limits.kvs.count_refused", False,
    doc="Whether a refused request counts in its minute and second too.",
    met_by="every call of kvs",
)
KVS_OLD_READS = rate_limit(
    "limits.kvs.reads_per_20_seconds", None, "reads/20 s", *_OLD_KVS, legacy=1_000,
    doc="The rule until 2025-11-16.",
    met_by="every call of kvs",
    rate=Rate(
        window=20 * SECOND, counts="store_calls", operations=("get",),
        label="KVS reads", chart_label="Store reads",
    ),
)
KVS_OLD_WRITES = rate_limit(
    "limits.kvs.writes_per_20_seconds", None, "writes/20 s", *_OLD_KVS, legacy=1_000,
    doc="The rule until 2025-11-16.",
    met_by="every call of kvs",
    rate=Rate(
        window=20 * SECOND, counts="store_calls", operations=("set", "transact"),
        label="KVS writes", chart_label="Store writes",
    ),
)
KVS_OLD_DELETES = rate_limit(
    "limits.kvs.deletes_per_20_seconds", None, "deletes/20 s", *_OLD_KVS, legacy=400,
    doc="The rule until 2025-11-16.",
    met_by="every call of kvs",
    rate=Rate(
        window=20 * SECOND, counts="store_calls", operations=("delete",),
        label="KVS deletes", chart_label="Store deletes",
    ),
)
KVS_OLD_QUERIES = rate_limit(
    "limits.kvs.queries_per_20_seconds", None, "queries/20 s", *_OLD_KVS, legacy=200,
    doc="The rule until 2025-11-16.",
    met_by="kvs.query: RATE_LIMIT_EXCEEDED (429)",
    rate=Rate(
        window=20 * SECOND, counts="store_calls", operations=("query", "query_entity"),
        label="KVS queries", chart_label="Store queries",
    ),
)
KVS_OLD_BATCHES = rate_limit(
    "limits.kvs.batches_per_minute", None, "batches/min", "storage-reference/batchops/",
    "2026-02-05", legacy=45,
    doc="An older rule, which the page no longer has.",
    met_by="every batch of kvs: RATE_LIMIT_EXCEEDED (429)",
    rate=Rate(
        window=MINUTE, counts="store_calls", operations=("batch_get", "batch_set", "batch_delete"),
        label="KVS batches", chart_label="Store batches",
    ),
)
STORAGE_LEGACY = choice(
    "storage.legacy", ("on", "gone"), refuses=True,
    doc="What the `storage` of `@forge/api` 2 to 7 does: work with a warning (`on`), or answer "
        "410 as the platform has done since 2026-06-01 (`gone`).",
    met_by="storage of @forge/api 2 to 7",
)
STORAGE_MISSING_SCOPE = choice(
    "storage.missing_scope", ("refuse", "allow"),
    doc="What happens to calls of the store by an app whose manifest lacks the scope "
        "`storage:app`: each is refused, as on the platform, or they work.",
    met_by="every call of kvs and storage: FORBIDDEN (403)",
)
STORAGE_EXPIRED_VALUES = choice(
    "storage.expired_values", ("gone", "linger"),
    doc="Whether a value is gone as soon as its `ttl` has passed, or can still be read during the"
        " 48 h within which the platform deletes it (`linger`).",
    met_by="kvs.get of a value with a ttl",
)
STORAGE_BATCH_MISSING = choice(
    "storage.missing_in_batch", ("failed", "left_out"),
    doc="Whether `batchGet` lists a key without a value under the failed keys, with "
        "KEY_NOT_FOUND, or leaves it out.",
    met_by="kvs.batchGet of a key without a value",
)
STORAGE_UNDECLARED = choice(
    "storage.undeclared_attributes", ("refuse", "keep"),
    doc="What happens to the value of a custom entity with attributes that the manifest does not "
        "declare: the call is refused, or they are kept.",
    met_by="kvs.entity().set of an attribute nobody declared",
)
STORAGE_FOREIGN_CURSOR = choice(
    "storage.foreign_cursor", ("refuse", "accept"),
    doc="What happens to a cursor that came from a query with another `where`. The page says only"
        " that the parameters have to be the same.",
    met_by="kvs.query with the cursor of another query",
)

# --- invocations ------------------------------------------------------------------------------
INVOCATIONS_PER_MINUTE = rate_limit(
    "limits.invocations.per_minute", None, "invocations/min",
    doc="Invocations per installation. Further ones are errors of the app, which are retried and "
        "counted. The published 7,000/min counts invocations by users only, so there is no limit "
        "unless you set one.",
    met_by="every invocation: a counted retry, FUNCTION_PLATFORM_RATE_LIMITED",
    rate=Rate(
        window=MINUTE, counts="invocations",
        label="invocations", chart_label="Invocations", calls="invocations",
    ),
)
USER_CALLS_PER_MINUTE = rate_limit(
    "limits.invocations.user_led_per_minute", 7_000, "calls/min", *_L_INV,
    doc="Invocations by users and web triggers per installation, in fixed windows of a minute.",
    met_by="a web trigger or an `invoke` of a UI: status 429",
    rate=Rate(
        window=MINUTE, counts="user_calls",
        label="user-led invocations", chart_label="User-led invocations", calls="calls",
    ),
)
USER_CALLS_PER_SECOND = rate_limit(
    "limits.invocations.user_led_per_second", 300, "calls/s", *_L_INV,
    doc="The same per second.",
    met_by="a web trigger or an `invoke` of a UI: status 429",
    rate=Rate(
        window=SECOND, counts="user_calls",
        label="user-led invocations", chart_label="User-led invocations per second",
        calls="calls",
    ),
)
INVOCATION_LOG_LINES = limit(
    "limits.invocations.log_lines_per_minute", 100, "lines", *_L_INV,
    doc="Log lines that are kept of one invocation, for each started minute of its timeout.",
    met_by="console.log: further lines are left out",
)
INVOCATION_TMP_MB = limit(
    "limits.invocations.tmp_mb", 512, "MB", *_L_INV,
    doc="Size of /tmp, for each instance.",
    met_by="node:fs: the write fails with ENOSPC",
)
INVOCATION_LOG_KB = limit(
    "limits.invocations.log_kb", 200, "KB", *_L_INV,
    doc="Log text that is kept of one invocation.",
    met_by="console.log: further lines are left out",
)
CONSUMER_TIMEOUT_SECONDS = count(
    "limits.invocations.consumer_timeout_seconds", 55, "s", *_L_INV, minimum=1,
    doc="Timeout of a consumer or scheduled trigger that declares no `timeoutSeconds`.",
    met_by="a consumer: ended as FUNCTION_TIME_OUT; a scheduled trigger: ended",
)
TRIGGER_TIMEOUT_SECONDS = count(
    "limits.invocations.trigger_timeout_seconds", 25, "s", "@forge/lint 6.3.1", "2026-10-09",
    minimum=1,
    doc="Timeout of a trigger. The documentation gives none; Atlassian's linter uses this one.",
    met_by="a trigger: ended as FUNCTION_TIME_OUT",
)
OTHER_TIMEOUT_SECONDS = count(
    "limits.invocations.other_timeout_seconds", 25, "s", *_L_INV, minimum=1,
    doc="Timeout of a function that a UI module or another module calls. Forge-emu calls none of "
        "these, but a function that several modules use has the lowest of their timeouts.",
    met_by="a function that such a module uses too: ended as FUNCTION_TIME_OUT",
)
WEB_TRIGGER_TIMEOUT_SECONDS = count(
    "limits.invocations.web_trigger_timeout_seconds", 55, "s", *_L_INV, minimum=1,
    doc="The same for web triggers, actions, `rovo:agentConnector` and `preUninstall`.",
    met_by="a function that such a module uses too: ended as FUNCTION_TIME_OUT",
)
WEB_TRIGGER_ERROR_STATUS = count(
    "web_triggers.error_status", 500, "", minimum=400,
    doc="Status that the caller of a web trigger gets when its function throws. Developers have "
        "seen 424 too (ECO-75). A result that is no response is always 500.",
    met_by="a web trigger whose function throws",
)
WEB_TRIGGER_SIGNATURE_HEADER = choice(
    "web_triggers.signature_header",
    ("X-Hub-Signature", "X-Hub-Signature-256", "X-Signature"),
    doc="Header with the signature of a request to a web trigger whose manifest says "
        "`request: {authentication: hmacSharedSecret}`: `sha256=` and HMAC-SHA256 of the body. No "
        "page says how the platform does it; webhooks of Jira and Bitbucket use the default.",
    met_by="a request to a signed web trigger without it: status 401",
)
WEB_TRIGGER_KEY_DAYS = count(
    "web_triggers.secret_key_days", 365, "days", minimum=1,
    doc="Lifetime of a web trigger's secret key without `noExpiry`: twelve months, as the Forge "
        "CLI says.",
    met_by="a request to a signed web trigger with an older key: status 401",
)
INVOKE_REQUEST_KB = limit(
    "limits.invocations.invoke_request_kb", 500, "KiB", *_L_INV,
    doc="Payload of one `invoke` of a UI, as JSON text.",
    met_by="`invoke` in a UI: refused",
)
INVOKE_RESPONSE_MB = limit(
    "limits.invocations.invoke_response_mb", 5, "MiB", *_L_INV,
    doc="What a called function may return, as JSON text.",
    met_by="the caller: an error in place of the answer",
)
INVOCATION_PAYLOAD_MB = limit(
    "limits.invocations.payload_mb", 5, "MiB", *_L_INV,
    doc="Payload of a call that is no `invoke` of a UI, as JSON text.",
    met_by="the caller: refused",
)

# --- async events -----------------------------------------------------------------------------
ASYNC_MAX_RETRIES = limit(
    "async_events.max_retries", 4, "retries", *_GUIDE, off=4, minimum=0,
    doc="Retries of an event before it is dropped. With `none` it is retried until the retention "
        "window ends, as the API reference says.",
    met_by="an event that keeps failing: dropped",
)
ASYNC_FIRST_FORM_MAX_RETRIES = limit(
    "async_events.first_form_max_retries", 4, "retries", *_AEV_UPGRADE, off=4, minimum=0,
    doc="Retries of an event that `@forge/events` 0 or 1 pushed; such events have no retention "
        "window, and `async_events.max_retries` does not count for them.",
    met_by="an event that keeps failing: dropped",
)
ASYNC_RETENTION_HOURS = number(
    "async_events.retention_hours", 24, "h", *_AEV,
    doc="Retention window: how long the platform tries to deliver an event.",
    met_by="an event that keeps failing: dropped",
)
ASYNC_EXTENSION_HOURS = number(
    "async_events.extension_hours", 72, "h", *_AEV,
    doc="How much longer the retention window is for platform errors.",
    met_by="an event after platform errors: retried for longer",
)
ASYNC_EXTENSION = choice(
    "async_events.extension", ("while_errors_last", "since_first_error"),
    doc="Which events have the longer window: those whose last attempt ended in a platform error, "
        "or those that have had one. An event of the first kind is not dropped at the end of its "
        "window, but expires: it is retried no more.",
    met_by="an event after platform errors: retried for longer",
)
ASYNC_MIN_RETRY_SECONDS = number(
    "async_events.min_retry_after_seconds", 1, "s", *_AEV,
    doc="A smaller `retryAfter` is raised to this.",
    met_by="retryAfter of an InvocationError: raised to it",
)
ASYNC_MAX_RETRY_SECONDS = number(
    "async_events.max_retry_after_seconds", 900, "s", *_AEV,
    doc="A larger `retryAfter` is lowered to this.",
    met_by="retryAfter of an InvocationError: lowered to it",
)
ASYNC_BACKOFF_FIRST = number(
    "async_events.backoff.first_seconds", 5, "s",
    doc="Wait before the first retry that the platform schedules by itself.",
    met_by="a retry that the platform schedules: how long it waits",
)
ASYNC_BACKOFF_FACTOR = number(
    "async_events.backoff.factor", 2, "times", minimum=1,
    doc="How much longer each next wait is.",
    met_by="a retry that the platform schedules: how long it waits",
)
ASYNC_BACKOFF_MAX = number(
    "async_events.backoff.max_seconds", 900, "s", *_AEV,
    doc="The longest of these waits.",
    met_by="a retry that the platform schedules: how long it waits",
)
ASYNC_BACKOFF_JITTER = number(
    "async_events.backoff.jitter", 0.2, "share", maximum=1,
    doc="How far chance may lengthen or shorten these waits.",
    met_by="a retry that the platform schedules: how long it waits",
)
ASYNC_RETRY_DATA = choice(
    "async_events.retry_data_over_limit", ("error", "drop"),
    doc="What happens to a retry request whose `retryData` is too large: the invocation counts as"
        " failed (`error`), or the data is left out (`drop`).",
    met_by="consumers of queues",
)
ASYNC_KEEP_RETRY_DATA = flag(
    "async_events.keep_retry_data", False,
    doc="Whether `retryData` is still there after a later failure that was no retry request.",
    met_by="consumers of queues",
)
ASYNC_ERROR_REASON = choice(
    "async_events.error_retry_reason",
    ("FUNCTION_PLATFORM_UNKNOWN_ERROR", "FUNCTION_RETRY_REQUEST"),
    doc="The `retryReason` after a thrown error.",
    met_by="consumers of queues",
)
ASYNC_RETENTION_CONTEXT = flag(
    "async_events.retention_window_in_context", True,
    doc="Whether the retry context carries the optional `retentionWindow`.",
    met_by="consumers of queues",
)
ASYNC_INVALID_CONCURRENCY = choice(
    "async_events.invalid_concurrency", ("ignore", "refuse"), refuses=True,
    doc="What happens to a `concurrency` whose key or limit is not valid: it is ignored with a "
        "warning, or the push is refused.",
    met_by="consumers of queues",
)
ASYNC_JOBS_KEPT = count(
    "async_events.jobs_kept", 100_000, "jobs",
    doc="How many ended jobs are kept, so that the app can ask for their statistics.",
    met_by="consumers of queues",
)
ASYNC_FRACTIONAL_DELAY = choice(
    "async_events.fractional_delay", ("exact", "up", "down"),
    doc="Whether a `delayInSeconds` with a fraction is kept, or rounded to a whole second.",
    met_by="consumers of queues",
)
CONCURRENCY_RELEASE_SECONDS = number(
    "async_events.concurrency_release_seconds", 4, "s", *_CONCURRENCY,
    doc="Time from the end of an invocation until the slot of its concurrency key is free again: "
        "the least gap that was seen between five events of a key with limit 1. The platform's "
        "counters follow the end of a function with a delay, says Atlassian there.",
    met_by="an event with a concurrency key: when it can start",
)
CONCURRENCY_BACKOFF_FIRST = number(
    "async_events.concurrency_backoff.first_seconds", 4, "s", *_CONCURRENCY,
    doc="First wait of an event whose concurrency key has no free slot. With the factor and the "
        "share of chance below, five events of a key with limit 1 start 4 to 16 s apart, as was "
        "seen on the platform.",
    met_by="an event without a free slot: how long it waits",
)
CONCURRENCY_BACKOFF_FACTOR = number(
    "async_events.concurrency_backoff.factor", 1.2, "times", minimum=1,
    doc="How much longer each next wait is.",
    met_by="an event without a free slot: how long it waits",
)
CONCURRENCY_BACKOFF_MAX = number(
    "async_events.concurrency_backoff.max_seconds", 900, "s", *_CONCURRENCY,
    doc="The longest of these waits.",
    met_by="an event without a free slot: how long it waits",
)
CONCURRENCY_BACKOFF_JITTER = number(
    "async_events.concurrency_backoff.jitter", 0.5, "share", maximum=1,
    doc="How far chance may lengthen or shorten these waits.",
    met_by="an event without a free slot: how long it waits",
)

# --- product events ---------------------------------------------------------------------------
PRODUCT_MAX_RETRIES = limit(
    "product_events.max_retries", 4, "retries", *_PE, off=4, minimum=0,
    doc="Retries of a product event, for each trigger.",
    met_by="a product event that keeps failing: dropped",
)
PRODUCT_MAX_KB = limit(
    "limits.product_events.payload_kb", 200, "kB", *_PE,
    doc="Size of a product event; a larger one is not delivered. A kB is 1,000 bytes.",
    met_by="a product event: not delivered",
)
PRODUCT_CYCLIC_EVENTS = limit(
    "limits.product_events.cyclic_events", 1_000, "events",
    doc="Product events that the writes of one invocation, and of all that follow from it, cause. "
        "The pages have this number for pushes alone.",
    met_by="a product event: not delivered (cyclic_limit)",
)
PRODUCT_CAUSED_DELAY_MS = count(
    "product_events.caused_delay_ms", 1_000, "ms",
    doc="Shortest time until the product event of a write that the app made arrives, whatever the "
        "latency. In virtual time a loop of writes and events would otherwise happen at one "
        "instant, and meet Jira's limits per second first.",
    met_by="a product event that an invocation has caused",
)
FILTER_STEPS = limit(
    "limits.filter.steps", 50_000, "steps", *_PE,
    doc="Steps that the evaluation of one filter expression may take: each operation, access, "
        "variable and call is one.",
    met_by="a trigger's filter.expression: an error, treated as onError says",
)
FILTER_REGEXP_STEPS = limit(
    "limits.filter.regexp_steps", 1_000_000, "steps",
    doc="Steps of the regular expressions of one evaluation of a filter, so that none goes back "
        "and forth for ever: a step is a part of the expression that is tried at a place.",
    met_by="a filter expression with a regular expression: an error, as `onError` says",
)
APP_LICENSE = choice(
    "app.license", ("none", "active", "inactive"),
    doc="The app's license on the site. With `none` the context has no `license`, as that of a "
        "free app, and a trigger with appIsLicensed gets its events; with `inactive` it does not.",
    met_by="filter.appIsLicensed; context.license",
)
APP_EVENTS_PER_PUBLISH = limit(
    "limits.app_events.per_publish", 10, "events", "events-reference/app-events/", "2026-03-05",
    refuses=True,
    doc="Events of one call of `appEvents.publish`.",
    met_by="appEvents.publish: VALIDATION_ERROR (400)",
)
LIFECYCLE_INSTALLED = flag(
    "lifecycle.installed", True,
    doc="Whether `avi:forge:installed:app` is sent when a state begins, as on an installation. It "
        "can be sent by hand all the same.",
    met_by="a trigger on avi:forge:installed:app",
)
LIFECYCLE_UPGRADED = flag(
    "lifecycle.upgraded", True,
    doc="Whether `avi:forge:upgraded:app` is sent when the manifest has changed so that Forge "
        "makes a new major version of it.",
    met_by="a trigger on avi:forge:upgraded:app",
)
PRODUCT_RETRY_THROWN = flag(
    "product_events.retry_thrown_errors", True,
    doc="Whether a trigger that throws is retried. The documents disagree.",
    met_by="triggers",
)
REMOTE_EVENT_TIMEOUT_SECONDS = count(
    "remotes.event_timeout_seconds", 5, "s", *_REMOTE, minimum=1,
    doc="How long a remote may work on an event or a schedule. In virtual time, where the emulated "
        "clock stands still meanwhile, as many real seconds.",
    met_by="an endpoint: ended as TIMEOUT_ERROR",
)
REMOTE_CALL_TIMEOUT_SECONDS = count(
    "remotes.call_timeout_seconds", 25, "s", *_REMOTE, minimum=1,
    doc="The same for calls that somebody waits for: resolvers, and `invokeRemote` in a function.",
    met_by="an endpoint or `invokeRemote`: ended",
)
REMOTE_TOKEN_SECONDS = count(
    "remotes.token_seconds", 25, "s", *_REMOTE, minimum=1,
    doc="How long an invocation token holds, by the machine's clock.",
    met_by="a remote that verifies the token later: it has expired",
)
REMOTE_MAX_RETRIES = limit(
    "remotes.max_retries", 4, "retries", *_REMOTE, off=4, minimum=0,
    doc="Retries of a product event that a remote handles. The page about events says \"retried up "
        "to a maximum of 4 attempts\", the contract \"Retries: 4\".",
    met_by="a product event that a remote keeps failing: dropped",
)
REMOTE_RETRY_SECONDS = number(
    "remotes.retry_seconds", 60, "s", *_REMOTE_EVENTS,
    doc="Wait before each of these retries.",
    met_by="a retry of a product event that a remote handles: how long it waits",
)
REMOTE_QUEUE_RETRIES = choice(
    "remotes.queue_retries", ("remote", "queue"),
    doc="How an event of a queue is retried that a remote handles: as a product event, which is "
        "the contract of remotes for events, or as any event of a queue. No page names queues.",
    met_by="an event of a queue that a remote fails: when it is tried again",
)
CONTAINER_QUEUE_RETRIES = count(
    "remotes.container_queue_retries", 0, "retries", *_CONTAINERS,
    doc="Retries of an event of a queue that a container handles: \"fire and forget\", says the "
        "page of containers' early access.",
    met_by="an event of a queue that a container fails: dropped",
)
PRODUCT_BACKOFF_FIRST = number(
    "product_events.backoff.first_seconds", 5, "s",
    doc="Wait before the first retry that the platform schedules by itself.",
    met_by="a retry that the platform schedules: how long it waits",
)
PRODUCT_BACKOFF_FACTOR = number(
    "product_events.backoff.factor", 2, "times", minimum=1,
    doc="How much longer each next wait is.",
    met_by="a retry that the platform schedules: how long it waits",
)
PRODUCT_BACKOFF_MAX = number(
    "product_events.backoff.max_seconds", 900, "s",
    doc="The longest of these waits.",
    met_by="a retry that the platform schedules: how long it waits",
)
PRODUCT_BACKOFF_JITTER = number(
    "product_events.backoff.jitter", 0.2, "share", maximum=1,
    doc="How far chance may lengthen or shorten these waits.",
    met_by="a retry that the platform schedules: how long it waits",
)

# --- scheduled triggers -----------------------------------------------------------------------
SCHEDULES_PER_APP = limit(
    "limits.schedules.per_app", 5, "modules", *_M_SCHED,
    doc="Scheduled triggers that an app may have.",
    met_by="an app with more: it is not loaded",
)
SCHEDULES_FIVE_MINUTE_PER_APP = limit(
    "limits.schedules.five_minute_per_app", 1, "modules", *_L_SCHED,
    doc="How many of them may have the interval `fiveMinute`.",
    met_by="an app with more: it is not loaded",
)
SCHEDULES_FIRST_RUN_SECONDS = number(
    "schedules.first_run_seconds", 300, "s", *_M_SCHED,
    doc="Time from the load of a schedule to its first run.",
    met_by="scheduled triggers",
)
SCHEDULES_CHANGED = choice(
    "schedules.changed", ("reset_all", "reset_changed"), *_M_SCHED,
    doc="Which schedules begin anew when the manifest changes one of them: all, as the platform "
        "does it, or those that changed.",
    met_by="a reload that changes a scheduled trigger",
)
SCHEDULES_OVERLAP = choice(
    "schedules.overlap", ("start", "skip"),
    doc="What becomes of a run that is due while the one before it still runs: it starts too, or "
        "is skipped. One that is due while the one before it still waits to start is skipped in "
        "any case.",
    met_by="a scheduled trigger that runs longer than its interval",
)
SCHEDULES_MISSED = choice(
    "schedules.missed", ("one", "none"),
    doc="How many of the runs that a schedule missed, because no emulator ran, are made up for.",
    met_by="the start of an emulator after a while",
)

# --- limits of the products -------------------------------------------------------------------
JIRA_POINTS_PER_HOUR = rate_limit(
    "limits.jira.points_per_hour", 65_000, "points/h", *_JIRA_RATES, legacy=None,
    doc="Points of the app's calls to Jira, from one full hour (UTC) to the next.",
    met_by="every requestJira: status 429, jira-quota-global-based",
    rate=Rate(
        window=HOUR, counts="jira_points",
        label="Jira points", chart_label="Points of calls to Jira", calls="points",
    ),
)
CONFLUENCE_POINTS_PER_HOUR = rate_limit(
    "limits.confluence.points_per_hour", 65_000, "points/h", *_CONFLUENCE_RATES, legacy=None,
    doc="Points of the app's calls to Confluence, from one full hour (UTC) to the next.",
    met_by="every requestConfluence: status 429, confluence-quota-global-based",
    rate=Rate(
        window=HOUR, counts="confluence_points",
        label="Confluence points", chart_label="Points of calls to Confluence", calls="points",
    ),
)
POINTS_PER_CALL = count(
    "limits.products.points_per_call", 1, "points", *_JIRA_RATES,
    doc="Points of every call to Jira or Confluence. A call that writes costs no more.",
    met_by="requestJira and requestConfluence: how many points they cost",
)
POINTS_PER_OBJECT = count(
    "limits.products.points_per_object", 1, "points", *_JIRA_RATES,
    doc="Points of each thing that a call reads, such as an issue or a page.",
    met_by="requestJira and requestConfluence: how many points they cost",
)
POINTS_PER_IDENTITY = count(
    "limits.products.points_per_identity", 2, "points", *_JIRA_RATES,
    doc="Points of each user, group or permission that a call reads.",
    met_by="requestJira and requestConfluence: how many points they cost",
)
JIRA_BURST_BUFFER_SECONDS = count(
    "limits.jira.burst_buffer_seconds", 1, "s", minimum=1,
    doc="How many seconds' calls of an operation can be made at once. Jira publishes how many "
        "calls a second go on for ever, and not how many it takes at once beyond that.",
    met_by="every requestJira",
)
JIRA_GETS = limit(
    "limits.jira.get_per_second", 100, "calls", *_JIRA_RATES, refuses=True,
    may_pass=True, legacy=None,
    doc="Calls a second of each operation with the method GET.",
    met_by="requestJira: status 429, jira-burst-based",
)
JIRA_POSTS = limit(
    "limits.jira.post_per_second", 100, "calls", *_JIRA_RATES, refuses=True,
    may_pass=True, legacy=None,
    doc="Calls a second of each operation with the method POST.",
    met_by="requestJira: status 429, jira-burst-based",
)
JIRA_PUTS = limit(
    "limits.jira.put_per_second", 50, "calls", *_JIRA_RATES, refuses=True,
    may_pass=True, legacy=None,
    doc="Calls a second of each operation with the method PUT.",
    met_by="requestJira: status 429, jira-burst-based",
)
JIRA_DELETES = limit(
    "limits.jira.delete_per_second", 50, "calls", *_JIRA_RATES, refuses=True,
    may_pass=True, legacy=None,
    doc="Calls a second of each operation with the method DELETE.",
    met_by="requestJira: status 429, jira-burst-based",
)
JIRA_ISSUE_GETS = limit(
    "limits.jira.get_issue_per_second", 150, "calls", *_JIRA_RATES, refuses=True,
    may_pass=True, legacy=None,
    doc="Calls a second of `GET issue/{key}`.",
    met_by="requestJira: status 429, jira-burst-based",
)
JIRA_CHANGELOG_GETS = limit(
    "limits.jira.get_changelog_per_second", 200, "calls", *_JIRA_RATES, refuses=True,
    may_pass=True, legacy=None,
    doc="Calls a second of `GET issue/{key}/changelog`.",
    met_by="requestJira: status 429, jira-burst-based",
)
JIRA_USER_GETS = limit(
    "limits.jira.get_user_per_second", 150, "calls", *_JIRA_RATES, refuses=True,
    may_pass=True, legacy=None,
    doc="Calls a second of `GET user`.",
    met_by="requestJira: status 429, jira-burst-based",
)
JIRA_COUNTS = limit(
    "limits.jira.approximate_count_per_second", 150, "calls", *_JIRA_RATES, refuses=True,
    may_pass=True, legacy=None,
    doc="Calls a second of `POST search/approximate-count`.",
    met_by="requestJira: status 429, jira-burst-based",
)
JIRA_ATTACHMENT_GETS = limit(
    "limits.jira.get_attachment_content_per_second", 300, "calls", *_JIRA_RATES, refuses=True,
    may_pass=True, legacy=None,
    doc="Calls a second of `GET attachment/content/{id}`.",
    met_by="requestJira: status 429, jira-burst-based",
)
JIRA_COMPONENT_PUTS = limit(
    "limits.jira.put_component_per_second", 500, "calls", *_JIRA_RATES, refuses=True,
    may_pass=True, legacy=None,
    doc="Calls a second of `PUT component/{id}`.",
    met_by="requestJira: status 429, jira-burst-based",
)
JIRA_ISSUE_WRITES_SHORT = limit(
    "limits.jira.issue_writes_per_2_seconds", 20, "writes", *_JIRA_RATES, refuses=True,
    may_pass=True, legacy=None,
    doc="Writes to one issue within two seconds.",
    met_by="requestJira that writes to an issue: status 429, jira-per-issue-on-write",
)
JIRA_ISSUE_WRITES_LONG = limit(
    "limits.jira.issue_writes_per_30_seconds", 100, "writes", *_JIRA_RATES, refuses=True,
    may_pass=True, legacy=None,
    doc="Writes to one issue within thirty seconds.",
    met_by="requestJira that writes to an issue: status 429, jira-per-issue-on-write",
)
FAULT_RETRY_AFTER_SECONDS = count(
    "limits.products.fault_retry_after_seconds", 5, "s", minimum=1,
    doc="`Retry-After` of calls that the fault `product.rate_limit` hits.",
    met_by="--fault product.rate_limit",
)

# --- the site ---------------------------------------------------------------------------------
JIRA_OLD_SEARCH = choice(
    "jira.old_search", ("gone", "on"), *_JIRA_SEARCH,
    doc="Whether `/rest/api/3/search` answers, or is gone (410), as on the platform.",
    met_by="requestJira: search",
)
JIRA_UNCHANGED_EDITS = choice(
    "jira.unchanged_edits", ("event", "silent"),
    doc="Whether an edit of an issue that changes nothing makes an updated event, with a changelog "
        "of null.",
    met_by="requestJira: an edit of an issue",
)

# --- the state on disk --------------------------------------------------------------------------
STATE_SYNCHRONOUS = choice(
    "state.synchronous", ("normal", "full"),
    doc="What saved state is safe from: a kill of the emulator (`normal`), or a power failure too"
        " (`full`, which is slower).",
    met_by="every turn of the emulator: what is kept on disk",
)
STATE_RECORDS = count(
    "state.records", 200_000, "records", minimum=1_000,
    doc="How many records are kept on disk; the oldest are deleted first.",
    met_by="every turn of the emulator: what is kept on disk",
)
STATE_RECORDS_MB = count(
    "state.records_mb", 128, "MB", minimum=1,
    doc="Space for records on disk; the oldest are deleted first.",
    met_by="every turn of the emulator: what is kept on disk",
)
STATE_PAYLOADS_MB = count(
    "state.payloads_mb", 64, "MB", minimum=0,
    doc="Space for what is in events, on disk, or in memory without a state: bodies, what handlers"
        " were given and returned, requests; the oldest are deleted first. 0 keeps none; `simulate`"
        " keeps none unless it is asked to.",
    met_by="every turn of the emulator: what is kept on disk",
)

STATE_WAITING_MB = count(
    "state.waiting_mb", 16, "MB", minimum=0,
    doc="Bodies of waiting events in memory: what is over it is on disk alone until its handler"
        " starts. A run without a state has all of them in memory.",
    met_by="a line of many events",
)

# --- the page -----------------------------------------------------------------------------------
PAGE_EDITOR = choice(
    "page.editor", ("vscode", "vscode-insiders", "cursor", "zed", "idea", "none"),
    doc="What opens where a file with its line is clicked, on the live page and in a report; with"
        " `none` they are no links, and a report says nothing of where the app lies.",
    met_by="every file and line on the page",
)

# --- cost ---------------------------------------------------------------------------------------
COST_USD_PER_GB_SECOND = number(
    "cost.usd_per_gb_second", 0.000025, "USD", *_PRICING,
    doc="Price of a second of a function with one GB of memory.",
    met_by="the summary: its cost",
)
COST_USD_PER_GB_READ = number(
    "cost.usd_per_gb_read", 0.055, "USD", *_PRICING,
    doc="Price of a GB that is read from the key-value store.",
    met_by="the summary: its cost",
)
COST_USD_PER_GB_WRITTEN = number(
    "cost.usd_per_gb_written", 1.09, "USD", *_PRICING,
    doc="Price of a GB that is written to the key-value store.",
    met_by="the summary: its cost",
)
COST_USD_PER_GB_LOGGED = number(
    "cost.usd_per_gb_logged", 1.005, "USD", *_PRICING,
    doc="Price of a GB of log lines.",
    met_by="the summary: its cost",
)
COST_FREE_GB_SECONDS = number(
    "cost.free_gb_seconds", 200_000, "GB-s", *_PRICING,
    doc="Seconds of functions that cost nothing, each month. They are not taken off a run's cost.",
    met_by="the summary: its cost",
)
COST_FREE_GB_READ = number(
    "cost.free_gb_read", 0.1, "GB", *_PRICING,
    doc="Reads that cost nothing, each month.",
    met_by="the summary: its cost",
)
COST_FREE_GB_WRITTEN = number(
    "cost.free_gb_written", 0.1, "GB", *_PRICING,
    doc="Writes that cost nothing, each month.",
    met_by="the summary: its cost",
)
COST_FREE_GB_LOGGED = number(
    "cost.free_gb_logged", 1, "GB", *_PRICING,
    doc="Log lines that cost nothing, each month.",
    met_by="the summary: its cost",
)
COST_EMPTY_READ_BYTES = count(
    "cost.empty_read_bytes", 1_024, "bytes", *_PRICING,
    doc="What a read that finds nothing counts as.",
    met_by="the summary: its cost",
)
COST_GB_BYTES = count(
    "cost.gb_bytes", 1_000_000_000, "bytes", minimum=1,
    doc="Bytes of a GB that is read, written or logged. Which they are is not established.",
    met_by="the summary: its cost",
)
COST_COMPUTING_MS = number(
    "cost.computing_ms", 100, "ms",
    doc="What is added to each invocation in virtual time, where only waiting takes time. The "
        "usage of your app in the developer console says what it is for you.",
    met_by="the summary: its cost",
)

# --- delivery ---------------------------------------------------------------------------------
DELIVERY_MAX_INSTANCES = count(
    "delivery.max_instances", 64, "instances", minimum=1,
    doc="Most instances (warm copies of the app's code), and so most invocations at once.",
    met_by="every invocation: waits for a free instance",
)
DELIVERY_PYTHON_STARTS = count(
    "delivery.python_starts", 8, "invocations", minimum=1,
    doc="In real time, how many invocations of Python handlers are started at most whose process "
        "has not begun them. The next ones wait for that, and get a process that is free by then: "
        "so there are as many processes as run at once.",
    met_by="every invocation of a Python handler",
)
DELIVERY_ORDER = choice(
    "delivery.order", ("shuffle", "fifo"),
    doc="Order of events that are due at the same instant: shuffled by the seed, or as pushed.",
    met_by="every delivery",
)
DELIVERY_PUSH_SPREAD_SECONDS = number(
    "delivery.push_spread_seconds", 0, "s", maximum=900,
    doc="Adds a random delay of up to this to every pushed event. It shows what a random "
        "`delayInSeconds` would do, without a change to the app.",
    met_by="every delivery",
)
DELIVERY_DUPLICATES = number(
    "delivery.duplicates", 0, "share", maximum=1,
    doc="Share of events that are delivered once more after they have succeeded, as at-least-once"
        " delivery allows: `1%` or `0.01`. No rate is published.",
    met_by="every delivery",
)
DELIVERY_DUPLICATE_AFTER = number(
    "delivery.duplicate_after_seconds", 5, "s",
    doc="Time from the success to such a second delivery.",
    met_by="every delivery",
)
UNAWAITED_LOST = number(
    "invocations.unawaited_lost", 0.5, "share", maximum=1,
    doc="Share of the requests that are lost among those that code of a handler makes after its "
        "return, because nobody awaits it: `50%` or `0.5`. Such code may be frozen and go on in a "
        "later invocation, or never; how often is not known.",
    met_by="a request that no handler waits for: request.lost",
)
DELIVERY_DROPPED_KEPT = count(
    "delivery.dropped_kept", 1_000, "events",
    doc="How many dropped or expired events are kept, so that `forge-emu queue replay` can "
        "deliver them again.",
    met_by="forge-emu queue replay",
)
DELIVERY_STUCK_SECONDS = number(
    "delivery.stuck_real_seconds", 60, "real s", minimum=0.1,
    doc="In virtual time computing takes no time, so code that never pauses meets no deadline. "
        "It is ended when it has used the processor for this long, or for the timeout of its "
        "function where that is less, and then times out at its deadline.",
    met_by="every delivery",
)
DELIVERY_STUCK_AGAIN_SECONDS = number(
    "delivery.stuck_again_real_seconds", 5, "real s", minimum=0.1,
    doc="The same for a function that was ended so before; an event whose own code was ended so "
        "gets a fifth of it.",
    met_by="every delivery",
)
DELIVERY_IO_SECONDS = number(
    "delivery.io_real_seconds", 60, "real s",
    doc="How long virtual time waits for a file, a connection or a process of a handler.",
    met_by="every delivery",
)
DELIVERY_IO_AGAIN_SECONDS = number(
    "delivery.io_again_real_seconds", 5, "real s",
    doc="The same for a function for which it waited in vain before; an event for which it did so "
        "gets a fifth of it.",
    met_by="every delivery",
)

# --- requests to the outside ---------------------------------------------------------------
EGRESS_REQUESTS = limit(
    "limits.egress.requests_per_runtime_minute", 100, "requests", *_L_INV, refuses=True,
    doc="Requests of one invocation to the outside and to remotes, for each started minute of its "
        "timeout. Requests to products do not count.",
    met_by="fetch, https.request, invokeRemote: status 429",
)
EGRESS_SECONDS = limit(
    "limits.egress.request_seconds", 180, "s", *_L_INV, refuses=True,
    doc="Time that one request to the outside, a remote or a product may take.",
    met_by="fetch, https.request, requestJira: status 504",
)
EGRESS_PLAIN_HTTP = choice(
    "egress.plain_http", ("loopback", "refused", "allowed"),
    doc="Where plain HTTP may go if the manifest allows the address. The platform takes HTTPS "
        "alone. A stand-in on this machine (`loopback`) has no certificate, and needs no port "
        "in the manifest.",
    met_by="fetch of http://: status 400",
)

# --- latency ----------------------------------------------------------------------------------
LATENCY_PROFILE = choice(
    LATENCY_PROFILE_NAME, LATENCY_PROFILES,
    doc="How long the platform takes, for all of it at once: `--latency`. A latency that is set by "
        "itself stays as it is set. The models of `typical` and `slow` are those in the table.",
    met_by="every call, push, invocation and product event",
)
LATENCY_KVS = latency(
    "latency.kvs", typical="lognormal(40ms,0.5)", slow="lognormal(250ms,0.8)",
    doc="Time from a call of the store, which is done at once, to the app's getting the answer:",
    met_by="every call of kvs: how long its answer takes",
)
LATENCY_PRODUCT = latency(
    "latency.product", typical="lognormal(250ms,0.5)", slow="lognormal(1500ms,0.8)",
    doc="Time from a request to a product or remote to the app's getting the answer:",
    met_by="every mocked request to a product: how long its answer takes",
)
LATENCY_PUSH = latency(
    "latency.push", "community.developer.atlassian.com/t/74415", "2023-11-05",
    typical="lognormal(400ms,0.4)", slow="lognormal(1500ms,0.8)",
    doc="Time from a push, which is done at once, to the app's getting the answer. There the "
        "events of a second push that waits for the first began 0.6 s after those of the first:",
    met_by="every queue.push: how long its answer takes",
)
LATENCY_INVOCATION = latency(
    "latency.invocation", typical="lognormal(60ms,0.5)", slow="lognormal(400ms,0.8)",
    doc="Time from the start of an invocation to the first line of its handler. The timeout "
        "begins then:",
    met_by="every invocation: how long it takes to start",
)
LATENCY_COLD_START = latency(
    "latency.cold_start", typical="lognormal(400ms,0.4)", slow="lognormal(1500ms,0.5)",
    doc="How much longer it takes on a new instance, whose code has to be loaded first. Forge "
        "publishes nothing; AWS says of its functions, in the operator guide of Lambda, that such "
        "starts take from under 100 ms to over 1 s:",
    met_by="every invocation on a new instance: how long it takes to start",
)
LATENCY_PRODUCT_EVENT = latency(
    "latency.product_event", typical="lognormal(1500ms,0.5)", slow="lognormal(15s,1)",
    doc="Time from a product event to its delivery to a trigger:",
    met_by="every product event: how long it takes to arrive",
)
# fmt: on
