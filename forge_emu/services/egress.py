"""Requests to addresses outside the platform: allowed by the manifest, answered, sent or refused.

`fetch`, `https.request` and what is built upon them reach this from handlers of both languages.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import Final, Literal, TypeAlias

from forge_emu import settings as s
from forge_emu.model import MINUTE, Instant, UnansweredRequest
from forge_emu.ports import AppRequest, AppResponse, SentRequestEnded
from forge_emu.records import Log, RequestEnded, RequestRefused, RequestSent
from forge_emu.services.mocks import mocked
from forge_emu.services.mocks.addresses import is_allowed, is_loopback, shown_address
from forge_emu.services.mocks.mock import Mocks
from forge_emu.services.mocks.proposals import proposed_mock
from forge_emu.services.platform import Platform, service_name
from forge_emu.settings.refusals import EGRESS_HELD_BACK, EGRESS_HTTPS, EGRESS_PERMISSION

Network: TypeAlias = Literal["held_back", "offline", "open", "announced"]
"""Whether requests that no mock answers leave the machine: they wait for `--network`, they are
refused by `--offline`, they go out, or they go out and the first one is warned of."""

TYPE: Final = "egress"
"""`options.type` of a request to the outside."""

NOT_HTTP: Final = ("TCP", "UDP")
"""Methods that stand for a connection that is no HTTP."""

_REMEMBERED: Final = 1_000


class Egress:
    """Decides on every request to the outside, and counts them by invocation."""

    def __init__(self, platform: Platform, mocks: Mocks) -> None:
        self.network: Network = "open"
        self._platform = platform
        self._mocks = mocks
        self._announced = False
        self._counts: OrderedDict[str | None, int] = OrderedDict()

    @property
    def is_open(self) -> bool:
        """Whether requests that no mock answers go out."""
        return self.network in ("open", "announced")

    def reply(self, request: AppRequest, now: Instant) -> AppResponse:
        """The answer, the order to send the request to its address, or a refusal on record.

        The platform answers 403 and a text for an address that the manifest does not allow; it
        raises nothing. [`@forge/api` 8.3.0 for the text; reports by apps, 2026-04-18 and later, for
        status and header]
        """
        if request.method in NOT_HTTP:
            return self._refuse_connection(request, now)
        if (refused := self.refuse_over_limit(request, now)) is not None:
            return refused
        platform = self._platform
        host, path = shown_address(request.path)
        plain_http = platform.settings[s.EGRESS_PLAIN_HTTP]
        free = plain_http != "refused"
        is_free = plain_http == "allowed" or (free and is_loopback(host))
        goes_out = host.startswith("https://") or is_free
        if not is_allowed(host, platform.app.egress, loopback_is_free=free):
            return self._refuse_address(request, host, now, goes_out=goes_out)
        if not goes_out:
            text = f"{request.method} {host}{path} was refused, as on Forge: only HTTPS goes out."
            advice = f"{text} Call it by https://."
            self._record(request, 400, EGRESS_HTTPS.name, advice, now, has_mock=False)
            return AppResponse(400, text)
        if found := self._mocks.take_answer(request):
            return mocked.respond(platform, request, found, now)
        if self.is_open:
            return self._send(request, now)
        return self._hold_back(request, now)

    def refuse_over_limit(self, request: AppRequest, now: Instant) -> AppResponse | None:
        """Count a request of its invocation; a refusal (429) beyond what the platform allows.

        limits-invocation/ (2026-09-01): 100 for each started minute of the function's timeout.
        The status is an emulator choice.
        """
        who = request.invocation_id
        count = self._counts.pop(who, 0) + 1
        self._counts[who] = count
        if len(self._counts) > _REMEMBERED:
            self._counts.popitem(last=False)
        per_minute = self._platform.settings[s.EGRESS_REQUESTS]
        if per_minute is None:
            return None
        timeout = self._platform.timeout_of(who)
        most = per_minute * max(1, math.ceil((timeout or 0) / MINUTE))
        if count <= most:
            return None
        host, path = shown_address(request.path)
        text = (
            f"{request.method} {host}{path} was refused: an invocation of this function may make "
            f"{most:,} requests, {per_minute:,} for each minute of its timeout."
        )
        self._record(request, 429, s.EGRESS_REQUESTS.name, text, now)
        return AppResponse(429, text)

    def end_late(self, request: AppRequest, now: Instant) -> AppResponse:
        """The answer to a request that took longer than the platform allows, and a record.

        limits-invocation/ (2026-09-01). What the app gets is an emulator choice.
        """
        seconds = self._platform.settings[s.EGRESS_SECONDS]
        host, path = shown_address(request.path)
        text = f"{request.method} {host}{path} was ended after {seconds} s, as on Forge."
        self._record(request, 504, s.EGRESS_SECONDS.name, text, now)
        return AppResponse(504, text)

    def record_ended(self, ended: SentRequestEnded, now: Instant) -> None:
        """A request that went out was answered, or failed."""
        host, path = shown_address(ended.url)
        if ended.timed_out:
            request = AppRequest(
                0, ended.invocation_id, {"type": TYPE}, ended.url, ended.method, {}, None
            )
            self.end_late(request, now)
            return
        body = RequestEnded(
            method=ended.method,
            host=host,
            path=path,
            status=ended.status,
            duration_ms=ended.duration_ms,
            error=ended.error,
            invocation_id=ended.invocation_id,
        )
        self._platform.record(body, now)

    def record_sent(self, request: AppRequest, url: str, now: Instant) -> None:
        """A request goes out to `url`; the first one is warned of where nobody asked for it."""
        host, path = shown_address(url)
        if self.network == "announced" and not self._announced:
            self._announced = True
            text = (
                f"{request.method} {host}{path} goes out to its real address, as will all requests "
                "that no mock answers. --offline keeps them in."
            )
            # Of no invocation: it is shown also where what handlers print is not.
            self._platform.record(Log(level="warn", message=text), now)
        body = RequestSent(
            method=request.method, host=host, path=path, invocation_id=request.invocation_id
        )
        self._platform.record(body, now)

    def _send(self, request: AppRequest, now: Instant) -> AppResponse:
        self.record_sent(request, request.path, now)
        seconds = self._platform.settings[s.EGRESS_SECONDS]
        return AppResponse(200, "" if seconds is None else str(seconds), network="send")

    def _hold_back(self, request: AppRequest, now: Instant) -> AppResponse:
        host, path = shown_address(request.path)
        why = (
            "--offline lets nothing out"
            if self.network == "offline"
            else "without --network nothing goes out"
        )
        text = f"{request.method} {host}{path} was held back: {why}. {_advice(request)}".rstrip()
        self._record(request, None, EGRESS_HELD_BACK.name, text, now)
        return AppResponse(502, text, network="fail")

    def _refuse_address(
        self, request: AppRequest, host: str, now: Instant, *, goes_out: bool
    ) -> AppResponse:
        """A mock is proposed only where nothing but the manifest and a mock is missing."""
        path = shown_address(request.path)[1]
        address = host if goes_out else host.replace("http://", "https://", 1)
        lacks_mock = goes_out and not self._mocks.has_answer(request)
        text = (
            f"{request.method} {host}{path} was held back, as Forge refuses it: the manifest does "
            f"not allow the address. Add `- address: '{address}'` to "
            "permissions.external.fetch.backend."
        )
        if not goes_out:
            text += " Only HTTPS goes out: call it by https://."
        elif lacks_mock:
            text += f" Then, {_advice(request, capital=False)}"
        self._record(request, 403, EGRESS_PERMISSION.name, text, now, has_mock=lacks_mock)
        seen = (
            "URL not included in the external fetch backend permissions: "
            f"{request.path}. Visit go.atlassian.com/forge-egress for more information."
        )
        return AppResponse(403, seen, {"forge-proxy-error": "BLOCKED_EGRESS"})

    def _refuse_connection(self, request: AppRequest, now: Instant) -> AppResponse:
        host = request.path.partition("://")[2]
        text = (
            f"a {request.method} connection to {host} was refused, as on Forge: only HTTPS goes out"
        )
        self._record(request, None, EGRESS_HTTPS.name, f"{text}.", now)
        return AppResponse(502, text, network="fail")

    def _record(
        self,
        request: AppRequest,
        status: int | None,
        limit: str,
        message: str,
        now: Instant,
        *,
        has_mock: bool = True,
    ) -> None:
        self.record_refused(request, request.path, status, limit, message, now, has_mock=has_mock)

    def record_refused(
        self,
        request: AppRequest,
        url: str,
        status: int | None,
        limit: str,
        message: str,
        now: Instant,
        *,
        has_mock: bool = True,
    ) -> None:
        """Record that a request to `url` was refused; an empty one is that of no address.

        `has_mock`: a mock to write is part of what would have it answered.
        """
        host, path = shown_address(url or request.path)
        if request.method in NOT_HTTP:
            host, path = request.path, ""
        body = RequestRefused(
            service=service_name(request),
            method=request.method,
            host=host,
            path=path,
            status=status,
            limit=limit,
            message=message,
            mock=proposed_mock(request) if has_mock else None,
            invocation_id=request.invocation_id,
        )
        self._platform.record(body, now)


def call_text(request: AppRequest | UnansweredRequest) -> str:
    """Method and address of a request to the outside, without what looks secret."""
    host, path = shown_address(request.path)
    return f"{request.method} {host}{path}"


def _advice(request: AppRequest, *, capital: bool = True) -> str:
    mock = proposed_mock(request)
    if mock is None:
        return "No mock can answer it." if capital else "send it with --network."
    begin = "To" if capital else "to"
    return f"{begin} have it answered, put this into forge-emu.yml: mocks: [{mock}]"
