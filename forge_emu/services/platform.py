"""What the services need of the engine, and the shapes of what they answer."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final, Protocol

import msgspec

from forge_emu.engine.installation import Installation
from forge_emu.engine.kvs.requests import KvsAnswer, KvsCall
from forge_emu.engine.product_rates.product_rates import ProductRates
from forge_emu.engine.web_trigger_urls import WebTriggerUrls
from forge_emu.errors import Fault
from forge_emu.model import (
    App,
    Instant,
    Invocation,
    JobStats,
    Json,
    Millis,
    PushRequest,
    UnansweredRequest,
)
from forge_emu.ports import AppRequest, AppResponse
from forge_emu.records import AnyBody, KvsRefused, RequestUnsupported
from forge_emu.settings import Settings
from forge_emu.site.site import Site

JSON_HEADERS = {"content-type": "application/json"}
_PHRASES: Final = {status.value: status.phrase for status in HTTPStatus}


class Platform(Protocol):
    """The engine, as far as an app's requests reach it. Refusals are raised as Fault."""

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        ...

    @property
    def epoch_ms(self) -> int:
        """The instant 0 in real time."""
        ...

    @property
    def app(self) -> App:
        """The app in use."""
        ...

    @property
    def web_trigger_urls(self) -> WebTriggerUrls:
        """What the run remembers of the addresses of web triggers."""
        ...

    @property
    def site(self) -> Site:
        """What the products hold."""
        ...

    def send_product_event(
        self, name: str, payload: dict[str, Json], invocation_id: str | None, now: Instant
    ) -> None:
        """The site has changed, by an invocation: the triggers that listen are told."""
        ...

    def principal_of(self, invocation_id: str | None) -> str | None:
        """The account in whose name a running invocation was called."""
        ...

    def invocation(self, invocation_id: str | None) -> Invocation | None:
        """A running invocation; None for any other."""
        ...

    @property
    def installation(self) -> Installation:
        """The installation that the app runs in."""
        ...

    def timeout_of(self, invocation_id: str | None) -> Millis | None:
        """The time that a running invocation has; None for any other."""
        ...

    def push(self, request: PushRequest, now: Instant) -> str:
        """Put events on a queue and answer the job's id."""
        ...

    def call_kvs(self, call: KvsCall, now: Instant) -> KvsAnswer:
        """Call the key-value store with what an app asks for."""
        ...

    def cancel_job(self, job_id: str, queue: str | None, now: Instant) -> None:
        """Cancel what of a job has not started."""
        ...

    def job_stats(self, job_id: str, queue: str | None = None) -> JobStats:
        """How far a job is."""
        ...

    def has_given_up(self, invocation_id: str) -> bool:
        """Whether an invocation was ended from outside, though its code may still run somewhere."""
        ...

    @property
    def product_rates(self) -> ProductRates:
        """What the products let the app call."""
        ...

    def inject_product_fault(self, product: str, invocation_id: str | None, now: Instant) -> None:
        """Called before a product or a mock answers. Raises Fault where a fault rule fails the
        request."""
        ...

    def loses_request(self, invocation_id: str, request: str) -> bool:
        """Whether a request that no handler waits for is lost; `request` says what it asks."""
        ...

    def record(self, body: AnyBody, now: Instant) -> None:
        """Append a record of something that a service did."""
        ...


def json_text_response(status: int, body: bytes | str = "") -> AppResponse:
    """A response whose body, where there is one, is JSON text."""
    return AppResponse(
        status=status,
        body=body if isinstance(body, str) else body.decode(),
        headers=JSON_HEADERS if body else {},
        status_text=_PHRASES[status],
    )


def json_response(status: int, body: Json) -> AppResponse:
    """A response with `body` as JSON."""
    return json_text_response(status, msgspec.json.encode(body))


def fault_response(fault: Fault) -> AppResponse:
    """The response that makes the app see `fault`."""
    body = msgspec.json.encode(fault.body).decode()
    return AppResponse(
        status=fault.status,
        body=body,
        headers={**JSON_HEADERS, **fault.headers},
        status_text=_PHRASES[fault.status],
    )


def service_name(request: AppRequest | UnansweredRequest) -> str:
    """`fpp/app/stargate`: the three words by which the packages name a service."""
    words = (request.options.get(name) for name in ("type", "provider", "remote"))
    return "/".join(str(word) for word in words if word)


def not_emulated_response(
    platform: Platform,
    request: AppRequest,
    what: str,
    advice: str,
    now: Instant,
    mock: str | None = None,
) -> AppResponse:
    """501 and a record for `what`, a part of the platform that is missing here.

    `mock` is the mock that would answer it.

    `errorMessages` is where the product APIs and `appEvents.publish` look for the text.
    """
    message = record_unsupported(platform, request, what, advice, now, mock)
    body = {"code": "NOT_EMULATED", "message": message, "errorMessages": [message]}
    return json_response(501, body)


def record_kvs_refused(
    platform: Platform,
    operation: str,
    fault: Fault,
    invocation_id: str | None,
    now: Instant,
) -> None:
    """Record that a call of the store was refused because it could not be read."""
    platform.record(
        KvsRefused(
            operation=operation,
            key="",
            code=fault.body["code"],
            status=fault.status,
            limit=fault.limit,
            invocation_id=invocation_id,
        ),
        now,
    )


def record_unsupported(
    platform: Platform,
    request: AppRequest,
    what: str,
    advice: str,
    now: Instant,
    mock: str | None = None,
) -> str:
    """Record that the app called for `what`, and answer the message for the app."""
    message = f"forge-emu does not emulate {what} yet. {advice}"
    platform.record(
        RequestUnsupported(
            service=service_name(request),
            method=request.method,
            path=request.path,
            message=message,
            invocation_id=request.invocation_id,
            mock=mock,
        ),
        now,
    )
    return message
