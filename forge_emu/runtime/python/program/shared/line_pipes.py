"""Lines over descriptors, without ever waiting for the other side."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from typing import Final

CHUNK: Final = 1 << 16


class LineReader:
    """Cuts what a descriptor brings into lines."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self._tail: list[bytes] = []
        self.ended = False

    def lines(self) -> list[bytes]:
        """What there is now; `ended` says whether that was all."""
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
                *whole, tail = self.rest().split(b"\n")
                self._tail.append(tail)
                found += whole
            else:
                self._tail.append(chunk)
            if len(chunk) < CHUNK:
                break
        return found

    def rest(self) -> bytes:
        """A last line without its end."""
        tail = b"".join(self._tail)
        self._tail.clear()
        return tail


class LineWriter:
    """Writes what it can and keeps the rest."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._left: deque[bytes] = deque()
        os.set_blocking(fd, False)

    @property
    def waiting(self) -> bool:
        """Whether something is left to be written."""
        return bool(self._left)

    def write(self, *pieces: bytes) -> None:
        """Take pieces of lines."""
        self._left.append(b"".join(pieces))

    def flush(self) -> None:
        """Write as much as goes. Raises OSError other than for want of room."""
        while self._left:
            piece = self._left.popleft()
            try:
                written = os.write(self._fd, piece)
            except BlockingIOError:
                self._left.appendleft(piece)
                return
            if written < len(piece):
                self._left.appendleft(piece[written:])
