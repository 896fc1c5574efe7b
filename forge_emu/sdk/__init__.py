"""What Python handlers import: the names of the `@forge` packages, in snake_case.

Every call works in both kinds of handlers. In an `async def` handler, await it:
`pushed = await queue.push({"body": {...}})`. In a plain handler, use what it returns:
`pushed = queue.push({"body": {...}})`.
"""

from forge_emu.sdk.batches import (
    BatchDeleteItem,
    BatchGetItem,
    BatchGetResult,
    BatchItemError,
    BatchItemSuccess,
    BatchResult,
    BatchSetItem,
)
from forge_emu.sdk.conditions import Filter, FilterConditions, Sort, WhereConditions
from forge_emu.sdk.context import AppContext, get_app_context
from forge_emu.sdk.errors import (
    APIError,
    EventsError,
    ForgeKvsAPIError,
    ForgeKvsError,
    ForgeSdkError,
    InternalServerError,
    InvalidPayloadError,
    InvalidPushSettingsError,
    InvalidQueueNameError,
    InvocationLimitReachedError,
    JobDoesNotExistError,
    NeedsAuthenticationError,
    NoEventsToPushError,
    NotInEmulatorError,
    PartialSuccessError,
    PayloadTooBigError,
    ProxyRequestError,
    RateLimitError,
    TooManyEventsError,
)
from forge_emu.sdk.jobs import JobProgress, JobStats
from forge_emu.sdk.kvs_wire import KvsEntry, MetadataField, Ttl
from forge_emu.sdk.legacy import starts_with, storage
from forge_emu.sdk.products import ProductResponse, api
from forge_emu.sdk.query import ListResult, QueryBuilder
from forge_emu.sdk.queues import Concurrency, Pushed, PushEvent, Queue
from forge_emu.sdk.retry import InvocationError, InvocationErrorCode, QueueResponse
from forge_emu.sdk.store import kvs
from forge_emu.sdk.transaction import TransactionBuilder

__all__ = [
    "APIError",
    "AppContext",
    "BatchDeleteItem",
    "BatchGetItem",
    "BatchGetResult",
    "BatchItemError",
    "BatchItemSuccess",
    "BatchResult",
    "BatchSetItem",
    "Concurrency",
    "EventsError",
    "Filter",
    "FilterConditions",
    "ForgeKvsAPIError",
    "ForgeKvsError",
    "ForgeSdkError",
    "InternalServerError",
    "InvalidPayloadError",
    "InvalidPushSettingsError",
    "InvalidQueueNameError",
    "InvocationError",
    "InvocationErrorCode",
    "InvocationLimitReachedError",
    "JobDoesNotExistError",
    "JobProgress",
    "JobStats",
    "KvsEntry",
    "ListResult",
    "MetadataField",
    "NeedsAuthenticationError",
    "NoEventsToPushError",
    "NotInEmulatorError",
    "PartialSuccessError",
    "PayloadTooBigError",
    "ProductResponse",
    "ProxyRequestError",
    "PushEvent",
    "Pushed",
    "QueryBuilder",
    "Queue",
    "QueueResponse",
    "RateLimitError",
    "Sort",
    "TooManyEventsError",
    "TransactionBuilder",
    "Ttl",
    "WhereConditions",
    "api",
    "get_app_context",
    "kvs",
    "starts_with",
    "storage",
]
