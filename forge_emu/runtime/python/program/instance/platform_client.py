"""Sends the SDK's calls to the host and returns its answers."""

from __future__ import annotations

import asyncio
import datetime
import http
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from forge_emu.sdk.errors import ForgeSdkError
from forge_emu.sdk.platform import ServiceRequest, ServiceResponse

from ..shared import real_clock
from .channel import Channel
from .clock import InstanceClock
from .invocation import CurrentInvocation
from .random_patch import HandlerRandom
from .waiting import WaitCoordinator

Json = Any
_HEADERS = {"content-type": "application/json"}


class HostPlatformClient:
    """Implements `forge_emu.sdk.platform.PlatformClient` inside an instance."""

    def __init__(
        self,
        channel: Channel,
        waits: WaitCoordinator,
        clock: InstanceClock,
        random: HandlerRandom,
        serial: int,
        app: Mapping[str, Json],
    ) -> None:
        self.invocation: CurrentInvocation | None = None
        self._channel = channel
        self._waits = waits
        self._clock = clock
        self._random = random
        self._requests = serial << 32
        self._app = app

    def send(self, request: ServiceRequest) -> ServiceResponse:
        """Send `request` and wait for the answer, on any thread."""
        answers: list[ServiceResponse] = []
        self._send(request, lambda message: answers.append(_response(message)))
        self._waits.wait_until(lambda: bool(answers))
        return answers[0]

    def send_nowait(
        self, request: ServiceRequest, on_response: Callable[[ServiceResponse], None]
    ) -> None:
        """Send `request` at once; `on_response` is called on the event loop that runs here."""
        loop = asyncio.get_running_loop()
        here = real_clock.thread_id()

        def receive(message: Mapping[str, Json]) -> None:
            self._channel.answers_delivered += 1
            response = _response(message)
            if real_clock.thread_id() == here:
                on_response(response)
            elif not loop.is_closed():
                loop.call_soon_threadsafe(on_response, response)

        self._send(request, receive)

    def now_iso(self) -> str:
        """The present instant in ISO 8601, with milliseconds."""
        ms = self._clock.epoch_ms + int(self._clock.handler_now())
        at = datetime.datetime.fromtimestamp(ms // 1000, datetime.UTC)
        return f"{at:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"

    def new_id(self) -> str:
        """A fresh id, from the seed."""
        return str(uuid.UUID(bytes=self._random.random_bytes(16), version=4))

    def app_context(self) -> Mapping[str, Json]:
        """What `getAppContext` answers, under the SDK's names."""
        app, invocation = self._app, self.invocation
        context: Mapping[str, Json] = invocation.context if invocation else {}
        installation = context.get("installation")
        ari = (installation or {}).get("ari", {}).get("installationId")
        app_id, environment = app["id"], app["environment_id"]
        return {
            "app_ari": f"ari:cloud:ecosystem::app/{app_id}",
            "app_version": app["version"],
            "environment_ari": f"ari:cloud:ecosystem::environment/{app_id}/{environment}",
            "environment_type": "DEVELOPMENT",
            "installation_ari": None if ari is None else f"ari:cloud:ecosystem::installation/{ari}",
            "invocation_id": invocation.id if invocation else None,
            "module_key": invocation.module_key if invocation else None,
            "license": context.get("license"),
            "installation": installation,
            "permissions": {"scopes": list(app["scopes"]), "external": {}},
        }

    def _send(
        self, request: ServiceRequest, on_answer: Callable[[Mapping[str, Json]], None]
    ) -> None:
        if not self._channel.is_instance:
            raise ForgeSdkError(
                "a process that a handler has forked cannot call the platform: call it in the "
                "handler itself"
            )
        self._requests += 1
        invocation = self.invocation
        self._channel.expect_answer(self._requests, on_answer)
        self._channel.send(
            b"Q",
            {
                "type": "request",
                "id": self._requests,
                "thread": self._channel.index,
                "invocation": invocation.id if invocation else None,
                "options": dict(request.service),
                "path": request.path,
                "method": request.method,
                "headers": {**_HEADERS, **request.headers},
                "body": request.body,
                "late": invocation.ended if invocation else False,
            },
        )


def _response(message: Mapping[str, Json]) -> ServiceResponse:
    headers = {name.lower(): value for name, value in message["headers"].items()}
    text = message.get("text")
    if text is None:
        text = _status_phrase(message["status"])
    return ServiceResponse(message["status"], message["body"], headers, text)


def _status_phrase(status: int) -> str:
    """The reason phrase. `services.product` has the same, which cannot be imported here."""
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return ""
