"""What comes in by the socket: HTTP or not, it is answered, and what is refused leaves a record."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import h11
import pytest

from forge_emu.control.addresses import addresses_of
from forge_emu.control.http import MOST_BODY
from forge_emu.control.protocol import MOST_CONNECTIONS, REQUEST_SECONDS
from forge_emu.control.server import serve_api
from tests.control.fakes import TOKEN, FakeEmulator

AUTH = f"Authorization: Bearer {TOKEN}\r\n".encode()
POST = b"POST /v1/trigger HTTP/1.1\r\nHost: localhost\r\n" + AUTH
CLOCK = POST.replace(b"/v1/trigger", b"/v1/clock")
CHUNK = b"10000\r\n" + b" " * 0x10000 + b"\r\n"


@asynccontextmanager
async def served(pretender: FakeEmulator) -> AsyncIterator[int]:
    """A port that answers for `pretender`."""
    async with serve_api(pretender, addresses_of(None), 0) as url:
        yield int(url.rpartition(":")[2])


async def status_of(port: int, raw: bytes) -> int:
    """The status that answers to `raw`, whatever comes of the rest of it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(raw)
    line = await asyncio.wait_for(reader.readline(), 30)
    writer.close()
    return int(line.split()[1])


@pytest.mark.parametrize(
    ("raw", "status", "method"),
    [
        (b"GARBAGE\r\n\r\n", 400, "?"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "?"),
        (b"GET /v1/status HTTP/1.1\r\n\r\n", 400, "?"),
        (b"GET /v1/status HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "?"),
        (b"GET /v1/status HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 200_000, 431, "?"),
        (POST + b"Content-Length: -1\r\n\r\n", 400, "?"),
        (POST + b"Transfer-Encoding: gzip\r\n\r\n", 501, "?"),
        (POST + b"Transfer-Encoding: chunked\r\n\r\nZZZ\r\n", 400, "POST"),
        (POST + b"Content-Length: 99999999999\r\n\r\n", 413, "POST"),
        (CLOCK + b"Content-Length: 3000000\r\n\r\n" + b" " * 3_000_000, 413, "POST"),
        (CLOCK + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNK * 20 + b"0\r\n\r\n", 413, "POST"),
        (POST + b"Content-Length: 5\r\n\r\n[[[[[", 400, "POST"),
        (b"GET /v1/status HTTP/1.0\r\n\r\n", 403, "GET"),
        (b"GET /v1/status HTTP/1.1\r\nHost: evil.example\r\n" + AUTH + b"\r\n", 403, "GET"),
        (b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\nOrigin: http://a.b\r\n\r\n", 403, "OPTIONS"),
        (
            b"GET /v1/status?token=" + TOKEN.encode() + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
            401,
            "GET",
        ),
    ],
)
def test_what_is_refused_is_recorded_and_changes_nothing(
    raw: bytes, status: int, method: str
) -> None:
    """The right status each, a record that says why, and the next request is served."""
    pretender = FakeEmulator()
    asyncio.run(_refused(pretender, raw, status))
    refusal = pretender.refusals[0]
    assert (refusal.status, refusal.method) == (status, method)
    assert refusal.reason
    assert TOKEN not in repr(pretender.refusals)
    assert len(repr(refusal)) < 1_000
    assert not pretender.orders
    assert MOST_BODY < 3_000_000


async def _refused(pretender: FakeEmulator, raw: bytes, status: int) -> None:
    async with served(pretender) as port:
        assert await status_of(port, raw) == status
        good = b"GET /v1/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + AUTH
        assert await status_of(port, good + b"\r\n") == 200


def test_one_that_stops_in_the_middle_is_given_up() -> None:
    """The order is not carried out, and the record says what was missing."""
    pretender = FakeEmulator()
    asyncio.run(_stopped(pretender))
    (refusal,) = pretender.refusals
    assert refusal.status == 400
    assert "ended early" in refusal.reason
    assert not pretender.orders


async def _stopped(pretender: FakeEmulator) -> None:
    async with served(pretender) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(POST + b'Content-Length: 50\r\n\r\n{"event":')
        await writer.drain()
        writer.close()
        async with asyncio.timeout(30):
            while not pretender.refusals:
                await asyncio.sleep(0)


GOOD = b"GET /v1/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + AUTH + b"\r\n"


def test_silent_clients_keep_nobody_out() -> None:
    """However many are connected and ask for nothing: the oldest of them makes room."""
    asyncio.run(_crowded(FakeEmulator()))


async def _crowded(pretender: FakeEmulator) -> None:
    async with served(pretender) as port:
        silent = [
            await asyncio.open_connection("127.0.0.1", port) for _ in range(2 * MOST_CONNECTIONS)
        ]
        assert await status_of(port, GOOD) == 200
        first = silent[0][0]
        with suppress(ConnectionResetError):
            assert await asyncio.wait_for(first.read(), 30) == b""
        for _, writer in silent:
            writer.close()


@pytest.mark.parametrize(
    "begun", [b"", b"GET /v1/st", POST, POST + b'Content-Length: 50\r\n\r\n{"event":']
)
def test_a_request_has_to_come_to_its_end(begun: bytes) -> None:
    """Seconds after its begin it is refused with 408, and the connection is closed."""
    pretender = FakeEmulator()
    asyncio.run(_overdue(pretender, begun))
    assert [refusal.status for refusal in pretender.refusals] == [408]
    assert not pretender.orders


async def _overdue(pretender: FakeEmulator, begun: bytes) -> None:
    loop, timers = asyncio.get_running_loop(), list[Callable[[], None]]()
    call_later = loop.call_later

    def collect(delay: float, callback: Any, *arguments: Any, **options: Any) -> Any:
        if delay == REQUEST_SECONDS:
            timers.append(callback)
        return call_later(delay, callback, *arguments, **options)

    loop.call_later = collect  # type: ignore[method-assign,assignment]
    async with served(pretender) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(begun)
        async with asyncio.timeout(30):
            while not timers or not _has_read(timers[0].__self__.conn, begun):  # type: ignore[attr-defined]
                await asyncio.sleep(0)
        timers[0]()
        assert b" 408 " in await asyncio.wait_for(reader.read(), 30)
        writer.close()


def _has_read(connection: h11.Connection, begun: bytes) -> bool:
    """Whether the server has read all of `begun`."""
    return connection.their_state is h11.SEND_BODY or connection.trailing_data[0] == begun


def test_complete_requests_are_not_timed() -> None:
    """Nor is a connection between two of them, or one whose answer goes on."""
    asyncio.run(_two_in_a_row(FakeEmulator()))


async def _two_in_a_row(pretender: FakeEmulator) -> None:
    loop, timers = asyncio.get_running_loop(), list[asyncio.TimerHandle]()
    call_later = loop.call_later

    def collect(delay: float, *arguments: Any, **options: Any) -> asyncio.TimerHandle:
        handle = call_later(delay, *arguments, **options)
        if delay == REQUEST_SECONDS:
            timers.append(handle)
        return handle

    loop.call_later = collect  # type: ignore[method-assign,assignment]
    async with served(pretender) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            writer.write(GOOD.replace(b"Connection: close\r\n", b""))
            assert b" 200 " in await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
            await reader.read(65_536)
        assert timers
        assert all(timer.cancelled() for timer in timers)
        writer.close()
