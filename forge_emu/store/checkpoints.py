"""Moves what was written into its place in the file, beside the loop: that waits for the disk."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import suppress
from pathlib import Path

_LOOK_EVERY = 64
"""Writes between two looks at how much there is to move."""

_BYTES = 4_000_000
"""So much lies beside the file before it is moved. What was moved leaves its space to be used."""


class Checkpoints:
    """A thread with a connection of its own. It holds up no writer."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._beside = path.with_name(f"{path.name}-wal")
        self._writes = 0
        self._wanted = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None
        # What a killed emulator has left.
        self._look()

    def wrote(self) -> None:
        """Something was written."""
        self._writes += 1
        if self._writes % _LOOK_EVERY == 0:
            self._look()

    def close(self) -> None:
        """End the thread."""
        self._closed = True
        self._wanted.set()
        if self._thread is not None:
            self._thread.join()

    def _look(self) -> None:
        with suppress(OSError):
            if os.stat(self._beside).st_size > _BYTES:
                self._move()

    def _move(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="checkpoints", daemon=True)
            self._thread.start()
        self._wanted.set()

    def _run(self) -> None:
        # Whatever keeps this from working, the writer meets as well, and tells.
        with suppress(sqlite3.Error):
            # An address, because that makes no file where there is none.
            address = f"{self._path.absolute().as_uri()}?mode=rw"
            connection = sqlite3.connect(address, uri=True, timeout=1, isolation_level=None)
            try:
                while not self._closed:
                    self._wanted.wait()
                    self._wanted.clear()
                    with suppress(sqlite3.Error):
                        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            finally:
                connection.close()
