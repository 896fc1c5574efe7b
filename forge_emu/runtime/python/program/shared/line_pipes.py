"""Non-blocking reading and writing of lines on file descriptors."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Final

CHUNK: Final = 1 << 16
_MOST_PIECES: Final = 512
"""Pieces of one write: every system takes more."""


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


class WaitingWriters(set["BufferedLineWriter"]):
    """Writers that have something left to be written."""

    def flush(self) -> None:
        """Write as much as possible without blocking; what nobody reads any more is given up."""
        for writer in list(self):
            try:
                writer.flush()
            except OSError:
                writer.close()


class BufferedLineWriter:
    """Writes what the descriptor takes and buffers the rest.

    It is in `waiting` while something is left to be written.
    """

    def __init__(self, fd: int, waiting: WaitingWriters | None = None) -> None:
        self._fd = fd
        self._unwritten: deque[bytes] = deque()
        self._waiting = WaitingWriters() if waiting is None else waiting
        os.set_blocking(fd, False)

    @property
    def has_unwritten(self) -> bool:
        """Whether something is left to be written."""
        return bool(self._unwritten)

    def write(self, *pieces: bytes) -> None:
        """Buffer pieces of lines."""
        self._unwritten.append(b"".join(pieces))
        self._waiting.add(self)

    def flush(self) -> None:
        """Write as much as possible without blocking. Raises OSError when nobody reads."""
        while self._unwritten:
            try:
                written = os.writev(self._fd, list(islice(self._unwritten, _MOST_PIECES)))
            except BlockingIOError:
                return
            self._drop(written)
        self._waiting.discard(self)

    def close(self) -> None:
        """Give up what is left."""
        self._unwritten.clear()
        self._waiting.discard(self)

    def _drop(self, written: int) -> None:
        while written:
            piece = self._unwritten.popleft()
            if written < len(piece):
                self._unwritten.appendleft(piece[written:])
                return
            written -= len(piece)
