"""Gives space back that a state file no longer needs: it grows with what is pending at once.

SQLite uses free pages again, and keeps them. Moving pages into them one by one
(`auto_vacuum`) takes ten times as long as writing what is kept into a new file.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from typing import Final

from forge_emu.store.database import Database
from forge_emu.store.replacement import SHRINK_DRAFT, remove_state_files, replace_state

FREE_BYTES: Final = 16_000_000
"""Free space in a file that is left there, because the next events will use it."""

FREE_SHARE: Final = 1 / 3
"""The share of a file that may be free, so that not much is copied to gain little."""


def is_mostly_free(database: Database) -> bool:
    """Whether a new file would be much smaller."""
    free, size = database.free_bytes()
    return free > FREE_BYTES and free > size * FREE_SHARE


def close_and_shrink(database: Database) -> None:
    """Close a state file, and put a smaller one in its place where that is worth while.

    It takes about a second for 100 MB that are kept. Where it cannot be done, the file stays.
    """
    draft = database.path.with_name(SHRINK_DRAFT)
    try:
        is_copied = _copy(database)
        database.close()
        if is_copied:
            replace_state(database.path, draft)
    except OSError:
        # No space for a second file: the first has everything.
        return
    finally:
        with suppress(OSError):
            remove_state_files(draft)


def _copy(database: Database) -> bool:
    draft = database.path.with_name(SHRINK_DRAFT)
    try:
        if not database.is_same_file or not is_mostly_free(database):
            return False
        remove_state_files(draft)
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        database.copy_to(draft)
    except (OSError, sqlite3.Error):
        return False
    return True
