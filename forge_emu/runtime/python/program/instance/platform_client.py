"""Sends the SDK's calls to the host and returns its answers."""

from __future__ import annotations

import asyncio
import datetime
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from forge_emu.sdk.errors import ForgeSdkError
from forge_emu.sdk.platform import ServiceRequest, ServiceResponse

from ..shared import real_clock
from .channel import Channel
from .clock import InstanceClock
from .error_report import AppFiles, calling_place
from .invocation import CurrentInvocation
from .owners import current_owner
from .random_patch import HandlerRandom
from .waiting import WaitCoordinator

Json = Any
_HEADERS = {"content-type": "application/json"}
_MAX_UNANSWERED: Final = 50
"""Requests that are named when a handler returns before their answers."""
_MAX_UNANSWERED_BODY: Final = 4096
"""Characters of a body that goes with such a name."""

_MAX_LOST_THREADS: Final = 16
_MAX_LOST: Final = 1_000


@dataclass(frozen=True)
class _PendingRequest:
    invocation: CurrentInvocation
    message: Mapping[str, Json]
    place: str | None
    """The app's own call, as `file:line`."""
    on_answer: Callable[[Mapping[str, Json]], None]
    blocks_thread: bool


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
        files: AppFiles,
    ) -> None:
        self._lost: list[_PendingRequest] = []
        self.invocation: CurrentInvocation | None = None
        self._channel = channel
        self._waits = waits
        self._clock = clock
        self._random = random
        self._requests = serial << 32
        self._lock = threading.Lock()
        self._app = app
        self._files = files
        self._pending: dict[int, _PendingRequest] = {}
        channel.on_lost = self._lose_request

    def unanswered_requests(self, invocation: CurrentInvocation) -> dict[str, Json]:
        """What an invocation has asked for without an answer: the first requests, their number."""
        pending = [r for r in list(self._pending.values()) if r.invocation is invocation]
        if not pending:
            return {}
        requests = []
        for request in pending[:_MAX_UNANSWERED]:
            fields = {name: request.message[name] for name in ("options", "path", "method", "body")}
            if len(fields["body"] or "") > _MAX_UNANSWERED_BODY:
                fields["body"] = None
            requests.append({**fields, "place": request.place})
        return {"unanswered": requests, "unanswered_requests": len(pending)}

    @property
    def is_burdened(self) -> bool:
        """Whether lost requests keep so many threads and tasks that another instance is better."""
        threads = sum(request.blocks_thread for request in self._lost)
        return threads > _MAX_LOST_THREADS or len(self._lost) > _MAX_LOST

    def send(self, request: ServiceRequest) -> ServiceResponse:
        """Send `request` and wait for the answer, on any thread."""
        answers: list[ServiceResponse] = []
        self._send(request, lambda message: answers.append(_response(message)), blocks=True)
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

        self._send(request, receive, blocks=False)

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
            "permissions": {"scopes": list(app["scopes"]), "external": app["external"]},
        }

    def _send(
        self,
        request: ServiceRequest,
        on_answer: Callable[[Mapping[str, Json]], None],
        *,
        blocks: bool,
    ) -> None:
        if not self._channel.is_instance:
            raise ForgeSdkError(
                "a process that a handler has forked cannot call the platform: call it in the "
                "handler itself"
            )
        with self._lock:
            self._requests += 1
            request_id = self._requests
        invocation = self._owner()
        message = {
            "type": "request",
            "id": request_id,
            "thread": self._channel.index,
            "invocation": invocation.id if invocation else None,
            "options": dict(request.service),
            "path": request.path,
            "method": request.method,
            "headers": {**_HEADERS, **request.headers},
            "body": request.body,
        }
        if invocation is None:
            self._channel.expect_answer(request_id, on_answer)
            self._channel.send(b"Q", message)
            return
        late, place = invocation.ended, calling_place(self._files)
        pending = _PendingRequest(invocation, message, place, on_answer, blocks)
        if late and self._clock.now() > invocation.deadline:
            # Frozen: what it waits for never comes.
            self._lost.append(pending)
            return
        self._pending[request_id] = pending
        self._channel.expect_answer(request_id, lambda answer: self._answer(request_id, answer))
        if late:
            message = {**message, "late": True, "place": place}
        elif _is_product_write(message):
            message = {**message, "place": place}
        self._channel.send(b"Q", message)

    def _owner(self) -> CurrentInvocation | None:
        """Whose code calls. A thread that an earlier invocation has left works for this one."""
        owner, running = current_owner(), self.invocation
        if owner is None or (owner.ended and _is_plain_thread()):
            return running
        return owner

    def _answer(self, request_id: int, answer: Mapping[str, Json]) -> None:
        self._pending.pop(request_id).on_answer(answer)

    def _lose_request(self, request_id: int) -> None:
        if (request := self._pending.pop(request_id, None)) is not None:
            # Kept, or Python would say of its task that it was destroyed.
            self._lost.append(request)


def _is_product_write(message: Mapping[str, Json]) -> bool:
    """Whether a request may cause a product event: its record says where the app made it."""
    options = message["options"]
    to_product = options.get("type") == "fpp" and options.get("remote") != "stargate"
    return bool(to_product and message["method"] != "GET")


def _is_plain_thread() -> bool:
    """Whether this code runs on a thread without an event loop that is not the main one."""
    return threading.current_thread() is not threading.main_thread()


def _response(message: Mapping[str, Json]) -> ServiceResponse:
    headers = {name.lower(): value for name, value in message["headers"].items()}
    status, body, text = message["status"], message["body"], message["text"]
    return ServiceResponse(status, body, headers, text, message.get("network", ""))
