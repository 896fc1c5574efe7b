"""Checks who may call the control API; refused requests leave a record."""

from __future__ import annotations

import hmac
from collections.abc import Callable

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from forge_emu.control.addresses import JWKS_PATH, Addresses
from forge_emu.control.calls.web_trigger_addresses import is_web_trigger
from forge_emu.control.http import most_body
from forge_emu.control.page.access import PageAccess
from forge_emu.control.session import FILE, FOLDER
from forge_emu.errors import NotFoundError, UserError
from forge_emu.records import ControlRefused
from forge_emu.services.remote_api.requests import is_api_path

RecordRefusal = Callable[[ControlRefused], None]
_LONGEST_PATH, _LONGEST_REASON = 200, 300


class ErrorResponses:
    """Builds error responses, and records refusals. A missing thing (404) is no refusal."""

    def __init__(self, record_refusal: RecordRefusal) -> None:
        self._record_refusal = record_refusal

    def record(self, scope: Scope, status: int, message: str) -> None:
        """Record that a request was refused."""
        self._record_refusal(refusal_record(scope["method"], scope["path"], status, message))

    def error_response(self, scope: Scope, status: int, message: str, hint: str | None) -> Response:
        """The response that refuses a request."""
        if status != 404:
            self.record(scope, status, message)
        content = msgspec.json.encode({"error": {"message": message, "hint": hint}})
        return Response(content, status_code=status, media_type="application/json")

    async def on_http_exception(self, request: Request, error: Exception) -> Response:
        """The response to what a route cannot take."""
        assert isinstance(error, HTTPException)
        return self.error_response(request.scope, error.status_code, str(error.detail), None)

    async def on_user_error(self, request: Request, error: Exception) -> Response:
        """The response to what the user can correct."""
        assert isinstance(error, UserError)
        status = 404 if isinstance(error, NotFoundError) else 400
        return self.error_response(request.scope, status, error.message, error.hint)

    async def on_unexpected_error(self, request: Request, error: Exception) -> Response:
        """The response to an unexpected error."""
        message = f"forge-emu broke: {error!r}"
        return self.error_response(request.scope, 500, message, "Please report it.")


class Guard:
    """Lets only the session's own programs in: its token, a Host of this machine, no web page.

    The Host check keeps out pages that had their name resolved to 127.0.0.1 (DNS rebinding). With
    `page_access`, the live page is let in by its cookie; its route `/` looks at links itself.
    """

    def __init__(
        self,
        app: ASGIApp,
        token: str,
        addresses: Addresses,
        refusals: ErrorResponses,
        page_access: PageAccess | None = None,
    ) -> None:
        self._app = app
        self._token = token.encode()
        self._addresses = addresses
        self._error_responses = refusals
        self._page_access = page_access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or refuse it."""
        if scope["type"] == "http" and scope["path"] == JWKS_PATH and scope["method"] == "GET":
            # Public keys are for every remote, wherever it runs and however it names this machine.
            await self._app(scope, receive, send)
            return
        if scope["type"] == "http" and (refusal := self._refusal(scope)):
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1").lower()
        if not self._addresses.accepts_host(host):
            message = f"the Host header {host[:100]!r} is not this machine"
            hint = "If that is a name of this machine, start the emulator with it as its --host."
            return self._error_responses.error_response(scope, 403, message, hint)
        origin = headers.get(b"origin")
        if origin is not None and origin.decode("latin-1").lower() != f"http://{host}":
            message = f"requests of web pages are not answered (origin {origin.decode('latin-1')})"
            return self._error_responses.error_response(scope, 403, message, None)
        # A remote brings the token that it was given, which its route checks.
        if is_web_trigger(scope) or is_api_path(scope["path"]):
            return None
        if self._page_access is not None and scope["path"] == "/" and scope["method"] == "GET":
            return None
        if not self._has_token(headers) and not self._is_page(scope, headers):
            message, hint = "the token is missing or wrong", f"It is in {FOLDER}/{FILE}."
            return self._error_responses.error_response(scope, 401, message, hint)
        # Python reads no numbers of over 4,300 digits.
        length = headers.get(b"content-length", b"0")[:20]
        most = most_body(scope["path"])
        if length.isdigit() and int(length) > most:
            message = f"the body is over {most:,} bytes"
            return self._error_responses.error_response(scope, 413, message, None)
        return None

    def _has_token(self, headers: dict[bytes, bytes]) -> bool:
        scheme, _, token = headers.get(b"authorization", b"").partition(b" ")
        return scheme.lower() == b"bearer" and hmac.compare_digest(token.strip(), self._token)

    def _is_page(self, scope: Scope, headers: dict[bytes, bytes]) -> bool:
        """Whether the live page itself asks, which is not every page with its cookie.

        Browsers send a cookie of 127.0.0.1 with requests of pages from its other ports, too.
        """
        if self._page_access is None:
            return False
        is_own = headers.get(b"sec-fetch-site", b"same-origin") == b"same-origin"
        changes = scope["method"] not in ("GET", "HEAD")
        if not is_own or (changes and b"origin" not in headers):
            return False
        return self._page_access.accepts_cookies(headers.get(b"cookie", b""))


def refusal_record(method: str, path: str, status: int, reason: str) -> ControlRefused:
    """The record, of bounded length whatever was sent. The query stays out of it."""
    return ControlRefused(
        method=_truncate(method, 20),
        path=_truncate(path, _LONGEST_PATH),
        status=status,
        reason=_truncate(reason, _LONGEST_REASON),
    )


def _truncate(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
