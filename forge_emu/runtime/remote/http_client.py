"""One request to a remote, and how it ended. Redirects are not followed.

httpx is slow to import, and only apps with remotes need it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import msgspec

from forge_emu.model import SECOND, Millis, RemoteCall

if TYPE_CHECKING:
    import httpx

MOST_BYTES: Final = 5 * 1024 * 1024
"""Of an answer; a larger one is none. limits-invocation/ (2026-09-01)"""

_OWN_MACHINE: Final = ("all://localhost", "all://127.0.0.1", "all://[::1]")


class HttpAnswer(msgspec.Struct, frozen=True):
    """What a remote answered; `status` None and an `error` where it did not."""

    status: int | None
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    body: str = ""
    error: str | None = None
    timed_out: bool = False


class HttpClient:
    """Keeps connections between requests. It is opened with the first one."""

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None

    async def send(self, call: RemoteCall, headers: Mapping[str, str]) -> HttpAnswer:
        """Make the call; answers for every end that it can have."""
        import httpx

        client = self._opened()
        try:
            async with asyncio.timeout(call.timeout_ms / SECOND):
                request = client.build_request(
                    call.method, call.url, headers=dict(headers), content=call.body
                )
                response = await client.send(request, stream=True)
                try:
                    body = await _read_body(response)
                finally:
                    await response.aclose()
        except TimeoutError:
            return HttpAnswer(
                None, error=f"no answer within {seconds(call.timeout_ms)}", timed_out=True
            )
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            return HttpAnswer(None, error=_reason(error))
        if body is None:
            return HttpAnswer(None, error=f"the answer has more than {MOST_BYTES:,} bytes")
        text = body.decode(response.encoding or "utf-8", "replace")
        return HttpAnswer(response.status_code, dict(response.headers), text)

    async def close(self) -> None:
        """Close all connections."""
        if self._client is not None:
            await self._client.aclose()

    def _opened(self) -> httpx.AsyncClient:
        import httpx

        if self._client is None:
            # No proxy leads to this machine.
            own = {pattern: httpx.AsyncHTTPTransport() for pattern in _OWN_MACHINE}
            self._client = httpx.AsyncClient(timeout=None, follow_redirects=False, mounts=own)
        return self._client


def seconds(span: Millis) -> str:
    """`5 s`."""
    return f"{span / SECOND:g} s"


async def _read_body(response: httpx.Response) -> bytes | None:
    """The body; None where it is too large."""
    parts = bytearray()
    async for part in response.aiter_bytes():
        parts += part
        if len(parts) > MOST_BYTES:
            return None
    return bytes(parts)


def _reason(error: Exception) -> str:
    import httpx

    if isinstance(error, httpx.ConnectError):
        return "nothing listens there, or it cannot be reached"
    if isinstance(error, httpx.RemoteProtocolError):
        return "the connection was closed without an HTTP answer"
    return f"{type(error).__name__}: {error}".rstrip(": ")
