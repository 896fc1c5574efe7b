"""One state file: an update is written whole or not at all."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from forge_emu.engine.journal.secrets import Secrets
from forge_emu.engine.snapshot.shapes import EngineChanges
from forge_emu.model import Instant
from forge_emu.settings import longest_window
from forge_emu.store.checkpoints import Checkpoints
from forge_emu.store.copy_without_secrets import copy_without_secrets, pop_left_out
from forge_emu.store.opening import close_without_checkpoint, damaged_error, open_connection
from forge_emu.store.reading import read_state
from forge_emu.store.schema import TABLE_NAMES
from forge_emu.store.shapes import Identity, StateHeader, StateUpdate, StoredState

_PRUNE_EVERY = 512
"""Writes between two looks for what is no longer of use."""

_USES_RETENTION = 2 * longest_window()
"""No limit looks further back."""

_F = TypeVar("_F")

_encode = msgspec.json.Encoder().encode


class Retention(msgspec.Struct, frozen=True):
    """How many records are retained."""

    lines: int = 200_000
    megabytes: int = 128


class Database:
    """Writes updates and reads the state. Everything raises sqlite3.Error or OSError on failure."""

    def __init__(
        self,
        path: Path,
        *,
        synchronous: str = "normal",
        retention: Retention | None = None,
        verify: Callable[[Identity | None, StateHeader | None], None] | None = None,
    ) -> None:
        self.path = path
        self._retention = retention or Retention()
        self._connection = open_connection(
            path, synchronous, verify and (lambda c: verify(_identity_of(c), _header_of(c)))
        )
        self._file_id = _file_id_of(path)
        self._checkpoints = Checkpoints(path)
        self._writes = 0
        first, size = self._connection.execute(
            "SELECT min(seq), sum(length(line)) FROM records"
        ).fetchone()
        self.first_seq: int | None = first
        self._line_bytes: int = size or 0
        self._wal_path = path.with_name(f"{path.name}-wal")
        self._wal_file_id = _file_id_of(self._wal_path)

    @property
    def is_same_file(self) -> bool:
        """Whether the file that was opened still is the one at its path."""
        return _file_id_of(self.path) == self._file_id

    def read_state(self) -> StoredState | None:
        """The whole state; None where nothing was written yet. Raises StateError."""
        return read_state(self._connection, self.path)

    def header(self) -> StateHeader | None:
        """The header of the last write. Raises StateError."""
        return self._decode_fact(_header_of)

    def identity(self) -> Identity | None:
        """Whose state it is; None where nothing was written yet. Raises StateError."""
        return self._decode_fact(_identity_of)

    def record_lines(self, after: int, most: int) -> list[bytes]:
        """Up to `most` records with a number over `after`, as text."""
        found = self._connection.execute(
            "SELECT line FROM records WHERE seq > ? ORDER BY seq LIMIT ?", (after, most)
        )
        # Damage that SQLite does not see may have made something else of one.
        return [line for (line,) in found if isinstance(line, bytes)]

    @property
    def holds_values(self) -> bool:
        """Whether the key-value store holds anything."""
        return self._connection.execute("SELECT 1 FROM kvs LIMIT 1").fetchone() is not None

    def copy_to(self, target: Path) -> None:
        """Write all of it into `target`, an empty file."""
        self._connection.execute("VACUUM INTO ?", (str(target),))

    def copy_without_secrets(self, target: Path, secrets: Secrets) -> int:
        """The same without the store's secrets, and with marks for `secrets`; answers how many were
        left out."""
        return copy_without_secrets(self._connection, target, secrets)

    def pop_left_out(self) -> int:
        """How many secrets were left out when the state was exported; answers once, then 0."""
        return pop_left_out(self._connection)

    def replace_state(self, identity: Identity, update: StateUpdate) -> None:
        """Replace whatever the file holds by a whole state."""
        with self._transaction():
            for table in TABLE_NAMES:
                self._connection.execute(f"DELETE FROM {table}")
            self._write_fact("identity", identity)
            self._line_bytes = 0
            self._write(update)
        self.first_seq = update.lines[0].seq if update.lines else None

    def write_identity(self, identity: Identity) -> None:
        """Write a changed identity: another app id or seed."""
        with self._transaction():
            self._write_fact("identity", identity)

    def write_update(self, update: StateUpdate) -> None:
        """Write an update."""
        before = self._line_bytes, self.first_seq
        try:
            with self._transaction():
                self._write(update)
                self._writes += 1
                if self._writes % _PRUNE_EVERY == 0:
                    self._prune(update.header.at, update.header.seq)
        except BaseException:
            self._line_bytes, self.first_seq = before
            raise
        if self.first_seq is None and update.lines:
            self.first_seq = update.lines[0].seq
        if self._checkpoints.count_write():
            with suppress(sqlite3.Error):
                self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        """Bring the file into its final form, as far as that can be done."""
        self._checkpoints.close()
        with suppress(sqlite3.Error):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with suppress(sqlite3.Error):
            self._connection.close()

    def abandon(self) -> None:
        """Close a file that is lost, or of no use, and leave it as it is."""
        self._checkpoints.close()
        lost = not self.is_same_file
        close_without_checkpoint(self._connection, self.path)
        if lost and self._wal_file_id and _file_id_of(self._wal_path) == self._wal_file_id:
            # It belongs to the file that is gone: beside another one it would be taken for its own.
            with suppress(OSError):
                self._wal_path.unlink()

    def _decode_fact(self, read: Callable[[sqlite3.Connection], _F]) -> _F:
        try:
            return read(self._connection)
        except (msgspec.DecodeError, UnicodeDecodeError, TypeError) as error:
            raise damaged_error(self.path, error) from None

    def _transaction(self) -> _Transaction:
        return _Transaction(self._connection)

    def _write_fact(self, name: str, value: object) -> None:
        self._connection.execute("REPLACE INTO facts VALUES (?, ?)", (name, _encode(value)))

    def _write(self, update: StateUpdate) -> None:
        many = self._execute_many
        many("REPLACE INTO records VALUES (?, ?, ?)", ((x.seq, x.at, x.text) for x in update.lines))
        self._line_bytes += sum(len(line.text) for line in update.lines)
        self._write_changes(update.changes, update.header.at)
        many(
            "REPLACE INTO orders VALUES (?, ?)",
            ((id, batch) for id, batch in update.orders.items() if batch is not None),
        )
        many(
            "DELETE FROM orders WHERE id = ?",
            ((id,) for id, batch in update.orders.items() if batch is None),
        )
        self._write_fact("present", update.header)

    def _write_changes(self, changes: EngineChanges, at: Instant) -> None:
        many = self._execute_many
        many(
            "REPLACE INTO deliveries VALUES (?, ?)",
            ((n, _encode(fixed)) for n, fixed in changes.added.items()),
        )
        many(
            "REPLACE INTO standings VALUES (?, ?)",
            ((n, _encode(standing)) for n, standing in changes.standing.items()),
        )
        ended = [(number,) for number in changes.ended]
        many("DELETE FROM deliveries WHERE number = ?", ended)
        many("DELETE FROM standings WHERE number = ?", ended)
        many(
            "REPLACE INTO jobs VALUES (?, ?)",
            ((i, _encode(j)) for i, j in changes.jobs.items() if j is not None),
        )
        many("DELETE FROM jobs WHERE id = ?", _removed_ids(changes.jobs))
        many(
            "REPLACE INTO pushes VALUES (?, ?)",
            ((i, count) for i, count in changes.pushes.items() if count is not None),
        )
        many("DELETE FROM pushes WHERE origin = ?", _removed_ids(changes.pushes))
        many(
            "REPLACE INTO kvs VALUES (?, ?, ?, ?, ?, ?)",
            (
                (s, key, v.value_text, v.created_at, v.updated_at, v.expires_at)
                for (s, key), v in changes.values.items()
                if v is not None
            ),
        )
        many(
            "DELETE FROM kvs WHERE secret = ? AND key = ?",
            (place for place, value in changes.values.items() if value is None),
        )
        many(
            "REPLACE INTO progress VALUES (?, ?)",
            ((i, _encode(p)) for i, p in changes.progress.items() if p is not None),
        )
        many("DELETE FROM progress WHERE product_event_id = ?", _removed_ids(changes.progress))
        if changes.uses:
            self._connection.execute(
                "INSERT INTO uses (at, uses) VALUES (?, ?)", (at, _encode(changes.uses))
            )
        if changes.paused is not None:
            self._write_fact("paused", changes.paused)
        many(
            "REPLACE INTO figures VALUES (?, ?)",
            ((meter, _encode(figures)) for meter, figures in changes.figures.items()),
        )

    def _execute_many(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        self._connection.executemany(statement, rows)

    def _prune(self, now: Instant, last_seq: int) -> None:
        """Delete uses that no limit counts any more, and the records beyond the retention."""
        self._connection.execute("DELETE FROM uses WHERE at < ?", (now - _USES_RETENTION,))
        first = last_seq - self._retention.lines + 1
        excess = self._line_bytes - self._retention.megabytes * 1_000_000
        if excess > 0:
            for seq, size in self._connection.execute(
                "SELECT seq, length(line) FROM records ORDER BY seq"
            ):
                excess -= size
                if excess <= 0:
                    first = max(first, seq + 1)
                    break
        if self.first_seq is not None and first > self.first_seq:
            pruned_bytes = self._connection.execute(
                "SELECT sum(length(line)) FROM records WHERE seq < ?", (first,)
            ).fetchone()[0]
            self._connection.execute("DELETE FROM records WHERE seq < ?", (first,))
            self._line_bytes -= pruned_bytes or 0
            self.first_seq = first


class _Transaction:
    """All of it or nothing."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            try:
                self._connection.execute("COMMIT")
                return
            except sqlite3.Error:
                self._roll_back()
                raise
        self._roll_back()

    def _roll_back(self) -> None:
        with suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")


def _header_of(connection: sqlite3.Connection) -> StateHeader | None:
    text = _fact_text(connection, "present")
    return msgspec.json.decode(text, type=StateHeader) if text else None


def _identity_of(connection: sqlite3.Connection) -> Identity | None:
    text = _fact_text(connection, "identity")
    return msgspec.json.decode(text, type=Identity) if text else None


def _fact_text(connection: sqlite3.Connection, name: str) -> bytes | None:
    row = connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return row[0] if row else None


def _file_id_of(path: Path) -> tuple[int, int] | None:
    """Which file lies at `path`; None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _removed_ids(changes: Mapping[str, object]) -> Iterator[tuple[str]]:
    return ((id,) for id, thing in changes.items() if thing is None)
