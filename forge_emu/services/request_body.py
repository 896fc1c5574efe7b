"""Reading what the packages send, without losing the exact text whose size counts."""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

from forge_emu.errors import Fault
from forge_emu.settings.refusals import REQUEST_BODY

T = TypeVar("T")

# A JSON text's escapes, pairs of surrogates before single ones.
_ESCAPES = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<lone>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    rb"|\\."
)


def body_bytes(body: str | None) -> bytes:
    """The body of a request as UTF-8; half a surrogate pair, which has no UTF-8, becomes `?`."""
    return (body or "").encode(errors="replace")


def decode_json(decoder: msgspec.json.Decoder[T], text: bytes) -> T:
    """What `text` says. Raises Fault (400) when it is not JSON of the expected shape."""
    try:
        return _decode_replacing_surrogates(decoder, text)
    except RecursionError:
        message = "The request is nested too deeply."
        raise Fault(400, {"code": "MAX_DEPTH", "message": message}, REQUEST_BODY.name) from None
    except msgspec.DecodeError as error:
        message = f"The request could not be read: {error}"
        raise Fault(400, {"code": "BAD_REQUEST", "message": message}, REQUEST_BODY.name) from None


def _decode_replacing_surrogates(decoder: msgspec.json.Decoder[T], text: bytes) -> T:
    try:
        return decoder.decode(text)
    except msgspec.DecodeError:
        # A string cut in the middle of an emoji holds half a surrogate pair, which JavaScript sends
        # as an escape that stands for no character. Services on UTF-8 store U+FFFD for it.
        whole = _ESCAPES.sub(lambda m: rb"\ufffd" if m["lone"] else m[0], text)
        if whole == text:
            raise
        return decoder.decode(whole)
