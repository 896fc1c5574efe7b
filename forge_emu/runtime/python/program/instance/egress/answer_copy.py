"""Copies the body of an answer from outside while the handler reads it. Pure."""

from __future__ import annotations

import zlib
from typing import Final

from .http_messages import body_of_response

_MOST: Final = 256 * 1024
"""Bytes of a body that are told."""
_MOST_READ: Final = _MOST + 65_536
"""The same with the head and the frames of chunks."""


class AnswerCopy:
    """Told once: when the answer is whole, or is known up to a size."""

    def __init__(self, method: str) -> None:
        self._is_head = method == "HEAD"
        self._data = b""
        self._told = False

    def feed(self, data: bytes) -> tuple[str, bool] | None:
        """The body as text, and whether it is cut; None as long as there may be more, and once it
        was told. No data is the end of the answer."""
        if self._told:
            return None
        room = _MOST_READ - len(self._data)
        self._data += data[:room]
        is_cut = len(data) > room
        found = body_of_response(self._data, self._is_head)
        if found is None:
            return None
        content, encoding, is_whole = found
        if data and not is_whole and not is_cut:
            return None
        self._told = True
        content, could_unpack = _unpacked(content, encoding)
        if not could_unpack:
            return f"(packed: {encoding})", is_cut
        return content[:_MOST].decode(errors="replace"), is_cut or len(content) > _MOST


def _unpacked(content: bytes, encoding: str) -> tuple[bytes, bool]:
    """The content itself, and whether it could be unpacked."""
    if encoding in ("", "identity"):
        return content, True
    if encoding not in ("gzip", "x-gzip", "deflate"):
        return content, False
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(content, 4 * _MOST), True
    except zlib.error:
        return content, False
