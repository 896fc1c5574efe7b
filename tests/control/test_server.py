"""What comes in by the socket: HTTP or not, it is answered, and what is refused leaves a record."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from forge_emu.control.addresses import addresses_of
from forge_emu.control.http import MOST_BODY
from forge_emu.control.server import serve_api
from tests.control.fakes import TOKEN, FakeEmulator

AUTH = f"Authorization: Bearer {TOKEN}\r\n".encode()
POST = b"POST /v1/trigger HTTP/1.1\r\nHost: localhost\r\n" + AUTH
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
        (POST + b"Transfer-Encoding: chunked\r\n\r\nZZZ\r\n", 400, "?"),
        (POST + b"Content-Length: 99999999999\r\n\r\n", 413, "POST"),
        (POST + b"Content-Length: 3000000\r\n\r\n" + b" " * 3_000_000, 413, "POST"),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNK * 20 + b"0\r\n\r\n", 413, "POST"),
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
