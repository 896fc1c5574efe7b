"""A connection of blocking code that was never opened: requests in, responses out."""

from __future__ import annotations

import socket
import ssl
from typing import Final

from forge_emu.sdk.platform import ServiceResponse

from .client import EgressClient, SentRequest, Target, answer_bytes, late_bytes, refusal
from .http_messages import HttpRequest, NotHttpError, RequestReader, status_of
from .passing import let_pass
from .tls_marker import take_marker

_CHUNK: Final = 65_536


class Connection:
    """What a socket writes and reads. `timeout` are real seconds, as of `socket.settimeout`."""

    def __init__(self, client: EgressClient, target: Target) -> None:
        self.target = target
        self.timeout: float | None = None
        self._client = client
        self._reader = RequestReader()
        self._incoming = b""
        self._real: socket.socket | None = None
        self._sent: SentRequest | None = None
        self._ended = False
        self._refusal: ConnectionRefusedError | None = None

    def write(self, data: bytes) -> int:
        """Take what the handler sends; a whole request is answered at once.

        Raises ConnectionRefusedError for one that may not go out, and for what is no HTTP.
        """
        rest = take_marker(data, self.target)
        if not rest:
            return len(data)
        try:
            request = self._reader.feed(rest)
        except NotHttpError:
            raise self._refuse(self._client.refuse("TCP", self.target)) from None
        if request is not None:
            self._answer(request)
        return len(data)

    def read(self, size: int) -> bytes:
        """Up to `size` bytes of the response; none at its end. Raises OSError."""
        if self._refusal is not None:
            # Some packages read all the same.
            raise self._refusal
        while not self._incoming and self._real is not None:
            self._receive(self._real)
        if not self._incoming and not self._ended:
            # It waits for the server to begin, which no HTTP does.
            raise self._refuse(self._client.refuse("TCP", self.target))
        found, self._incoming = self._incoming[:size], self._incoming[size:]
        return found

    @property
    def pending(self) -> int:
        """How many bytes can be read at once."""
        return len(self._incoming)

    def close(self) -> None:
        """Close the real connection, if there is one."""
        if self._real is not None:
            self._real.close()
            self._real = None

    def _answer(self, request: HttpRequest) -> None:
        answer = self._client.ask(self.target, request)
        if answer.network == "fail":
            raise self._refuse(refusal(answer.body))
        if answer.network == "send":
            self._send(request, answer)
            return
        self._incoming += answer_bytes(request, answer)
        self._ended = True

    def _refuse(self, error: ConnectionRefusedError) -> ConnectionRefusedError:
        self._refusal = error
        return error

    def _send(self, request: HttpRequest, answer: ServiceResponse) -> None:
        self._sent = sent = self._client.begin_sending(self.target, request, answer)
        try:
            self._real = real_connection(self.target, self._seconds_left())
            self._real.sendall(request.closing_bytes())
        except OSError as error:
            self._client.end_sending(sent, None, error)
            raise

    def _receive(self, real: socket.socket) -> None:
        """Read from the real connection; its first bytes tell how the request ended."""
        assert self._sent is not None
        real.settimeout(self._seconds_left())
        try:
            data = real.recv(_CHUNK)
        except TimeoutError as error:
            if self.timeout is not None and self._seconds_left() == self.timeout:
                self._client.end_sending(self._sent, None, error)
                raise
            self._client.end_sending(self._sent, None, timed_out=True)
            data = late_bytes()
            self.close()
        except OSError as error:
            self._client.end_sending(self._sent, None, error)
            raise
        if data:
            self._client.end_sending(self._sent, status_of(data))
            self._incoming += data
            self._client.add_answer(self._sent, data)
        else:
            self._client.add_answer(self._sent, b"")
            closed = ConnectionResetError("the server closed the connection")
            self._client.end_sending(self._sent, None, closed)
            self.close()
        self._ended = True

    def _seconds_left(self) -> float | None:
        assert self._sent is not None
        most = self._client.real_seconds_for(self._sent)
        limits = [seconds for seconds in (self.timeout, most) if seconds is not None]
        return min(limits, default=None)


def real_connection(target: Target, timeout: float | None) -> socket.socket:
    """A connection to `target`, with TLS if it is. Raises OSError."""
    with let_pass():
        sock = socket.create_connection((target.host, target.port), timeout)
        if target.tls is None:
            return sock
        use_http1(target.tls)
        return target.tls.wrap_socket(sock, server_hostname=target.server_name or target.host)


def use_http1(context: ssl.SSLContext) -> None:
    """Let the server speak no other version than the request that is written already."""
    context.set_alpn_protocols(["http/1.1"])
