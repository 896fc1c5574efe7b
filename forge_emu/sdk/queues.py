"""Pushing events to a queue."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NotRequired, TypeAlias, TypedDict

from forge_emu.sdk import calls
from forge_emu.sdk.calls import AwaitableResult, NoResult
from forge_emu.sdk.errors import (
    InvalidPayloadError,
    InvalidPushSettingsError,
    InvalidQueueNameError,
    NoEventsToPushError,
    PartialSuccessError,
    PayloadTooBigError,
    TooManyEventsError,
)
from forge_emu.sdk.jobs import JobProgress, JobStats, check_status, queue_request
from forge_emu.sdk.json_text import byte_length, json_text
from forge_emu.sdk.platform import Json, ServiceRequest, ServiceResponse, platform_client
from forge_emu.sdk.responses import object_body, raise_proxy_error

MOST_EVENTS: Final = 50
LARGEST_PUSH_KB: Final = 200
LONGEST_DELAY: Final = 900
"""https://developer.atlassian.com/platform/forge/limits-async-events/ (2026-02-26); delay in s."""

_NAME = re.compile(r"[a-zA-Z0-9_-]+")


class Concurrency(TypedDict):
    """At most `limit` events with this `key` are handled at the same time."""

    key: str
    limit: int


class PushEvent(TypedDict):
    """One event of a push; the consumer gets it with the names of the wire (`delayInSeconds`)."""

    body: Mapping[str, Json]
    delay_in_seconds: NotRequired[float]
    concurrency: NotRequired[Concurrency]


Pushable: TypeAlias = PushEvent | Mapping[str, object]


@dataclass(frozen=True)
class Pushed(AwaitableResult):
    """A push that the queue has taken."""

    job_id: str


class Queue:
    """A queue of the manifest, by the key that its consumer names."""

    def __init__(self, key: str) -> None:
        """Raises InvalidQueueNameError unless `key` is made of letters, digits, - and _."""
        if not isinstance(key, str) or not _NAME.fullmatch(key):
            raise InvalidQueueNameError
        self.key = key

    def push(self, events: Pushable | Sequence[Pushable]) -> Pushed:
        """Queue one event or up to 50; all of them are one job. Raises an EventsError."""
        job_id = ""
        sent: list[dict[str, Json]] = []

        def prepare() -> ServiceRequest:
            nonlocal job_id
            sent.extend(_wire_events(events))
            payload = json_text(sent)
            if byte_length(payload) / 1024 > LARGEST_PUSH_KB:
                raise PayloadTooBigError(f"The maximum payload size is {LARGEST_PUSH_KB}KB.")
            job_id = platform_client().new_id()
            return queue_request("publish", self.key, job_id, payload)

        def read(response: ServiceResponse) -> Pushed:
            raise_proxy_error(response)
            if response.status == 202:
                raise _partial_success_error(response, job_id, sent)
            if response.status == 413:
                raise PayloadTooBigError(str((object_body(response) or {}).get("errorMessage", "")))
            check_status(201, response)
            return Pushed(job_id)

        return calls.start_call(prepare, read)

    def get_job(self, job_id: str) -> JobProgress:
        """The job that a push began. Calls no service."""
        return JobProgress(self.key, job_id)

    def get_stats(self, job_id: str) -> JobStats:
        """How far a job is. Raises JobDoesNotExistError."""
        return self.get_job(job_id).get_stats()

    def cancel(self, job_id: str) -> NoResult:
        """Cancel what of a job has not started, retries included. Raises JobDoesNotExistError."""
        return self.get_job(job_id).cancel()


def _wire_events(events: Any) -> list[dict[str, Json]]:
    """The events under the names of the wire, checked in the order of the packages."""
    items = list(events) if isinstance(events, (list, tuple)) else [events]
    if not items:
        raise NoEventsToPushError
    if len(items) > MOST_EVENTS:
        raise TooManyEventsError(MOST_EVENTS)
    return [_wire_event(item) for item in items]


def _wire_event(item: Any) -> dict[str, Json]:
    if not isinstance(item, Mapping):
        raise InvalidPayloadError("Event must be an object.")
    event = dict(item)
    if not isinstance(event.get("body"), Mapping):
        raise InvalidPayloadError("Event body must be an object.")
    event["body"] = dict(event["body"])
    if "delay_in_seconds" in event:
        event["delayInSeconds"] = event.pop("delay_in_seconds")
    delay = _js_number(event.get("delayInSeconds"))
    if delay and (delay > LONGEST_DELAY or delay < 0):
        raise InvalidPushSettingsError(LONGEST_DELAY)
    return event


def _js_number(value: Any) -> float:
    """As JavaScript compares: texts of numbers count, everything else is no number."""
    try:
        return float(value or 0)
    except (TypeError, ValueError):
        return 0.0


def _partial_success_error(
    response: ServiceResponse, job_id: str, sent: Sequence[Json]
) -> PartialSuccessError:
    body = object_body(response) or {}
    failed = body.get("failedEvents")
    events = [
        {"error_message": f.get("errorMessage"), "payload": _sent_event(sent, f.get("index"))}
        for f in (failed if isinstance(failed, list) else [])
    ]
    message = body.get("errorMessage")
    counted = f"Failed to process {len(events)} event(s)." if events else None
    text = " ".join(part for part in (counted, message) if part)
    return PartialSuccessError(text or "Failed to process some events.", job_id, events)


def _sent_event(sent: Sequence[Json], index: Any) -> Json:
    try:
        return sent[int(index)]
    except (TypeError, ValueError, IndexError):
        return None
