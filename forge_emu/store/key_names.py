"""The keys of the store in a state file of an emulator that is stopped. Nothing is written."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from forge_emu.store.schema import APPLICATION_ID

_MOST_COPIED: Final = 50_000_000
"""Bytes of a state whose log is read as well: with a copy of both."""


def stored_keys(
    path: Path, prefix: str, *, secret: bool = False, entity: str = "", most: int = 200
) -> list[str]:
    """Up to `most` keys that begin with `prefix`, in their order; those of an `entity`
    without its name. No keys where the file cannot be read. Values that have expired count."""
    try:
        log = path.with_name(f"{path.name}-wal")
        if not log.exists() or not log.stat().st_size:
            return _keys_in(path, prefix, secret, entity, most)
        if path.stat().st_size + log.stat().st_size > _MOST_COPIED:
            return []
        # SQLite cannot read a log without writing beside it.
        with TemporaryDirectory(prefix="forge-emu-") as folder:
            for file in (path, log):
                shutil.copyfile(file, Path(folder) / file.name)
            return _keys_in(Path(folder) / path.name, prefix, secret, entity, most, is_copy=True)
    except (OSError, sqlite3.Error, UnicodeError):
        return []


def _keys_in(
    path: Path, prefix: str, secret: bool, entity: str, most: int, *, is_copy: bool = False
) -> list[str]:
    how = "mode=rw" if is_copy else "mode=ro&immutable=1"
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)) as connection:
        connection.execute("PRAGMA trusted_schema = OFF")
        if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            return []
        before = f"{entity}/" if entity else ""
        # Keys of entities have a slash, which no other key may have.
        rows = connection.execute(
            "SELECT key FROM kvs WHERE secret = ? AND substr(key, 1, ?) = ? "
            "AND (? OR instr(key, '/') = 0) ORDER BY key LIMIT ?",
            (secret, len(before + prefix), before + prefix, secret or bool(entity), most),
        )
        return [str(key).removeprefix(before) for (key,) in rows]
