"""Runs WAL checkpoints on a thread of its own, because they wait for the disk."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import suppress
from pathlib import Path

_CHECK_EVERY = 64
"""Writes between two checks of the WAL's size."""

_CHECKPOINT_BYTES = 4_000_000
"""Bytes in the WAL from which on it is checkpointed."""

MAX_WAL_BYTES = 32_000_000
"""With more in the WAL, the writer checkpoints itself: the WAL is reused only when nothing is left
in it, and beside a busy writer there always is."""


class Checkpoints:
    """A thread with a connection of its own. It does not block the writer."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._wal_path = path.with_name(f"{path.name}-wal")
        self._writes = 0
        self._requested = threading.Event()
        self._closed = False
        self._wal_too_large = False
        self._thread: threading.Thread | None = None

    def count_write(self) -> bool:
        """Count a write; returns whether the writer is to checkpoint itself."""
        # The first look finds what a killed emulator has left. Not before something is written:
        # a file that is refused stays as it is.
        if self._writes % _CHECK_EVERY == 0:
            self._check_size()
        self._writes += 1
        full, self._wal_too_large = self._wal_too_large, False
        return full

    def checkpoint(self, connection: sqlite3.Connection) -> None:
        """Checkpoint what can be, and note whether the WAL is still too large."""
        page = connection.execute("PRAGMA page_size").fetchone()[0]
        pages = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[1]
        self._wal_too_large = pages * page > MAX_WAL_BYTES

    def close(self) -> None:
        """End the thread that writes checkpoints."""
        self._closed = True
        self._requested.set()
        if self._thread is not None:
            self._thread.join()

    def _check_size(self) -> None:
        with suppress(OSError):
            if os.stat(self._wal_path).st_size > _CHECKPOINT_BYTES:
                self._request()

    def _request(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="checkpoints", daemon=True)
            self._thread.start()
        self._requested.set()

    def _run(self) -> None:
        # Whatever keeps this from working, the writer meets as well, and tells.
        with suppress(sqlite3.Error):
            # An address, because that makes no file where there is none.
            address = f"{self._path.absolute().as_uri()}?mode=rw"
            connection = sqlite3.connect(address, uri=True, timeout=1, isolation_level=None)
            try:
                while not self._closed:
                    self._requested.wait()
                    self._requested.clear()
                    with suppress(sqlite3.Error):
                        self.checkpoint(connection)
            finally:
                connection.close()
