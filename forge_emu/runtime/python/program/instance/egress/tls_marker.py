"""How a connection learns that TLS was put upon it, in whichever layer: nothing is encrypted that
goes nowhere, and a mark in front of the first bytes says with which context it was to be."""

from __future__ import annotations

import itertools
import ssl
from typing import Any, Final

from .client import Target

CIPHER: Final = ("TLS_AES_256_GCM_SHA384", "TLSv1.3", 256)
_PREFIX: Final = b"\x16forge-emu-tls:"
_LENGTH: Final = len(_PREFIX) + 8
_numbers = itertools.count(1)
_contexts: dict[bytes, tuple[ssl.SSLContext, str | None]] = {}


def new_marker(context: ssl.SSLContext, server_name: str | None) -> bytes:
    """The mark of a connection that `context` was to encrypt."""
    marker = _PREFIX + b"%08d" % (next(_numbers) % 10**8)
    _contexts[marker] = (context, server_name)
    return marker


def take_marker(data: bytes, target: Target) -> bytes:
    """`data` without the mark at its beginning, whose TLS becomes that of `target`."""
    found = _contexts.pop(data[:_LENGTH], None) if data.startswith(_PREFIX) else None
    if found is None:
        return data
    target.tls, target.server_name = found
    return data[_LENGTH:]


def peer_certificate(host: str | None, binary_form: bool) -> Any:
    """What `getpeercert` says: a certificate for `host`."""
    if binary_form:
        return b""
    name = host or ""
    kind = "IP Address" if name.replace(".", "").isdigit() or ":" in name else "DNS"
    return {
        "subject": ((("commonName", name),),),
        "subjectAltName": ((kind, name),),
        "notBefore": "Jan  1 00:00:00 2020 GMT",
        "notAfter": "Jan  1 00:00:00 2100 GMT",
    }
