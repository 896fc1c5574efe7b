"""Reading what the packages send, without losing the exact text whose size counts."""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

from forge_emu.errors import Fault
from forge_emu.model import Json
from forge_emu.settings.refusals import REQUEST_BODY

T = TypeVar("T")

# A JSON text's escapes, pairs of surrogates before single ones.
_ESCAPES = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<lone>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    rb"|\\."
)


_any: msgspec.json.Decoder[Json] = msgspec.json.Decoder()


def body_bytes(body: str | None) -> bytes:
    """The body of a request as UTF-8; half a surrogate pair, which has no UTF-8, becomes `?`."""
    return (body or "").encode(errors="replace")


def decode_json(decoder: msgspec.json.Decoder[T], text: bytes, *, keeps_text: bool = True) -> T:
    """What `text` says. Raises Fault (400) when it is not JSON of the expected shape.

    With `keeps_text` the decoder leaves parts of it as text, which nobody could read later if they
    held a number that no reader of JSON takes.
    """
    try:
        if keeps_text:
            decode_replacing_surrogates(_any, text)
        return decode_replacing_surrogates(decoder, text)
    except RecursionError:
        message = "The request is nested too deeply."
        raise Fault(400, {"code": "MAX_DEPTH", "message": message}, REQUEST_BODY.name) from None
    except msgspec.DecodeError as error:
        message = f"The request could not be read: {error}"
        raise Fault(400, {"code": "BAD_REQUEST", "message": message}, REQUEST_BODY.name) from None


def replace_lone_surrogates(text: bytes) -> bytes:
    """A JSON text with U+FFFD for the escapes of halves of surrogate pairs."""
    return _ESCAPES.sub(lambda m: rb"\ufffd" if m["lone"] else m[0], text)


def decode_replacing_surrogates(decoder: msgspec.json.Decoder[T], text: bytes) -> T:
    """What `text` says, with U+FFFD for halves of surrogate pairs, also in keys. Raises as msgspec
    does."""
    try:
        return decoder.decode(text)
    except msgspec.DecodeError:
        # A string cut in the middle of an emoji holds half a surrogate pair, which JavaScript sends
        # as an escape that stands for no character. Services on UTF-8 store U+FFFD for it.
        whole = replace_lone_surrogates(text)
        if whole == text:
            raise
        return decoder.decode(whole)
