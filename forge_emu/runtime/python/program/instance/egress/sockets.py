"""Replaces what sockets of a handler do that lead out of this machine, and names' addresses.

`install` runs before packages are imported; until `activate`, no connection is made at all.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import ssl
import sys
from typing import Any, Final, Self
from weakref import WeakKeyDictionary

from .client import EgressClient, Target, refusal
from .connection import Connection
from .names import address_of, name_of
from .passing import is_passing
from .tls_marker import CIPHER, new_marker, peer_certificate

_INTERNET: Final = (socket.AF_INET, socket.AF_INET6)
_METHODS: Final = (
    "connect", "connect_ex", "send", "sendall", "sendto", "recv", "recv_into", "recvfrom",
    "getpeername", "shutdown", "close", "detach",
)  # fmt: skip
_NOT_YET: Final = "packages are imported before the app runs: they reach no network then"

_client: EgressClient | None = None
_connections: WeakKeyDictionary[socket.socket, Connection] = WeakKeyDictionary()
_real: Final = {name: getattr(socket.socket, name) for name in _METHODS}
_resolve = socket.getaddrinfo
_audited: Final = ("socket.connect", "socket.sendto", "socket.sendmsg")


def activate(client: EgressClient) -> None:
    """Ask `client` from now on."""
    global _client
    _client = client
    sys.addaudithook(_audit)


def install() -> None:
    """Replace the methods of `socket.socket` and the look-up of names."""
    for name in _METHODS:
        setattr(socket.socket, name, globals()[f"_{name}"])
    socket.getaddrinfo = getaddrinfo
    socket.gethostbyname = lambda hostname, /: address_of(hostname)
    socket.gethostbyname_ex = lambda hostname, /: (hostname, [], [address_of(hostname)])


def client() -> EgressClient:
    """Who is asked. Raises ConnectionRefusedError before the app runs."""
    if _client is None:
        raise refusal(_NOT_YET)
    return _client


def connection_of(sock: Any) -> Connection | None:
    """The connection that was never opened, if `sock` has one."""
    return _connections.get(sock) if isinstance(sock, socket.socket) else None


def unopened_socket(target: Target) -> socket.socket:
    """A socket that leads to `target` and was never opened."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    _connections[sock] = Connection(client(), target)
    return sock


def target_of(address: Any) -> Target:
    """Where `address`, as sockets have it, leads."""
    host, port = address[0], int(address[1])
    return Target(name_of(host.decode() if isinstance(host, bytes) else str(host)), port)


def getaddrinfo(
    host: Any, port: Any, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0
) -> Any:
    """As of `socket`; a name gets an address of its own without asking anybody."""
    if is_passing() or not host or flags & socket.AI_PASSIVE:
        return _resolve(host, port, family, type, proto, flags)
    number = 0 if port is None else port if isinstance(port, int) else _port_of(port)
    address = address_of(host.decode() if isinstance(host, bytes) else str(host))
    is_v6 = ":" in address
    place: tuple[Any, ...] = (address, number, 0, 0) if is_v6 else (address, number)
    found_family = socket.AF_INET6 if is_v6 else socket.AF_INET
    if family not in (0, found_family):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    kind = socket.SocketKind(type) if type else socket.SOCK_STREAM
    return [(found_family, kind, proto or socket.IPPROTO_TCP, "", place)]


def _port_of(service: Any) -> int:
    text = service.decode() if isinstance(service, bytes) else str(service)
    return int(text) if text.isdigit() else socket.getservbyname(text)


def _leads_out(sock: socket.socket) -> bool:
    return sock.family in _INTERNET and not is_passing()


# --- the methods of `socket.socket`


def _connect(self: socket.socket, address: Any, /) -> None:
    if not _leads_out(self):
        _real["connect"](self, address)
        return
    target = target_of(address)
    if self.type & socket.SOCK_DGRAM:
        raise client().refuse("UDP", target)
    connection = Connection(client(), target)
    if isinstance(self, EgressTlsSocket):
        connection.write(new_marker(self.context, self.server_hostname))
    _connections[self] = connection


def _connect_ex(self: socket.socket, address: Any, /) -> int:
    try:
        _connect(self, address)
    except OSError as error:
        return error.errno or errno.ECONNREFUSED
    return 0


def _send(self: socket.socket, data: Any, flags: int = 0, /) -> int:
    if (connection := _connections.get(self)) is None:
        return int(_real["send"](self, data, flags))
    return connection.write(bytes(data))


