"""What reaches each setting: the call, and the error or effect it gets."""

from __future__ import annotations

from typing import Final

MET_BY: Final = {
    "limits.push.events_per_minute": "queue.push: RateLimitError (429)",
    "limits.push.events_per_request": "queue.push: TooManyEventsError",
    "limits.push.payload_kb": "queue.push: PayloadTooBigError (413)",
    "limits.push.long_running_event_kb": "queue.push: PayloadTooBigError (413)",
    "limits.push.cyclic_requests": "queue.push: InvocationLimitReachedError (405)",
    "limits.push.retry_data_kb": "a returned InvocationError: counts as an error of the handler",
    "limits.push.max_delay_seconds": "queue.push: InvalidPushSettingsError",
    "limits.push.": "every queue.push",
    "limits.kvs.requests_per_second": "every call of kvs: RATE_LIMIT_EXCEEDED (429)",
    "limits.kvs.read_units_per_minute": "kvs.get, query and batchGet: RATE_LIMIT_EXCEEDED (429)",
    "limits.kvs.write_units_per_minute": "every write of kvs: RATE_LIMIT_EXCEEDED (429)",
    "limits.kvs.unit_kb": "every call of kvs: how many units it costs",
    "limits.kvs.key_read_mb_per_second": "kvs.get of one key: RATE_LIMIT_EXCEEDED (429)",
    "limits.kvs.key_write_mb_per_second": "kvs.set of one key: RATE_LIMIT_EXCEEDED (429)",
    "limits.kvs.key_characters": "every call of kvs: KEY_TOO_LONG (400)",
    "limits.kvs.value_kb": "kvs.set: MAX_SIZE (400)",
    "limits.kvs.secret_value_kb": "kvs.setSecret: MAX_SIZE (400)",
    "limits.kvs.depth": "kvs.set: MAX_DEPTH (400)",
    "limits.kvs.max_ttl_days": "kvs.set with a ttl: refused (400)",
    "limits.kvs.query_results": "kvs.query: LIST_QUERY_LIMIT_EXCEEDED (400)",
    "limits.kvs.query_default": "kvs.query without a limit: how many values it answers",
    "limits.kvs.batch_keys": "kvs.batchGet, batchSet and batchDelete: refused (400)",
    "limits.kvs.batch_payload_mb": "kvs.batchSet: MAX_SIZE (400)",
    "limits.kvs.transaction_operations": "kvs.transact: INVALID_TRANSACTION_REQUEST (400)",
    "limits.kvs.transaction_payload_mb": "kvs.transact: MAX_SIZE (400)",
    "limits.kvs.index_query_mb_per_second": "entity().query of an index: RATE_LIMIT_EXCEEDED (429)",
    "limits.kvs.query_conditions": "filters of kvs.entity: INVALID_FILTER_CONDITION (400)",
    "limits.kvs.index_range_bytes": "kvs.entity().set: INVALID_ENTITY_VALUE (400)",
    "limits.kvs.index_partition_bytes": "kvs.entity().set: INVALID_ENTITY_VALUE (400)",
    "limits.kvs.queries_per_20_seconds": "kvs.query: RATE_LIMIT_EXCEEDED (429)",
    "limits.kvs.batches_per_minute": "every batch of kvs: RATE_LIMIT_EXCEEDED (429)",
    "limits.kvs.": "every call of kvs",
    "limits.invocations.per_minute": "every invocation: put off until there is room",
    "limits.invocations.log_": "console.log: further lines are left out",
    "limits.invocations.consumer_timeout_seconds": "a consumer: ended as FUNCTION_TIME_OUT",
    "limits.invocations.trigger_timeout_seconds": "a trigger: ended as FUNCTION_TIME_OUT",
    "limits.product_events.payload_kb": "a product event: not delivered",
    "storage.legacy": "storage of @forge/api 5 to 7",
    "storage.expired_values": "kvs.get of a value with a ttl",
    "storage.missing_in_batch": "kvs.batchGet of a key without a value",
    "storage.undeclared_attributes": "kvs.entity().set of an attribute nobody declared",
    "storage.foreign_cursor": "kvs.query with the cursor of another query",
    "async_events.max_retries": "an event that keeps failing: dropped",
    "async_events.retention_hours": "an event that keeps failing: dropped",
    "async_events.extension_hours": "an event after platform errors: kept for longer",
    "async_events.min_retry_after_seconds": "retryAfter of an InvocationError: raised to it",
    "async_events.max_retry_after_seconds": "retryAfter of an InvocationError: lowered to it",
    "async_events.backoff.": "a retry that the platform schedules: how long it waits",
    "async_events.concurrency_backoff.": "an event without a free slot: how long it waits",
    "async_events.": "consumers of queues",
    "product_events.max_retries": "a product event that keeps failing: dropped",
    "product_events.backoff.": "a retry that the platform schedules: how long it waits",
    "product_events.": "triggers",
    "state.": "every turn of the emulator: what is kept on disk",
    "latency.kvs": "every call of kvs: how long its answer takes",
    "latency.product": "every mocked request to a product: how long its answer takes",
    "latency.push": "every queue.push: how long its answer takes",
    "latency.invocation": "every invocation: how long it takes to start",
    "latency.product_event": "every product event: how long it takes to arrive",
    "delivery.max_instances": "every invocation: waits for a free instance",
    "delivery.dropped_kept": "forge-emu queue replay",
    "delivery.": "every delivery",
}
"""By name of a setting, or by its beginning; the longest that fits counts."""


def met_by(name: str) -> str:
    """What reaches the setting `name`; empty where nothing is known."""
    fitting = [beginning for beginning in MET_BY if name.startswith(beginning)]
    return MET_BY[max(fitting, key=len)] if fitting else ""
