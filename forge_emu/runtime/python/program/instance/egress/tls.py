"""TLS of handlers' connections, which encrypts nothing: forge-emu, or the real connection, does."""

from __future__ import annotations

import ssl
from typing import Any

from .passing import is_passing
from .sockets import EgressTlsSocket, connection_of
from .tls_marker import CIPHER, new_marker, peer_certificate

_wrap_socket = ssl.SSLContext.wrap_socket
_wrap_bio = ssl.SSLContext.wrap_bio


def install() -> None:
    """Replace what puts TLS upon a connection; servers keep theirs."""
    ssl.SSLContext.wrap_socket = wrap_socket  # type: ignore[method-assign, assignment]
    ssl.SSLContext.wrap_bio = wrap_bio  # type: ignore[method-assign]


def wrap_socket(
    self: ssl.SSLContext,
    sock: Any,
    server_side: bool = False,
    do_handshake_on_connect: bool = True,
    suppress_ragged_eofs: bool = True,
    server_hostname: str | None = None,
    session: Any = None,
) -> Any:
    """As of `ssl`; of a connection that was never opened, a socket that only says it is TLS."""
    if is_passing() or server_side or (connection_of(sock) is None and _is_connected(sock)):
        return _wrap_socket(
            self,
            sock,
            server_side,
            do_handshake_on_connect,
            suppress_ragged_eofs,
            server_hostname,
            session,
        )
    return EgressTlsSocket.over(sock, self, server_hostname)


def _is_connected(sock: Any) -> bool:
    try:
        sock.getpeername()
    except OSError:
        return False
    return True


def wrap_bio(
    self: ssl.SSLContext,
    incoming: ssl.MemoryBIO,
    outgoing: ssl.MemoryBIO,
    server_side: bool = False,
    server_hostname: Any = None,
    session: Any = None,
) -> Any:
    """As of `ssl`; for a client, an object that passes on what it is given."""
    if is_passing() or server_side:
        return _wrap_bio(self, incoming, outgoing, server_side, server_hostname, session)
    return PlainTls(self, incoming, outgoing, server_hostname)


class PlainTls:
    """An `ssl.SSLObject` that encrypts nothing."""

    server_side = False
    session = None
    session_reused = False

    def __init__(
        self,
        context: ssl.SSLContext,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_hostname: str | bytes | None,
    ) -> None:
        self.context = context
        if isinstance(server_hostname, bytes):
            server_hostname = server_hostname.decode()
        self.server_hostname = server_hostname
        self._incoming = incoming
        self._outgoing = outgoing

    def do_handshake(self) -> None:
        """Send the mark that tells the connection of TLS."""
        self._outgoing.write(new_marker(self.context, self.server_hostname))

    def read(self, size: int = 1024, buffer: Any = None) -> Any:
        """As of `ssl`. Raises SSLWantReadError where nothing has come."""
        data = self._incoming.read(size)
        if not data and not self._incoming.eof:
            raise ssl.SSLWantReadError
        if buffer is None:
            return data
        buffer[: len(data)] = data
        return len(data)

    def write(self, data: Any) -> int:
        """Pass on `data`."""
        return self._outgoing.write(data)

    def unwrap(self) -> None:
        """End TLS: nothing is to be done."""

    def pending(self) -> int:
        """How many bytes can be read at once."""
        return self._incoming.pending

    def getpeercert(self, binary_form: bool = False) -> Any:
        """A certificate of the host that is meant."""
        return peer_certificate(self.server_hostname, binary_form)

    def selected_alpn_protocol(self) -> str | None:
        """None: HTTP/1.1."""
        return None

    def selected_npn_protocol(self) -> str | None:
        """None, as today."""
        return None

    def cipher(self) -> tuple[str, str, int]:
        """A cipher of TLS 1.3."""
        return CIPHER

    def shared_ciphers(self) -> list[tuple[str, str, int]]:
        """The same."""
        return [CIPHER]

    def compression(self) -> None:
        """None: there is no compression."""
        return

    def version(self) -> str:
        """TLS 1.3."""
        return "TLSv1.3"

    def get_channel_binding(self, cb_type: str = "tls-unique") -> None:
        """None: there is no channel."""
        return
