"""`forge-emu` with a disk that obeys a file: `slow`, `full` or nothing out of the ordinary."""

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


def spoil_disk(orders: Path) -> None:
    """Let the writes of every database do what the file `orders` says."""
    write = Database._write
    writes = count()

    def obedient(database: Database, turn: StateUpdate) -> None:
        mood = orders.read_text() if orders.exists() else ""
        n = next(writes)
        if mood == "slow" and n % 4 == 0:
            time.sleep(_SLOW_SECONDS)
        write(database, turn)
        # After the rows, so that a half-written turn would be there to see.
        if mood == "full":
            raise sqlite3.OperationalError("database or disk is full")

    Database._write = obedient  # type: ignore[method-assign,assignment]


if __name__ == "__main__":
    spoil_disk(Path(os.environ["TORTURE_DISK"]))
    main()
