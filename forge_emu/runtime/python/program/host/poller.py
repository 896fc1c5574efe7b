"""The host's descriptors to read, and its pipe to forge-emu."""

from __future__ import annotations

import json
import os
import selectors
from collections.abc import Callable, Iterable
from typing import Any

from ..shared.line_pipes import BufferedLineWriter

Json = Any


class Poller:
    """A selector whose callbacks may unregister each other's descriptors."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()

    def register(self, fd: int, callback: Callable[[], None]) -> None:
        """Call `callback` whenever `fd` can be read."""
        self._selector.register(fd, selectors.EVENT_READ, callback)

    def unregister(self, fds: Iterable[int]) -> None:
        """Stop polling; to be called before a descriptor is closed."""
        known = self._selector.get_map()
        for fd in fds:
            if fd in known:
                self._selector.unregister(fd)

    def poll(self, seconds: float | None) -> None:
        """Wait up to `seconds`, and call the callbacks of readable descriptors."""
        for key, _ in self._selector.select(seconds):
            # An earlier callback may have closed it.
            if self._selector.get_map().get(key.fd) is key:
                key.data()


class MessageWriter:
    """The pipe to forge-emu."""

    def __init__(self, fd: int, on_closed: Callable[[], None]) -> None:
        self._writer = BufferedLineWriter(fd)
        self._on_closed = on_closed

    @property
    def has_unwritten(self) -> bool:
        """Whether something is left to be written."""
        return self._writer.has_unwritten

    def write_message(self, message: Json) -> None:
        """Collect a message for the next flush."""
        self._writer.write(json.dumps(message).encode(), b"\n")

    def write_lines(self, lines: Iterable[bytes]) -> None:
        """Collect messages of an instance."""
        for line in lines:
            self._writer.write(line, b"\n")

    def flush(self) -> None:
        """Write as much as possible without blocking."""
        try:
            self._writer.flush()
        except OSError:
            self._on_closed()


def nonblocking_reader(fd: int) -> Callable[[int], bytes]:
    """A non-blocking `read` of a descriptor."""
    os.set_blocking(fd, False)
    return lambda size: os.read(fd, size)
