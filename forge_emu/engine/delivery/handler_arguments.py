"""The two arguments of a handler: the event as the platform shapes it, and the context.

https://developer.atlassian.com/platform/forge/runtime-reference/async-events-api/ (2026-09-01),
function-reference/arguments/ (2026-08-13), events-reference/product_events/ (2026-08-06).
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from forge_emu.engine.delivery.delivery import Delivery, QueuedEvent, TriggerDelivery
from forge_emu.model import Consumer, Instant, Json, iso8601


class Installation(msgspec.Struct, frozen=True):
    """The one installation of the app that a run has: the scope of limits, queues and the store."""

    id: str
    cloud_id: str

    @classmethod
    def new(cls, new_id: Callable[[], str]) -> Installation:
        """An installation with fresh ids."""
        return cls(new_id(), new_id())

    @property
    def ari(self) -> str:
        """The installation's own address."""
        return f"ari:cloud:ecosystem::installation/{self.id}"

    def site(self, product: str) -> str:
        """The address of the site of `product` (`jira`, `confluence`)."""
        return f"ari:cloud:{product}::site/{self.cloud_id}"

    def context(self, product: str = "jira", account: str | None = None) -> dict[str, Json]:
        """A handler's second argument; `account` is the user who caused the event."""
        context: dict[str, Json] = {"installContext": self.site(product)}
        if account:
            context["principal"] = {"accountId": account}
        context["installation"] = {
            "ari": {"installationId": self.id},
            "contexts": [{"cloudId": self.cloud_id, "workspaceId": self.cloud_id}],
        }
        context["workspaceId"] = self.cloud_id
        return context


def consumer_event(
    event: QueuedEvent,
    consumer: Consumer,
    installation: Installation,
    retention_window: dict[str, Json] | None,
) -> Json:
    """The first argument of a consumer: an `AsyncEvent`, or the call of an old resolver."""
    retry = retry_context(event, retention_window)
    if consumer.method is not None:
        payload = event.item.body
        # The old form put it into the payload, which only an object can take.
        if retry and isinstance(payload, dict):
            payload = {**payload, "retryContext": retry}
        return {
            "call": {"functionKey": consumer.method, "payload": payload, "jobId": event.job_id},
            "context": {
                "cloudId": installation.cloud_id,
                "moduleKey": consumer.key,
                "jobId": event.job_id,
            },
        }
    argument: dict[str, Json] = {
        "queueName": event.queue,
        "jobId": event.job_id,
        "eventId": event.event_id,
        "body": event.item.body,
    }
    if event.item.delay_in_seconds:
        argument["delayInSeconds"] = event.item.delay_in_seconds
    if event.item.concurrency is not None:
        argument["concurrency"] = event.item.concurrency
    if retry:
        argument["retryContext"] = retry
    return argument


def trigger_event(delivery: TriggerDelivery) -> Json:
    """The first argument of a trigger: the product's payload, with the retry context on a retry."""
    retry = retry_context(delivery, None)
    if not retry:
        return delivery.event.payload
    return {**delivery.event.payload, "retryContext": retry}


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


def product_of(event_name: str) -> str:
    """`jira` or `confluence`, from an event's name (`avi:confluence:created:page`)."""
    parts = event_name.split(":")
    return "confluence" if len(parts) > 1 and parts[1] == "confluence" else "jira"


def subject_of(payload: dict[str, Json]) -> str | None:
    """What a product event is about, in a word: an issue key, a page's title."""
    for holder, field in (("issue", "key"), ("content", "title"), ("content", "id")):
        thing = payload.get(holder)
        if isinstance(thing, dict) and isinstance(thing.get(field), str):
            return str(thing[field])
    return None


def account_of(payload: dict[str, Json]) -> str | None:
    """The account that caused a product event."""
    account = payload.get("atlassianId")
    return account if isinstance(account, str) else None
