"""One state file: an update is written whole or not at all."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from forge_emu.engine.delivery.kind import SavedDelivery
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.payloads import PayloadRow
from forge_emu.payloads.kept import KeptName
from forge_emu.store.checkpoints import Checkpoints
from forge_emu.store.copy_without_secrets import copy_without_secrets, pop_left_out
from forge_emu.store.opening import close_without_checkpoint, damaged_error, open_connection
from forge_emu.store.payload_rows import payload_lengths, payload_names, payload_rows
from forge_emu.store.reading import read_header, read_identity, read_saved_delivery, read_state
from forge_emu.store.retention import Retention, StoredRecords
from forge_emu.store.shapes import Identity, StateHeader, StateUpdate, StoredState
from forge_emu.store.turns.last_turns import LastTurns
from forge_emu.store.writing import (
    clear_tables,
    delete_old_uses,
    transaction,
    write_changes,
    write_fact,
    write_rows,
)

_PRUNE_EVERY = 512
"""Writes between two looks for what is no longer of use."""

_F = TypeVar("_F")


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
        self._connection = open_connection(
            path, synchronous, verify and (lambda c: verify(read_identity(c), read_header(c)))
        )
        self._file_id = _file_id_of(path)
        self._checkpoints = Checkpoints(path)
        self._writes = 0
        self._records = StoredRecords(self._connection, retention or Retention())
        self._turns = self._read_turns()
        self._wal_path = path.with_name(f"{path.name}-wal")
        self._wal_file_id = _file_id_of(self._wal_path)

    @property
    def is_same_file(self) -> bool:
        """Whether the file that was opened still is the one at its path."""
        return _file_id_of(self.path) == self._file_id

    @property
    def first_seq(self) -> int | None:
        """Number of the oldest record; None without any."""
        return self._records.first_seq

    def read_state(self) -> StoredState | None:
        """The whole state; None where nothing was written yet. Raises StateError."""
        return read_state(self._connection, self.path, self._turns)

    def header(self) -> StateHeader | None:
        """The header of the last write. Raises StateError."""
        return self._decode(read_header)

    def identity(self) -> Identity | None:
        """Whose state it is; None where nothing was written yet. Raises StateError."""
        return self._decode(read_identity)

    def saved_delivery(self, number: int) -> SavedDelivery:
        """What never changes of the delivery with this number. Raises StateError."""
        found = self._decode(lambda connection: read_saved_delivery(connection, number))
        if found is None:
            raise damaged_error(self.path, ValueError(f"delivery {number} is not in it"))
        return found

    def record_lines(self, after: int, most: int) -> list[bytes]:
        """Up to `most` records with a number over `after`, as text."""
        return self._records.read_lines(after, most)

    def payload_rows(self, event: str | None = None) -> Iterator[PayloadRow]:
        """What is in events, or in the one with the full id `event`, the oldest first.

        Raises StateError.
        """
        with self._payload_cursor() as cursor:
            yield from payload_rows(cursor, event)

    def payload_names(self) -> Iterator[tuple[int, KeptName]]:
        """The number of each of these rows, and the names of its event. Raises StateError."""
        with self._payload_cursor() as cursor:
            yield from payload_names(cursor)

    def payload_lengths(self) -> Iterator[tuple[int, int]]:
        """The number of each of these rows, and the bytes of its texts. Raises StateError."""
        with self._payload_cursor() as cursor:
            yield from payload_lengths(cursor)

    def payload_subjects(self) -> dict[str, str]:
        """What the product events that are kept are about, by their ids."""
        found = self._connection.execute(
            "SELECT event, subject FROM payloads WHERE kind = 'product_event' AND is_attempt = 0"
        )
        return {id: name for id, name in found if isinstance(id, str) and isinstance(name, str)}

    @contextmanager
    def _payload_cursor(self) -> Iterator[sqlite3.Cursor]:
        try:
            with closing(self._connection.cursor()) as cursor:
                yield cursor
        except sqlite3.DatabaseError as error:
            raise damaged_error(self.path, error) from None

    @property
    def holds_values(self) -> bool:
        """Whether the key-value store holds anything."""
        return self._connection.execute("SELECT 1 FROM kvs LIMIT 1").fetchone() is not None

    def free_bytes(self) -> tuple[int, int]:
        """Bytes of the file that hold nothing, and all of its bytes."""
        page, free, pages = (
            self._connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_size", "freelist_count", "page_count")
        )
        return free * page, pages * page

    def copy_to(self, target: Path) -> None:
        """Write all of it into `target`, an empty file."""
        self._turns.settle()
        self._connection.execute("VACUUM INTO ?", (str(target),))

    def copy_without_secrets(self, target: Path, secrets: Secrets) -> int:
        """The same without the store's secrets, and with marks for `secrets`; answers how many were
        left out."""
        self._turns.settle()
        return copy_without_secrets(self._connection, target, secrets)

    def pop_left_out(self) -> int:
        """How many secrets were left out when the state was exported; answers once, then 0."""
        return pop_left_out(self._connection)

    def replace_state(self, identity: Identity, update: StateUpdate) -> None:
        """Replace whatever the file holds by a whole state."""
        with transaction(self._connection):
            clear_tables(self._connection)
            self._records.reset()
            self._turns.reset()
            write_fact(self._connection, "identity", identity)
            write_rows(self._connection, update)
            write_changes(self._connection, update.changes)
            self._records.count_lines(update.lines)

    def write_update(self, update: StateUpdate) -> None:
        """Write what a turn has changed, in one transaction."""
        before = self._records.totals()
        try:
            with transaction(self._connection):
                self._write(update)
                self._writes += 1
                if self._writes % _PRUNE_EVERY == 0:
                    delete_old_uses(self._connection, update.header.at)
                    self._records.prune(update.header.seq)
        except BaseException:
            self._records.restore_totals(before)
            raise
        self._turns.note(update.changes)
        if self._checkpoints.count_write():
            with suppress(sqlite3.Error):
                self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        """Bring the file into its final form, as far as that can be done."""
        self._checkpoints.close()
        with suppress(sqlite3.Error):
            # Who has only read leaves the file as it is.
            if self._writes:
                self._turns.settle()
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

    def _decode(self, read: Callable[[sqlite3.Connection], _F]) -> _F:
        try:
            return read(self._connection)
        except (msgspec.DecodeError, UnicodeDecodeError, TypeError) as error:
            raise damaged_error(self.path, error) from None

    def _read_turns(self) -> LastTurns:
        try:
            return LastTurns(self._connection)
        except (ValueError, TypeError, RecursionError) as error:
            close_without_checkpoint(self._connection, self.path)
            raise damaged_error(self.path, error) from None

    def _write(self, update: StateUpdate) -> None:
        if update.identity is not None:
            if read_header(self._connection) is None:
                # The first update of a state: nothing else may be in it.
                clear_tables(self._connection)
                self._records.reset()
                self._turns.reset()
            write_fact(self._connection, "identity", update.identity)
        self._turns.make_room(update.changes.added)
        write_rows(self._connection, update)
        self._records.count_lines(update.lines)
        self._turns.write(update.changes)


def _file_id_of(path: Path) -> tuple[int, int] | None:
    """Which file lies at `path`; None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
