"""uvicorn's HTTP protocol, except that malformed requests get their status and leave a record.

Nor can a client that says nothing, or not all, keep others out: a request has to be complete within
some seconds, and where too many are connected, the one that has asked for nothing goes.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from itertools import count
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from forge_emu.control.guard import RecordRefusal, refusal_record
from forge_emu.control.http import REFUSAL

REQUEST_SECONDS: Final = 10.0
"""Seconds of this machine within which a request has to be complete, its body too."""

MOST_CONNECTIONS: Final = 128
"""Clients that are connected at the same time."""


class _Connection(h11.Connection):
    """Retains what was wrong with the bytes received."""

    status = 400
    reason = "this is not HTTP"

    def next_event(self) -> Any:
        """The next event, as in h11; an error in the bytes is retained."""
        try:
            return super().next_event()
        except h11.RemoteProtocolError as error:
            self.status = error.error_status_hint
            self.reason = f"this is not HTTP as it should be: {error}"
            raise


def protocol_class(record_refusal: RecordRefusal) -> type[H11Protocol]:
    """The protocol class of a server that records what it refuses."""

    connection_numbers = count()

    class Protocol(H11Protocol):
        """One HTTP connection, whose refusals are recorded."""

        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.conn = _Connection(h11.SERVER, _MOST_HEADERS)
            self.number = next(connection_numbers)
            self._request_timer: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            """Take it, if need be in the place of one that has asked for nothing."""
            silent = [x for x in self.connections if isinstance(x, Protocol) and x.is_silent]
            is_full = len(self.connections) >= MOST_CONNECTIONS
            super().connection_made(transport)
            if is_full and silent:
                oldest = min(silent, key=lambda connection: connection.number)
                oldest.transport.abort()
                self.connections.discard(oldest)
            elif is_full:
                self._give_up(503, f"{MOST_CONNECTIONS} clients are connected")
            self._time_request()

        def connection_lost(self, exc: Exception | None) -> None:
            """It is closed."""
            self._stop_request_timer()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            """Some of a request has come, or all."""
            super().data_received(data)
            self._time_request()

        def on_response_complete(self) -> None:
            """An answer was sent: some of the next request may have come already."""
            super().on_response_complete()
            self._time_request()

        @property
        def is_silent(self) -> bool:
            """Whether no request of its own is being answered."""
            return self.cycle is None or self.cycle.response_complete

        def _time_request(self) -> None:
            """Set the timer while a request is incomplete. Between two, uvicorn has its own."""
            is_first = self.cycle is None
            in_headers = self.conn.their_state is h11.IDLE and (
                is_first or bool(self.conn.trailing_data[0])
            )
            if not in_headers and self.conn.their_state is not h11.SEND_BODY:
                self._stop_request_timer()
            elif self._request_timer is None and not self.transport.is_closing():
                self._request_timer = self.loop.call_later(REQUEST_SECONDS, self._end_overdue)

        def _stop_request_timer(self) -> None:
            if self._request_timer is not None:
                self._request_timer.cancel()
                self._request_timer = None

        def _end_overdue(self) -> None:
            self._request_timer = None
            self._give_up(408, f"the request was not complete after {REQUEST_SECONDS:g} s")

        def _give_up(self, status: int, reason: str) -> None:
            if self.is_silent:
                record_refusal(refusal_record("?", "?", status, reason))
            else:
                # Who reads the body finds it ended, and says in its record why.
                self.scope[REFUSAL] = status, reason  # type: ignore[typeddict-unknown-key]
            if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
                self._refuse(status, reason)
            self.transport.close()

        def send_400_response(self, msg: str) -> None:
            """Refuse what h11 could not read; whatever an open request still waits for is lost."""
            assert isinstance(self.conn, _Connection)
            self._give_up(self.conn.status, self.conn.reason)

        def _refuse(self, status: int, reason: str) -> None:
            headers = [("content-type", "text/plain; charset=utf-8"), ("connection", "close")]
            phrase = HTTPStatus(status).phrase.encode()
            events = (
                h11.Response(status_code=status, headers=headers, reason=phrase),
                h11.Data(data=reason.encode("utf-8", "replace")),
                h11.EndOfMessage(),
            )
            for event in events:
                self.transport.write(self.conn.send(event) or b"")

    return Protocol


_MOST_HEADERS = 65_536
"""Bytes of a request's line and headers."""
