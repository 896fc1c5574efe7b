"""Opens a state file, or reports what is wrong with it. Files it does not know it leaves alone."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from forge_emu.errors import UserError
from forge_emu.store.file_check import page_fault, schema_fault
from forge_emu.store.replacement import SUFFIXES, with_suffix
from forge_emu.store.schema import ADDED_TABLES, APPLICATION_ID, FORMAT, TABLE_NAMES, TABLES
from forge_emu.store.wal import has_unread_frames, log_damage

_PAGE_BYTES = 8192
"""Of a new file. A payload has 3 KB: in pages of 4 KB there would be a quarter more to write."""


class StateError(UserError):
    """A state file that cannot be used as it is. The file is as it was."""


def damaged_error(path: Path, why: object) -> StateError:
    """The error for a damaged file; `why` says what is wrong with it."""
    return StateError(
        f"the emulator's state in {path} is damaged: {why}",
        "--recover saves what can be read of it into a new file and keeps this one under another "
        "name; --ephemeral runs without it.",
    )


def open_connection(
    path: Path,
    synchronous: str = "normal",
    verify: Callable[[sqlite3.Connection], None] | None = None,
) -> sqlite3.Connection:
    """A connection to the state file at `path`, which is made where there is none.

    `verify` looks at it before anything of it is changed, and raises where it is not the right one.
    Raises StateError where there is a file that cannot be used, OSError and sqlite3.Error where
    none can be made.
    """
    _check_files(path)
    if fault := log_damage(path):
        raise damaged_error(path, fault)
    _make_private(path)
    # It is read on a thread of its own once, and used on the loop's from then on.
    connection = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        _check_header(connection, path)
        if verify:
            verify(connection)
        _check_content(connection, path)
        _upgrade(connection)
        if has_unread_frames(path):
            raise damaged_error(
                path, "some of its log cannot be read, and with it what came after that"
            )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {'FULL' if synchronous == 'full' else 'NORMAL'}")
        # Checkpoints are slow, and run on a thread of their own.
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        # Some builds of SQLite, as Debian's, write zeros into every page that is no longer used: a
        # tenth of all writing, because each delivery is deleted once it has ended.
        connection.execute("PRAGMA secure_delete = FAST")
    except BaseException:
        close_without_checkpoint(connection, path)
        raise
    return connection


def close_without_checkpoint(connection: sqlite3.Connection, path: Path) -> None:
    """Close a connection without a checkpoint, and leave its files as they are.

    The last one to close moves what is in the log into the file, but one that only reads cannot.
    """
    with suppress(sqlite3.Error):
        reader = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        with suppress(sqlite3.Error):
            reader.execute("PRAGMA schema_version").fetchone()
        with suppress(sqlite3.Error):
            connection.close()
        reader.close()
    with suppress(sqlite3.Error):
        connection.close()


def _check_files(path: Path) -> None:
    """Check that the files of the state are files: a link leads elsewhere, a pipe never ends."""
    for suffix in SUFFIXES:
        file = with_suffix(path, suffix)
        if file.is_symlink():
            raise StateError(f"{file} is a symbolic link", "Remove it: the state is a file there.")
        if file.is_dir():
            raise StateError(f"{file} is a directory", "Move it away: the state is a file there.")
        if file.exists() and not file.is_file():
            raise StateError(f"{file} is not a regular file", "Remove it: the state is one.")


def _make_private(path: Path) -> None:
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _check_header(connection: sqlite3.Connection, path: Path) -> None:
    """Check that it is a state file; an empty file becomes one."""
    try:
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if not tables and not application and not version:
            _make_tables(connection)
            return
    except sqlite3.OperationalError:
        # The disk, not the file.
        raise
    except sqlite3.DatabaseError as error:
        raise damaged_error(path, error) from None
    if application != APPLICATION_ID:
        raise StateError(
            f"{path} is not a state of forge-emu", "Move it away, or run with --ephemeral."
        )
    if version > FORMAT:
        raise StateError(
            f"{path} was written by a newer forge-emu (format {version}; this one reads {FORMAT})",
            "Update forge-emu, move the file away, or run with --ephemeral. --recover reads what "
            "it knows of it into a new file.",
        )


def _check_content(connection: sqlite3.Connection, path: Path) -> None:
    """Check that it holds the tables of a state alone, in pages that are sound."""
    try:
        fault = schema_fault(connection) or page_fault(connection)
    except sqlite3.OperationalError:
        # The disk, not the file.
        raise
    except sqlite3.DatabaseError as error:
        raise damaged_error(path, error) from None
    if fault:
        raise damaged_error(path, fault)


def _upgrade(connection: sqlite3.Connection) -> None:
    """Make the tables that an older forge-emu did not know; what it wrote is read as it is."""
    present = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    for name, table in zip(TABLE_NAMES, TABLES, strict=True):
        if name in ADDED_TABLES and name not in present:
            connection.execute(table)
    if connection.execute("PRAGMA user_version").fetchone()[0] < FORMAT:
        connection.execute(f"PRAGMA user_version = {FORMAT}")


def _make_tables(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
    connection.execute("BEGIN IMMEDIATE")
    for table in TABLES:
        connection.execute(table)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {FORMAT}")
    connection.execute("COMMIT")
