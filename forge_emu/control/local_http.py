"""HTTP to an emulator of this machine."""

from __future__ import annotations

import ssl
import sys
from collections.abc import Mapping
from typing import Any, cast

# httpx imports its own command line, and with it rich and pygments, unless that is not installed.
# That is half of the time that httpx takes.
cast("dict[str, Any]", sys.modules).setdefault("httpx._main", None)

import httpx  # noqa: E402

__all__ = ["httpx", "local_http_client"]

_CONNECT_SECONDS = 5.0


def local_http_client(
    *,
    answer_seconds: float | None,
    base_url: str = "",
    headers: Mapping[str, str] | None = None,
    transport: httpx.BaseTransport | None = None,
) -> httpx.Client:
    """A client for addresses at 127.0.0.1, which waits for an answer for `answer_seconds`.

    What belongs to the machine has no business there: neither its proxy, nor its certificates,
    which take a tenth of a second to read.
    """
    return httpx.Client(
        base_url=base_url,
        headers=headers,
        timeout=httpx.Timeout(answer_seconds, connect=_CONNECT_SECONDS),
        trust_env=False,
        verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        transport=transport,
    )
