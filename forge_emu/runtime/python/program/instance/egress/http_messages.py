"""HTTP/1 as bytes: requests that are read as they come, and responses to write. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_START: Final = re.compile(rb"[A-Z][A-Z-]{0,19} \S")
_MAYBE_START: Final = re.compile(rb"[A-Z][A-Z-]{0,19} ?")
_NO_BODY: Final = (204, 205, 304)
_STATUS_LINE: Final = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})")


class NotHttpError(Exception):
    """What was written is no HTTP/1."""


@dataclass(frozen=True)
class HttpRequest:
    """A whole request. `head` is its text up to the empty line, `body` what follows, as sent."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    head: bytes
    body: bytes
    content: bytes
    """The body without the frames of `Transfer-Encoding: chunked`."""

    def closing_bytes(self) -> bytes:
        """The request as it is sent on a connection for it alone."""
        lines = self.head.split(b"\r\n")
        kept = [line for line in lines if not line.lower().startswith(b"connection:")]
        return b"\r\n".join([*kept, b"Connection: close", b"", self.body])


class RequestReader:
    """Reads requests from the bytes that are fed to it."""

    def __init__(self) -> None:
        self._data = b""

    @property
    def empty(self) -> bool:
        """Whether nothing waits for the rest of a request."""
        return not self._data

    def feed(self, data: bytes) -> HttpRequest | None:
        """The request that `data` completes, if it does. Raises NotHttpError."""
        self._data += data
        if not _START.match(self._data) and not _MAYBE_START.fullmatch(self._data):
            raise NotHttpError
        head, mark, rest = self._data.partition(b"\r\n\r\n")
        if not mark:
            return None
        first, *lines = head.split(b"\r\n")
        words = first.split(b" ")
        if len(words) < 3 or not words[-1].startswith(b"HTTP/1"):
            raise NotHttpError
        headers = tuple(_header(line) for line in lines)
        by_name = {name.lower(): value for name, value in headers}
        if "chunked" in by_name.get("transfer-encoding", "").lower():
            framed, content, complete = _read_chunks(rest)
        else:
            length = int(by_name.get("content-length") or 0)
            framed = content = rest[:length]
            complete = len(rest) >= length
        if not complete:
            return None
        self._data = rest[len(framed) :]
        method, target = words[0].decode(), b" ".join(words[1:-1]).decode("latin-1")
        return HttpRequest(method, target, headers, head, framed, content)


def response_bytes(
    status: int, reason: str, headers: Mapping[str, str], body: str, *, is_head: bool = False
) -> bytes:
    """A response, after which the connection is closed."""
    content = b"" if status in _NO_BODY else body.encode()
    lines = [f"HTTP/1.1 {status} {reason}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if status not in _NO_BODY:
        lines.append(f"content-length: {len(content)}")
    lines += ["connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace") + (b"" if is_head else content)


def status_of(data: bytes) -> int | None:
    """The status in the first bytes of a response; None where they say none."""
    found = _STATUS_LINE.match(data)
    return int(found[1]) if found else None


def body_of_response(data: bytes, is_head: bool) -> tuple[bytes, str, bool] | None:
    """What has come of the body of a response, how it is packed, and whether it is whole for sure.

    None until its head is there. One without a length is whole when the connection ends.
    """
    head, mark, rest = data.partition(b"\r\n\r\n")
    status = status_of(data)
    if not mark:
        return None
    if status is not None and status < 200:
        return body_of_response(rest, is_head)
    headers = {n.lower(): v for n, v in map(_header, head.split(b"\r\n")[1:])}
    encoding = headers.get("content-encoding", "").strip().lower()
    if is_head or status in _NO_BODY:
        return b"", encoding, True
    if "chunked" in headers.get("transfer-encoding", "").lower():
        try:
            _, content, is_whole = _read_chunks(rest)
        except NotHttpError:
            return rest, encoding, True
        return content, encoding, is_whole
    length = headers.get("content-length", "").strip()
    if length.isdecimal():
        return rest[: int(length)], encoding, len(rest) >= int(length)
    return rest, encoding, False


def _header(line: bytes) -> tuple[str, str]:
    name, _, value = line.partition(b":")
    return name.decode("latin-1").strip(), value.decode("latin-1").strip()


def _read_chunks(data: bytes) -> tuple[bytes, bytes, bool]:
    """The frames of a chunked body, what is in them, and whether the last one is there."""
    content, at = b"", 0
    while True:
        end = data.find(b"\r\n", at)
        if end < 0:
            return data, content, False
        try:
            size = int(data[at:end].split(b";")[0], 16)
        except ValueError:
            raise NotHttpError from None
        begin = end + 2
        if size == 0:
            # Trailers may follow, and an empty line ends them.
            if data[begin : begin + 2] == b"\r\n":
                return data[: begin + 2], content, True
            last = data.find(b"\r\n\r\n", begin)
            return (data[: last + 4], content, True) if last >= 0 else (data, content, False)
        if len(data) < begin + size + 2:
            return data, content, False
        content += data[begin : begin + size]
        at = begin + size + 2
