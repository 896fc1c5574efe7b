"""What has become of a push, and the calls that the queue service takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

from forge_emu.sdk import calls
from forge_emu.sdk.calls import AwaitableResult, NoResult
from forge_emu.sdk.errors import (
    InternalServerError,
    InvocationLimitReachedError,
    JobDoesNotExistError,
    RateLimitError,
)
from forge_emu.sdk.json_text import json_text
from forge_emu.sdk.platform import ServiceRequest, ServiceResponse, platform_client
from forge_emu.sdk.responses import json_body, object_body, raise_proxy_error

_SERVICE: Final = {"type": "fpp", "provider": "app", "remote": "stargate"}
# The service fills in what stands in braces.
_PATH_PARAMETERS: Final = "{contextAri}/{environmentId}/{appId}/{appVersion}"


@dataclass(frozen=True)
class JobStats(AwaitableResult):
    """How many events of a job have succeeded, are under way, and have failed."""

    success: int
    in_progress: int
    failed: int


class JobProgress:
    """One job: the events of one push."""

    def __init__(self, queue: str, job_id: str) -> None:
        self.job_id = job_id
        self._queue = queue

    def get_stats(self) -> JobStats:
        """How far it is. Raises JobDoesNotExistError."""

        def read(response: ServiceResponse) -> JobStats:
            self._check_status(200, response)
            body = json_body(response)
            return JobStats(body["success"], body["inProgress"], body["failed"])

        return calls.start_call(lambda: self._request("stats"), read)

    def cancel(self) -> NoResult:
        """Cancel what has not started, retries included. Raises JobDoesNotExistError."""

        def read(response: ServiceResponse) -> None:
            self._check_status(204, response)

        return cast("NoResult", calls.start_call(lambda: self._request("cancel"), read))

    def _request(self, call: str) -> ServiceRequest:
        if not self.job_id:
            raise JobDoesNotExistError("jobId cannot be empty.")
        return queue_request(call, self._queue, self.job_id)

    def _check_status(self, status: int, response: ServiceResponse) -> None:
        raise_proxy_error(response)
        if response.status == 404:
            raise JobDoesNotExistError(
                f"The job {self.job_id} was not found for the queue {self._queue}."
            )
        check_status(status, response)


def queue_request(call: str, queue: str, job_id: str, payload: str | None = None) -> ServiceRequest:
    """A call of the queue service; `payload` is JSON text already."""
    fields = [f'"queueName":{json_text(queue)}', f'"jobId":{json_text(job_id)}']
    if payload is not None:
        fields.append('"type":"avi:forge:app:event"')
        fields.append('"schema":"ari:cloud:ecosystem::forge/app-event-2"')
        fields.append(f'"payload":{payload}')
    fields.append(f'"time":{json_text(platform_client().now_iso())}')
    return ServiceRequest(
        _SERVICE, f"/webhook/queue/{call}/{_PATH_PARAMETERS}", "{" + ",".join(fields) + "}"
    )


def check_status(status: int, response: ServiceResponse) -> None:
    """Raise what any other status than `status` means to an app."""
    if response.status == status:
        return
    if response.status == 429:
        raise RateLimitError
    if response.status == 405:
        raise InvocationLimitReachedError
    text = f"{response.status} {response.status_text}"
    body = object_body(response)
    if body is None:
        raise InternalServerError(text, response.status)
    if message := body.get("message"):
        text += f": {message}"
    if isinstance(errors := body.get("errors"), list):
        text += f": {', '.join(map(str, errors))}"
    raise InternalServerError(text, body.get("code"), body.get("details"))
