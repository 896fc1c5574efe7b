"""`forge-emu` with a disk whose faults a file names: `slow`, `full` or nothing."""

from __future__ import annotations

import os
import sqlite3
import time
from itertools import count
from pathlib import Path

from forge_emu.cli import main
from forge_emu.store.database import Database
from forge_emu.store.shapes import StateUpdate

_SLOW_SECONDS = 0.03


def inject_disk_faults(mode_file: Path) -> None:
    """Let the writes of every database fail or wait as the file `mode_file` says."""
    write = Database._write
    writes = count()

    def write_with_faults(database: Database, turn: StateUpdate) -> None:
        mode = mode_file.read_text() if mode_file.exists() else ""
        n = next(writes)
        if mode == "slow" and n % 4 == 0:
            time.sleep(_SLOW_SECONDS)
        write(database, turn)
        # After the rows, so that a half-written turn would be there to see.
        if mode == "full":
            raise sqlite3.OperationalError("database or disk is full")

    Database._write = write_with_faults  # type: ignore[method-assign,assignment]


if __name__ == "__main__":
    inject_disk_faults(Path(os.environ["TORTURE_DISK"]))
    main()
