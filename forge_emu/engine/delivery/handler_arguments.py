"""The two arguments of a handler: the event as the platform shapes it, and the context.

https://developer.atlassian.com/platform/forge/runtime-reference/async-events-api/ (2026-09-01),
function-reference/arguments/ (2026-08-13), events-reference/product_events/ (2026-08-06).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec
from msgspec import UNSET, Raw

from forge_emu.engine.delivery.delivery import Delivery
from forge_emu.engine.installation import Installation
from forge_emu.model import Consumer, Instant, Json, PushItem, iso8601

_SUBJECTS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("issue", ("key",)),
    ("content", ("title", "id")),
    ("attachment", ("title", "fileName", "id")),
    ("worklog", ("id",)),
    ("sprint", ("name", "id")),
    ("board", ("name", "id")),
    ("configuration", ("name", "id")),
    ("mergedVersion", ("name", "id")),
    ("version", ("name", "id")),
    ("component", ("name", "id")),
    ("filter", ("name", "id")),
    ("issueType", ("name", "id")),
    ("group", ("name", "id")),
    ("space", ("key", "id")),
    ("user", ("displayName", "publicName", "accountId")),
    ("pullrequest", ("title", "id")),
    ("buildStatus", ("name", "key")),
    ("deployment", ("name", "uuid")),
    ("commit", ("hash",)),
    ("repository", ("name", "slug", "uuid")),
    ("project", ("key", "name", "id")),
    ("property", ("key",)),
    ("app", ("name", "id")),
    ("query", ()),
    ("fieldKey", ()),
    ("customFieldKey", ()),
    ("key", ()),
    ("workflowName", ()),
    ("requestTypeGroupEventPropertyValue", ("name",)),
    ("serviceDeskEventPropertyValue", ("projectName",)),
    ("entityId", ()),
    ("relationName", ()),
    ("id", ()),
)
"""Where payloads name what they are about: a field of the payload, and the fields of the thing in
it, the best name first; without fields the value itself."""


def product_event(
    payload: dict[str, Json], cloud_id: str, module_key: str, delivery: Delivery
) -> dict[str, Json]:
    """What a trigger gets: the product's payload, where it runs, and on a retry its context.

    A field `context` of the product's own stays. No `retryData` is left out.
    """
    context: dict[str, Json] = {"cloudId": cloud_id, "moduleKey": module_key}
    event = {**payload, "context": payload.get("context", context)}
    retried = retry_context(delivery, None)
    if retried is not None:
        if retried["retryData"] is None:
            del retried["retryData"]
        event["retryContext"] = retried
    return event


def life_cycle_payload(
    payload: dict[str, Json], event: str, *, for_remote: bool
) -> dict[str, Json]:
    """The payload of a life cycle event: its `context` is the site's ARI for remotes alone.

    They get an `eventType` too, which functions do not:
    https://developer.atlassian.com/platform/forge/remote-agents-in-jira/ (2026-08-22).
    """
    if for_remote:
        return {**payload, "eventType": event}
    return {k: v for k, v in payload.items() if k != "context" or not isinstance(v, str)}


def app_event(argument: dict[str, Json], token: str) -> dict[str, Json]:
    """What a trigger gets of an event that an app has published; `token` is of no use to it.

    https://developer.atlassian.com/platform/forge/events-reference/app-events/ (2026-03-05)
    """
    context = argument["context"]
    if isinstance(context, dict):
        context = {**context, "userAccess": {"enabled": False}}
    return {**argument, "context": context, "contextToken": f"forge-emu-{token}"}


def retry_context(
    delivery: Delivery, retention_window: dict[str, Json] | None
) -> dict[str, Json] | None:
    """`retryContext` of a delivery; None on the first."""
    if delivery.retry_reason is None:
        return None
    context: dict[str, Json] = {
        "retryCount": delivery.retry_count,
        "retryReason": delivery.retry_reason,
        "retryData": delivery.retry_data,
    }
    if retention_window is not None:
        context["retentionWindow"] = retention_window
    return context


def retention_window(
    created_at: Instant, end: Instant, now: Instant, epoch_ms: int
) -> dict[str, Json]:
    """`retentionWindow` of a retry context."""
    return {
        "startTime": iso8601(epoch_ms + created_at),
        "remainingTimeMs": max(end - now, 0),
    }


def subject_of(payload: dict[str, Json]) -> str | None:
    """What a product event is about, in a word: an issue key, a page's title, a sprint's name."""
    for holder, fields in _SUBJECTS:
        thing = payload.get(holder)
        if isinstance(thing, dict):
            for field in fields:
                name = thing.get(field)
                if isinstance(name, str) and name:
                    return name
                if field == "id" and isinstance(name, int):
                    return str(name)
        elif not fields and isinstance(thing, str):
            return thing
    return None


class PayloadHead(msgspec.Struct, frozen=True, rename="camel"):
    """What of a product event's payload decides about a handler's arguments: the account that
    caused the event, and fields of the names that the platform adds."""

    atlassian_id: Json = None
    context: Json = UNSET
    context_token: Json = UNSET
    retry_context: Json = UNSET

    @property
    def account(self) -> str | None:
        """The account that caused the event."""
        return self.atlassian_id if isinstance(self.atlassian_id, str) else None

    @property
    def has_added_names(self) -> bool:
        """Whether the payload has fields that the platform adds to others."""
        added = (self.context, self.context_token, self.retry_context)
        return any(each is not UNSET for each in added)


_heads: Final = msgspec.json.Decoder(PayloadHead)


def payload_head(text: Raw) -> PayloadHead:
    """The head of a payload, without decoding the rest of it."""
    return _heads.decode(text)


class ExtendedPayload(NamedTuple):
    """A product event's payload, and the fields, which it does not have, that a handler gets with
    it."""

    text: Raw
    added: dict[str, Json]

    @property
    def joined(self) -> Raw:
        """One JSON text, with the added fields at its end."""
        begun = bytes(self.text).rstrip()[:-1]
        between = b"," if begun.strip() != b"{" else b""
        return Raw(begun + between + msgspec.json.encode(self.added)[1:])


def licensed_context(context: Json, license: str) -> Json:
    """`context` with the app's license, if `license` (`app.license`) says that it has one."""
    if license == "none" or not isinstance(context, dict):
        return context
    return {**context, "license": {"active": license == "active"}}


def async_event(
    item: PushItem, queue: str, job_id: str, event_id: str, retry: dict[str, Json] | None
) -> dict[str, Json]:
    """The `AsyncEvent` that a consumer gets; `retry` is its retry context. The body stays text."""
    argument: dict[str, Json] = {
        "queueName": queue,
        "jobId": job_id,
        "eventId": event_id,
        "body": item.text,
    }
    if item.delay_in_seconds:
        argument["delayInSeconds"] = item.delay_in_seconds
    if item.concurrency is not None:
        argument["concurrency"] = item.concurrency
    if retry:
        argument["retryContext"] = retry
    return argument


def resolver_call(
    item: PushItem,
    job_id: str,
    consumer: Consumer,
    installation: Installation,
    retry: dict[str, Json] | None,
) -> dict[str, Json]:
    """What a consumer of the old form, `resolver: {function, method}`, gets."""
    payload = item.body
    # The old form put it into the payload, which only an object can take.
    if retry and isinstance(payload, dict):
        payload = {**payload, "retryContext": retry}
    return {
        "call": {"functionKey": consumer.method, "payload": payload, "jobId": job_id},
        "context": {
            "cloudId": installation.cloud_id,
            "moduleKey": consumer.key,
            "jobId": job_id,
        },
    }