def _sendall(self: socket.socket, data: Any, flags: int = 0, /) -> None:
    if (connection := _connections.get(self)) is None:
        _real["sendall"](self, data, flags)
        return
    connection.write(bytes(data))


def _sendto(self: socket.socket, data: Any, *given: Any) -> int:
    if _leads_out(self) and given and isinstance(given[-1], tuple):
        raise client().refuse("UDP", target_of(given[-1]))
    return int(_real["sendto"](self, data, *given))


def _recv(self: socket.socket, size: int, flags: int = 0, /) -> bytes:
    if (connection := _connections.get(self)) is None:
        return bytes(_real["recv"](self, size, flags))
    connection.timeout = self.gettimeout()
    return connection.read(size)


def _recv_into(self: socket.socket, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
    if self not in _connections:
        return int(_real["recv_into"](self, buffer, nbytes, flags))
    view = memoryview(buffer).cast("B")
    data = _recv(self, nbytes or len(view))
    view[: len(data)] = data
    return len(data)


def _recvfrom(self: socket.socket, size: int, flags: int = 0, /) -> Any:
    if (connection := _connections.get(self)) is None:
        return _real["recvfrom"](self, size, flags)
    return connection.read(size), None


def _getpeername(self: socket.socket, /) -> Any:
    if (connection := _connections.get(self)) is None:
        return _real["getpeername"](self)
    return address_of(connection.target.host), connection.target.port


def _shutdown(self: socket.socket, how: int, /) -> None:
    if self not in _connections:
        _real["shutdown"](self, how)


def _close(self: socket.socket) -> None:
    connection = _connections.get(self)
    _real["close"](self)
    # A file made of it may still read.
    if connection is not None and self.fileno() < 0:
        connection.close()


def _detach(self: socket.socket) -> int:
    _connections.pop(self, None)
    return int(_real["detach"](self))


class EgressTlsSocket(socket.socket):
    """A socket that says it is TLS, upon a connection that was never opened."""

    context: ssl.SSLContext
    server_hostname: str | None
    server_side = False
    session = None
    session_reused = False

    @classmethod
    def over(
        cls, sock: socket.socket, context: ssl.SSLContext, server_hostname: str | None
    ) -> Self:
        """TLS over `sock`, which is not to be used any more, as of `SSLContext.wrap_socket`."""
        connection = _connections.get(sock)
        timeout = sock.gettimeout()
        family, kind, proto = sock.family, sock.type, sock.proto
        made = cls(family, kind, proto, fileno=_detach(sock))
        made.settimeout(timeout)
        made.context, made.server_hostname = context, server_hostname
        if connection is not None:
            connection.write(new_marker(context, server_hostname))
            _connections[made] = connection
        return made

    def do_handshake(self, block: bool = False) -> None:
        """Nothing is to be done."""

    def unwrap(self) -> socket.socket:
        """The socket itself."""
        return self

    def read(self, len: int = 1024, buffer: Any = None) -> Any:
        """As of `ssl`."""
        return self.recv(len) if buffer is None else self.recv_into(buffer, len)

    def write(self, data: Any) -> int:
        """As of `ssl`."""
        return self.send(data)

    def pending(self) -> int:
        """How many bytes can be read at once."""
        connection = _connections.get(self)
        return connection.pending if connection else 0

    def getpeercert(self, binary_form: bool = False) -> Any:
        """A certificate of the host that is meant."""
        return peer_certificate(self.server_hostname, binary_form)

    def selected_alpn_protocol(self) -> str | None:
        """None: HTTP/1.1."""
        return None

    def cipher(self) -> tuple[str, str, int]:
        """A cipher of TLS 1.3."""
        return CIPHER

    def version(self) -> str:
        """TLS 1.3."""
        return "TLSv1.3"

    def compression(self) -> None:
        """None: there is no compression."""
        return


def _audit(event: str, arguments: Any) -> None:
    """Refuse what goes past the methods above: Python tells of it in any case."""
    if event not in _audited or is_passing():
        return
    sock, address = arguments
    with contextlib.suppress(AttributeError):
        if sock.family not in _INTERNET or not isinstance(address, tuple):
            return
        kind = "UDP" if sock.type & socket.SOCK_DGRAM else "TCP"
        raise client().refuse(kind, target_of(address))
