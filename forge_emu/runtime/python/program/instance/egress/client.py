"""Asks forge-emu about requests to the outside, and tells it how those ended that went out."""

from __future__ import annotations

import errno
import math
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from forge_emu.sdk.platform import ServiceRequest, ServiceResponse

from ..channel import Channel
from ..clock import InstanceClock
from ..platform_client import HostPlatformClient
from .answer_copy import AnswerCopy
from .http_messages import HttpRequest, response_bytes

_SERVICE: Final = {"type": "egress"}
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_FORKED: Final = (
    "a process that a handler has forked cannot send requests to the outside: send them in the "
    "handler itself"
)


@dataclass
class Target:
    """Where a connection leads. `tls` says what it was encrypted with; None is plain."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None
    server_name: str | None = None

    def url(self, request: HttpRequest) -> str:
        """The whole address that `request` asks for."""
        scheme = "http" if self.tls is None else "https"
        path = request.target
        if path.lower().startswith(("http://", "https://")):
            path = "/" + path.partition("://")[2].partition("/")[2]
        port = "" if self.port == _DEFAULT_PORTS[scheme] else f":{self.port}"
        return f"{scheme}://{self.name}{port}{path}"

    @property
    def name(self) -> str:
        """The host as it stands in an address."""
        return f"[{self.host}]" if ":" in self.host else self.host


@dataclass
class SentRequest:
    """A request that went out: when, and whether its end was told."""

    method: str
    url: str
    invocation: str | None
    started_at: float
    seconds: float | None
    """Emulated seconds that it may take; None for any."""
    ended: bool = field(default=False)
    copy: AnswerCopy | None = None
    """Copies the answer, where the invocation keeps what is in its event."""


class EgressClient:
    """What the patched sockets need of an instance."""

    def __init__(
        self, platform: HostPlatformClient, channel: Channel, clock: InstanceClock
    ) -> None:
        self._platform = platform
        self._channel = channel
        self._clock = clock

    def ask(self, target: Target, request: HttpRequest) -> ServiceResponse:
        """Forge-emu's answer, on any thread. Raises ConnectionRefusedError."""
        self._require_instance()
        return self._platform.send(_service_request(target, request))

    def ask_nowait(
        self, target: Target, request: HttpRequest, on_answer: Callable[[ServiceResponse], None]
    ) -> None:
        """Ask, and call `on_answer` on the running event loop. Raises ConnectionRefusedError."""
        self._require_instance()
        self._platform.send_nowait(_service_request(target, request), on_answer)

    def refuse(self, kind: str, target: Target) -> ConnectionRefusedError:
        """The error for a connection that is no HTTP (`TCP`, `UDP`), which is put on record."""
        if not self._channel.is_instance:
            return refusal(_FORKED)
        return refusal(self._platform.send(_connection_request(kind, target)).body)

    def refuse_nowait(
        self, target: Target, on_refused: Callable[[ConnectionRefusedError], None]
    ) -> None:
        """The same on the running event loop."""
        self._platform.send_nowait(
            _connection_request("TCP", target), lambda answer: on_refused(refusal(answer.body))
        )

    def begin_sending(
        self, target: Target, request: HttpRequest, answer: ServiceResponse
    ) -> SentRequest:
        """A request goes out, as `answer` allows."""
        invocation = self._platform.invocation
        keeps = invocation is not None and invocation.keeps_result
        return SentRequest(
            request.method,
            target.url(request),
            invocation.id if invocation else None,
            self._clock.now(),
            float(answer.body) if answer.body else None,
            copy=AnswerCopy(request.method) if keeps else None,
        )

    def add_answer(self, sent: SentRequest, data: bytes) -> None:
        """Some of the answer has come, or its end: no data."""
        told = None if sent.copy is None else sent.copy.feed(data)
        if told is None:
            return
        body, cut = told
        answered = {"invocation_id": sent.invocation, "method": sent.method, "url": sent.url}
        self._channel.send(b"Q", {"type": "sent_answered", **answered, "body": body, "cut": cut})

    def real_seconds_for(self, sent: SentRequest) -> float | None:
        """Real seconds that it may take; None for any."""
        if sent.seconds is None or self._clock.virtual:
            return sent.seconds
        seconds = self._clock.real_seconds_until(self._clock.now() + sent.seconds * 1000)
        return seconds if math.isfinite(seconds) else None

    def end_sending(
        self,
        sent: SentRequest,
        status: int | None,
        error: BaseException | None = None,
        *,
        timed_out: bool = False,
    ) -> None:
        """A request that went out was answered, or failed."""
        if sent.ended:
            return
        sent.ended = True
        ended: dict[str, Any] = {
            "type": "sent_ended",
            "invocation_id": sent.invocation,
            "method": sent.method,
            "url": sent.url,
            "status": status,
            "duration_ms": max(0, round(self._clock.now() - sent.started_at)),
            "error": None if error is None else str(error) or type(error).__name__,
            "timed_out": timed_out,
        }
        self._channel.send(b"Q", ended)

    def _require_instance(self) -> None:
        if not self._channel.is_instance:
            raise refusal(_FORKED)


def refusal(message: str) -> ConnectionRefusedError:
    """The error of a connection that may not be made."""
    return ConnectionRefusedError(errno.ECONNREFUSED, message)


def answer_bytes(request: HttpRequest, answer: ServiceResponse) -> bytes:
    """The response that `answer` is."""
    return response_bytes(
        answer.status,
        answer.status_text,
        answer.headers,
        answer.body,
        is_head=request.method == "HEAD",
    )


def late_bytes() -> bytes:
    """The response to a request that took longer than the platform allows."""
    text = "The request took longer than the platform allows."
    return response_bytes(504, "Gateway Timeout", {}, text)


def _service_request(target: Target, request: HttpRequest) -> ServiceRequest:
    body = request.content.decode(errors="replace") if request.content else None
    headers = {name.lower(): value for name, value in request.headers}
    return ServiceRequest(_SERVICE, target.url(request), body, request.method, headers)


def _connection_request(kind: str, target: Target) -> ServiceRequest:
    address = f"{kind.lower()}://{target.name}:{target.port}"
    return ServiceRequest(_SERVICE, address, None, kind)
