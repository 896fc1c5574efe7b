"""Non-blocking reading and writing of lines on file descriptors."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from typing import Final

CHUNK: Final = 1 << 16


class LineReader:
    """Splits what a descriptor delivers into lines."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self._tail: list[bytes] = []
        self.ended = False

    def read_lines(self) -> list[bytes]:
        """The complete lines available now; `ended` is set at the end of the stream."""
        found: list[bytes] = []
        while not self.ended:
            try:
                chunk = self._read(CHUNK)
            except BlockingIOError:
                break
            except OSError:
                chunk = b""
            if not chunk:
                self.ended = True
            elif b"\n" in chunk:
                self._tail.append(chunk)
                *whole, tail = self.take_partial_line().split(b"\n")
                self._tail.append(tail)
                found += whole
            else:
                self._tail.append(chunk)
            if len(chunk) < CHUNK:
                break
        return found

    def take_partial_line(self) -> bytes:
        """The last line so far, without its newline; it is removed."""
        tail = b"".join(self._tail)
        self._tail.clear()
        return tail


class BufferedLineWriter:
    """Writes what the descriptor takes and buffers the rest."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._unwritten: deque[bytes] = deque()
        os.set_blocking(fd, False)

    @property
    def has_unwritten(self) -> bool:
        """Whether something is left to be written."""
        return bool(self._unwritten)

    def write(self, *pieces: bytes) -> None:
        """Buffer pieces of lines."""
        self._unwritten.append(b"".join(pieces))

    def flush(self) -> None:
        """Write as much as possible without blocking. Raises OSError when nobody reads."""
        while self._unwritten:
            piece = self._unwritten.popleft()
            try:
                written = os.write(self._fd, piece)
            except BlockingIOError:
                self._unwritten.appendleft(piece)
                return
            if written < len(piece):
                self._unwritten.appendleft(piece[written:])
