"""Addresses for the names of hosts, which nobody is asked for: one of its own for each name."""

from __future__ import annotations

import ipaddress
from typing import Final

# For tests between networks, and used by no host. [RFC 2544]
_FIRST: Final = int(ipaddress.IPv4Address("198.18.0.1"))
_MOST: Final = 130_000
_addresses: dict[str, str] = {}
_names: dict[str, str] = {}


def address_of(name: str) -> str:
    """The address of a host's name; an address is its own."""
    plain = name.strip("[]")
    try:
        return str(ipaddress.ip_address(plain))
    except ValueError:
        pass
    if name not in _addresses:
        address = str(ipaddress.IPv4Address(_FIRST + len(_addresses) % _MOST))
        _addresses[name], _names[address] = address, name
    return _addresses[name]


def name_of(address: str) -> str:
    """The name that has an address here; itself where none has."""
    return _names.get(address, address)
