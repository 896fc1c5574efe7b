"""What Python handlers import: the names of the `@forge` packages, in snake_case.

Every call works in both kinds of handlers. In an `async def` handler, await it:
`pushed = await queue.push({"body": {...}})`. In a plain handler, use what it returns:
`pushed = queue.push({"body": {...}})`.
"""

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
from forge_emu.sdk.legacy import storage
from forge_emu.sdk.products import ProductResponse, api
from forge_emu.sdk.queues import Concurrency, Pushed, PushEvent, Queue
from forge_emu.sdk.retry import InvocationError, InvocationErrorCode, QueueResponse
from forge_emu.sdk.store import KvsEntry, MetadataField, Ttl, kvs

__all__ = [
    "APIError",
    "AppContext",
    "Concurrency",
    "EventsError",
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
    "Queue",
    "QueueResponse",
    "RateLimitError",
    "TooManyEventsError",
    "Ttl",
    "api",
    "get_app_context",
    "kvs",
    "storage",
]
