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
"""So much lies beside the file before it is moved."""

MOST_BYTES = 32_000_000
"""With more beside the file, the writer moves the rest itself: its space is used again only when
nothing is left to move, and beside a busy writer there always is."""


class Checkpoints:
    """A thread with a connection of its own. It holds up no writer."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._beside = path.with_name(f"{path.name}-wal")
        self._writes = 0
        self._wanted = threading.Event()
        self._closed = False
        self._full = False
        self._thread: threading.Thread | None = None

    def wrote(self) -> bool:
        """Something was written; answers whether the writer is to move what is left."""
        # The first look finds what a killed emulator has left. Not before something is written:
        # a file that is refused stays as it is.
        if self._writes % _LOOK_EVERY == 0:
            self._look()
        self._writes += 1
        full, self._full = self._full, False
        return full

    def move(self, connection: sqlite3.Connection) -> None:
        """Move what can be moved, and see whether too much has piled up."""
        page = connection.execute("PRAGMA page_size").fetchone()[0]
        pages = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[1]
        self._full = pages * page > MOST_BYTES

    def close(self) -> None:
        """End the thread."""
        self._closed = True
        self._wanted.set()
        if self._thread is not None:
            self._thread.join()

    def _look(self) -> None:
        with suppress(OSError):
            if os.stat(self._beside).st_size > _BYTES:
                self._wake()

    def _wake(self) -> None:
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
                        self.move(connection)
            finally:
                connection.close()
