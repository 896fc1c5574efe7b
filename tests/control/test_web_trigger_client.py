"""A call of a web trigger by its address."""

from __future__ import annotations

import httpx
import pytest

from forge_emu.control.calls.web_trigger_client import WebTriggerOrder, call_address
from forge_emu.errors import NoEmulatorError

ADDRESS = "http://127.0.0.1:1/x1/0-a"


def test_the_request_is_what_was_ordered() -> None:
    """Path and query behind the address, no token, and the answer with its repeated headers."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(207, headers=[("X-A", "1"), ("X-A", "2")], text="done")

    order = WebTriggerOrder("PUT", "/a", [("x", "1"), ("x", "é&")], [("X-B", "3")], b"{}")
    got = call_address(ADDRESS, order, httpx.MockTransport(answer))

    [request] = seen
    assert (request.method, str(request.url)) == ("PUT", f"{ADDRESS}/a?x=1&x=%C3%A9%26")
    assert (request.headers["x-b"], request.content) == ("3", b"{}")
    assert "authorization" not in request.headers
    assert (got.status, got.body, got.url) == (207, "done", str(request.url))
    assert [pair for pair in got.headers if pair[0] == "X-A"] == [("X-A", "1"), ("X-A", "2")]


def test_an_emulator_that_has_gone_is_said() -> None:
    """One error of the kind that commands have for it."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("closed", request=request)

    with pytest.raises(NoEmulatorError, match="did not answer: closed"):
        call_address(ADDRESS, WebTriggerOrder("GET"), httpx.MockTransport(fail))
