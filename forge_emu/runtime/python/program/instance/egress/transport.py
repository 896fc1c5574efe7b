"""A connection on an event loop that was never opened: `asyncio`, `aiohttp`, `httpx`."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any, Final

from forge_emu.sdk.platform import ServiceResponse

from .client import EgressClient, SentRequest, Target, answer_bytes, late_bytes, refusal
from .connection import use_http1
from .http_messages import HttpRequest, NotHttpError, RequestReader, status_of
from .names import address_of
from .passing import let_pass
from .tls_marker import CIPHER, peer_certificate, take_marker

_CHUNK: Final = 65_536
_FIRST_BYTES_SECONDS: Final = 0.1
"""Emulated; other protocols than HTTP wait for the server to begin."""


class EgressTransport(asyncio.Transport):
    """What a protocol writes to and gets data from. `sock` is what stands for its socket."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        protocol: asyncio.Protocol,
        client: EgressClient,
        target: Target,
        sock: Any,
    ) -> None:
        super().__init__()
        self._loop = loop
        self._protocol: asyncio.BaseProtocol = protocol
        self._client = client
        self._target = target
        self._sock = sock
        self._reader = RequestReader()
        self._closing = False
        self._written = False
        self._paused = False
        self._held: list[bytes] = []
        self._at_end = False
        self._task: asyncio.Task[None] | None = None
        loop.call_soon(protocol.connection_made, self)
        self._timer = loop.call_later(_FIRST_BYTES_SECONDS, self._check_first_bytes)

    def start_tls(self, context: ssl.SSLContext, server_name: str | None) -> None:
        """From now on the connection is TLS."""
        self._target.tls, self._target.server_name = context, server_name

    def write(self, data: Any) -> None:
        """Take what is sent; a whole request is answered when forge-emu has said how."""
        if self._closing:
            return
        rest = take_marker(bytes(data), self._target)
        if not rest:
            return
        self._written = True
        try:
            request = self._reader.feed(rest)
        except NotHttpError:
            self._client.refuse_nowait(self._target, self._fail)
            return
        if request is not None:
            self._ask(request)

    def _ask(self, request: HttpRequest) -> None:
        def take(answer: ServiceResponse) -> None:
            if answer.network == "fail":
                self._fail(refusal(answer.body))
            elif answer.network == "send":
                self._task = self._loop.create_task(self._send(request, answer))
            else:
                self._deliver(answer_bytes(request, answer))
                self._end()

        try:
            self._client.ask_nowait(self._target, request, take)
        except ConnectionRefusedError as error:
            self._loop.call_soon(self._fail, error)

    async def _send(self, request: HttpRequest, answer: ServiceResponse) -> None:
        sent = self._client.begin_sending(self._target, request, answer)
        try:
            async with asyncio.timeout(sent.seconds):
                await self._exchange(request, sent)
        except TimeoutError:
            self._client.end_sending(sent, None, timed_out=True)
            self._deliver(late_bytes())
            self._end()
        except OSError as error:
            self._client.end_sending(sent, None, error)
            self._fail(error)

    async def _exchange(self, request: HttpRequest, sent: SentRequest) -> None:
        target = self._target
        with let_pass():
            if target.tls is not None:
                use_http1(target.tls)
            reader, writer = await asyncio.open_connection(
                target.host,
                target.port,
                ssl=target.tls,
                server_hostname=(target.server_name or target.host) if target.tls else None,
            )
            try:
                writer.write(request.closing_bytes())
                while data := await reader.read(_CHUNK):
                    self._client.end_sending(sent, status_of(data))
                    self._client.add_answer(sent, data)
                    self._deliver(data)
                self._client.add_answer(sent, b"")
            finally:
                writer.close()
        if not sent.ended:
            raise ConnectionResetError("the server closed the connection")
        self._end()

    def _check_first_bytes(self) -> None:
        if not self._written and not self._closing:
            self._client.refuse_nowait(self._target, self._fail)

    def _deliver(self, data: bytes) -> None:
        if self._paused:
            self._held.append(data)
        elif not self._closing:
            self._receiver.data_received(data)

    def _end(self) -> None:
        """The response is over, and with it the connection."""
        self._at_end = True
        if self._paused or self._closing:
            return
        self._receiver.eof_received()
        self._lose(None)

    def _fail(self, error: Exception) -> None:
        self._lose(error)

    def _lose(self, error: Exception | None) -> None:
        if self._closing:
            return
        self._closing = True
        self._timer.cancel()
        self._loop.call_soon(self._receiver.connection_lost, error)
        if self._sock is not None:
            self._sock.close()

    @property
    def _receiver(self) -> Any:
        return self._protocol

    # --- as of asyncio

    def close(self) -> None:
        """Close the connection; a request that is under way is given up."""
        if self._task is not None:
            self._task.cancel()
        self._lose(None)

    def abort(self) -> None:
        """The same."""
        self.close()

    def is_closing(self) -> bool:
        """Whether it is closed."""
        return self._closing

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Give data to another protocol from now on."""
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Who gets the data."""
        return self._protocol

    def is_reading(self) -> bool:
        """Whether data is passed on."""
        return not self._paused

    def pause_reading(self) -> None:
        """Keep data back."""
        self._paused = True

    def resume_reading(self) -> None:
        """Pass data on again."""
        self._paused = False
        held, self._held = self._held, []
        for data in held:
            self._deliver(data)
        if self._at_end:
            self._end()

    def can_write_eof(self) -> bool:
        """Whether the end of what is sent can be told."""
        return True

    def write_eof(self) -> None:
        """Nothing more is sent; the answer comes all the same."""

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing is buffered."""

    def get_write_buffer_size(self) -> int:
        """Nothing is buffered."""
        return 0

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """As of asyncio, as far as a connection that was never opened has it."""
        target = self._target
        known: dict[str, Any] = {
            "peername": (address_of(target.host), target.port),
            "socket": self._sock,
        }
        if target.tls is not None:
            known |= {
                "sslcontext": target.tls,
                "cipher": CIPHER,
                "peercert": peer_certificate(target.server_name or target.host, False),
            }
        found = known.get(name)
        return default if found is None else found
