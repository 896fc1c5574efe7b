"""The keyboard as keys on the loop; the terminal's mode is restored whatever happens."""

from __future__ import annotations

import asyncio
import codecs
import os
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any

if sys.platform != "win32":  # There no keys are read; everything else works.
    import termios
    import tty


class Keyboard:
    """Reads keys without echo and without waiting for Enter, for as long as it is entered.

    Ctrl-C and Ctrl-Z keep their meaning. Where stdin is no terminal it reads nothing.
    """

    def __init__(self, on_typed: Callable[[str], None], fd: int | None = None) -> None:
        self._on_typed = on_typed
        self._fd = fd
        self._mode: list[Any] | None = None
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def __enter__(self) -> Keyboard:
        fd = self._terminal_fd()
        if fd is None:
            return self
        self._mode = termios.tcgetattr(fd)
        self._fd = fd
        self.enter_cbreak()
        asyncio.get_running_loop().add_reader(fd, self._read_keys)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._mode is None or self._fd is None:
            return
        asyncio.get_running_loop().remove_reader(self._fd)
        self.restore_mode()
        self._mode = None

    def enter_cbreak(self) -> None:
        """Read single keys (again, after the process was stopped and continued)."""
        if self._fd is not None and self._mode is not None:
            tty.setcbreak(self._fd, termios.TCSANOW)

    def restore_mode(self) -> None:
        """Give the terminal the mode that it had when this was entered."""
        if self._fd is not None and self._mode is not None:
            termios.tcsetattr(self._fd, termios.TCSADRAIN, self._mode)

    def _terminal_fd(self) -> int | None:
        if sys.platform == "win32":
            return None
        try:
            fd = sys.stdin.fileno() if self._fd is None else self._fd
            if not os.isatty(fd):
                return None
        except (OSError, ValueError, AttributeError):
            return None
        try:
            # One in the background must not change the mode: the system would stop it.
            return fd if os.tcgetpgrp(fd) == os.getpgrp() else None
        except OSError:
            # Not the terminal that controls this process: nobody can be put in its background.
            return fd

    def _read_keys(self) -> None:
        assert self._fd is not None
        try:
            read = os.read(self._fd, 1024)
        except OSError:
            read = b""
        if not read:
            # The terminal is gone; a reader left in place would spin.
            asyncio.get_running_loop().remove_reader(self._fd)
            return
        if typed := self._decoder.decode(read):
            self._on_typed(typed)
