"""uvicorn's HTTP protocol, except that malformed requests get their status and leave a record."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from forge_emu.control.guard import RecordRefusal, refusal_record


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

    class Protocol(H11Protocol):
        """One HTTP connection, whose refusals are recorded."""

        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.conn = _Connection(h11.SERVER, _MOST_HEADERS)

        def send_400_response(self, msg: str) -> None:
            """Refuse what h11 could not read; whatever an open request still waits for is lost."""
            assert isinstance(self.conn, _Connection)
            record_refusal(refusal_record("?", "?", self.conn.status, self.conn.reason))
            if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
                self._refuse(self.conn.status, self.conn.reason)
            self.transport.close()

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
