"""Where the control API listens, and which Host names it accepts."""

from __future__ import annotations

import errno
import ipaddress
import re
import socket
from typing import Final

import msgspec

from forge_emu.errors import UserError

LOOPBACK = "127.0.0.1"
JWKS_PATH: Final = "/.well-known/jwks.json"
"""Where the keys are that verify the tokens which remotes get."""

_LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
_HOST = re.compile(r"(?:\[(?P<literal>[^\[\]]+)\]|(?P<name>[^:\[\]]+))(?::\d{1,5})?")
_TRIES = 20


class Addresses(msgspec.Struct, frozen=True):
    """The addresses to listen at, and the names accepted in a request's `Host` header.

    `literals` lets every numeric address pass: a page with a name resolved to this machine (DNS
    rebinding) has that name for its host, never a number.
    """

    bound: tuple[tuple[socket.AddressFamily, str], ...] = ((socket.AF_INET, LOOPBACK),)
    names: frozenset[str] = _LOOPBACK_NAMES
    literals: bool = False
    exposed: bool = False
    """Whether other machines can connect."""

    def accepts_host(self, host: str) -> bool:
        """Whether `host`, as in a request's header, names this machine."""
        parts = _HOST.fullmatch(host.lower())
        name = (parts["literal"] or parts["name"] or "") if parts else ""
        return name in self.names or (self.literals and _is_literal(name))


def addresses_of(host: str | None) -> Addresses:
    """What to listen at for `--host`, in every case this machine itself. Raises UserError."""
    if host is None:
        return Addresses()
    name = host.strip().lower().removeprefix("[").removesuffix("]")
    found = _resolve(name, host)
    bound = {(socket.AF_INET, LOOPBACK): None, **dict.fromkeys(found)}
    wild = any(ipaddress.ip_address(address).is_unspecified for _, address in found)
    if wild:
        # The wildcard of IPv6 is meant for both families; that of IPv4 has the loopback in it.
        bound = {(socket.AF_INET, "0.0.0.0"): None, **dict.fromkeys(found)}
    own = socket.gethostname().lower()
    others = {own, f"{own}.local"} if wild else set()
    return Addresses(
        tuple(bound),
        _LOOPBACK_NAMES | {name} | {address for _, address in found} | others,
        literals=wild,
        exposed=not all(ipaddress.ip_address(address).is_loopback for _, address in found),
    )


def bind_sockets(addresses: Addresses, port: int) -> list[socket.socket]:
    """A listening socket for each address, all at one port (0: any that is free).

    Raises UserError when it is taken.
    """
    tries = 1 if port else _TRIES
    for left in reversed(range(tries)):
        bound: list[socket.socket] = []
        chosen = port
        try:
            for family, address in addresses.bound:
                bound.append(_bind(family, address, chosen))
                chosen = bound[0].getsockname()[1]
        except OSError as error:
            for sock in bound:
                sock.close()
            # A port that is free at one address may be taken at another.
            if left and bound:
                continue
            raise UserError(
                f"port {chosen} of {address} cannot be used: {error.strerror or error}",
                "Give another one with --port, or leave it out to get a free one."
                if len(addresses.bound) == 1 or not _is_unassignable(error)
                else "Give an address of this machine with --host, or leave it out.",
            ) from None
        return bound
    raise AssertionError("unreachable")


def _resolve(name: str, host: str) -> list[tuple[socket.AddressFamily, str]]:
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise UserError(
            f"--host: {host!r} is no address: {reason or error}",
            "Give an address of this machine, such as 0.0.0.0 for all of them.",
        ) from None
    addresses: list[tuple[socket.AddressFamily, str]] = [
        (family, str(place[0])) for family, _, _, _, place in found
    ]
    # A name may lead to an ::1 that this machine has not; the loopback is served anyway.
    return addresses if _is_literal(name) else [place for place in addresses if place[1] != "::1"]


def _bind(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family is socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((address, port))
        # From here on a client is let in, even where the server needs a moment more.
        sock.listen(128)
    except BaseException:
        sock.close()
        raise
    return sock


def _is_literal(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_unassignable(error: OSError) -> bool:
    return error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
