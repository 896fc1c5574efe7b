"""Writes a run's state to disk, and retries while the disk fails.

While a write fails, its update waits in memory and is merged with the next. A lost file is made
anew once its folder is back; one that somebody else has put in its place is left alone.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from msgspec import structs

from forge_emu.engine.delivery.kind import SavedDelivery
from forge_emu.errors import UserError
from forge_emu.payloads import PayloadRow
from forge_emu.payloads.kept import KeptName
from forge_emu.store.database import Database
from forge_emu.store.retention import Retention
from forge_emu.store.shapes import Identity, StateHeader, StateUpdate
from forge_emu.store.shrinking import close_and_shrink

_FIRST_WAIT, _LONGEST_WAIT = 0.5, 10.0
"""Real seconds between two tries while writing fails."""

Notify = Callable[[str, str], None]
"""Called with a level and a message for the user."""


class StateWriter:
    """Writes updates. `full_update` gives the whole state, `read_clock` real seconds.

    `before_loss` is called when writing begins to fail: the file may be lost, and can be read now.
    """

    def __init__(
        self,
        database: Database,
        identity: Identity,
        *,
        synchronous: str,
        retention: Retention,
        read_clock: Callable[[], float],
        full_update: Callable[[], StateUpdate],
        before_loss: Callable[[], None] = lambda: None,
        notify: Notify,
    ) -> None:
        self.path: Path = database.path
        self.identity = identity
        self._database: Database | None = database
        self._synchronous = synchronous
        self._retention = retention
        self._read_clock = read_clock
        self._full_update = full_update
        self._before_loss = before_loss
        self._notify = notify
        self._last_header = database.header()
        self._turn_number = self._last_header.turn if self._last_header else 0
        self._backlog: StateUpdate | None = None
        self._made_anew = False
        """Whether the file is a new one, because the old one was lost while it was not written."""
        self._write_error: str | None = None
        self._next_retry_at = 0.0
        self._wait = _FIRST_WAIT

    @property
    def write_error(self) -> str | None:
        """Why the last write failed; None when it did not."""
        return self._write_error

    @property
    def retry_in(self) -> float | None:
        """Real seconds until the next try is due; None when all is well."""
        return (
            None
            if self._write_error is None
            else max(self._next_retry_at - self._read_clock(), 0.0)
        )

    def write_update(self, update: StateUpdate) -> None:
        """Write an update, or retain it in memory while the disk fails, which raises nothing."""
        if self._backlog is None:
            self._backlog = update
        else:
            self._backlog.merge(update, self._retention.lines)
        if self._write_error is None or self._read_clock() >= self._next_retry_at:
            self._write_backlog()

    def record_lines(self, after: int, most: int) -> list[bytes]:
        """Up to `most` records with a number over `after`: stored ones, then those that wait."""
        found: list[bytes] = []
        with suppress(sqlite3.Error):
            found = self._database.record_lines(after, most) if self._database else []
        stored = self._last_header.seq if self._last_header else 0
        for lines in self._backlog.lines if self._backlog else ():
            if len(found) < most and (waiting := lines.after(max(after, stored))):
                found += waiting.lines
        return found[:most]

    def saved_delivery(self, number: int) -> SavedDelivery:
        """What never changes of the delivery with this number. Raises UserError."""
        try:
            if self._database is not None:
                return self._database.saved_delivery(number)
            reason = self._write_error
        except sqlite3.Error as error:
            reason = str(error)
        raise UserError(
            f"an event that waits cannot be read from {self.path}: {reason}",
            "Once the disk works again, start the emulator: it goes on from there.",
        )

    def payload_rows(self, event: str | None = None) -> Iterator[PayloadRow]:
        """What is in events, or in one, by number: what is stored, then what could not be."""
        with suppress(sqlite3.Error, UserError):
            if self._database is not None:
                yield from self._database.payload_rows(event)
        yield from (row for row in self._waiting_payloads() if event in (None, row.event))

    def payload_names(self) -> Iterator[tuple[int, KeptName]]:
        """The number of each of these rows, and the names of its event."""
        with suppress(sqlite3.Error, UserError):
            if self._database is not None:
                yield from self._database.payload_names()
        for row in self._waiting_payloads():
            yield row.number, KeptName(row.event, row.kind, row.job, row.subject)

    def _waiting_payloads(self) -> list[PayloadRow]:
        waiting = self._backlog.payloads if self._backlog is not None else None
        return waiting.rows if waiting is not None else []

    def close(self) -> str | None:
        """Write what is left and close the file; returns why that could not be done."""
        if self._backlog is not None:
            self._write_backlog()
        if self._database is not None:
            close_and_shrink(self._database)
        if self._backlog is None or self._write_error is None:
            return None
        return f"{self._write_error}. {_loss_text(self._backlog)}"

    def _write_backlog(self) -> None:
        assert self._backlog is not None
        try:
            if self._write_error is not None:
                self._reopen()
            if self._database is None or not self._database.is_same_file:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            self._backlog.header = self._next_header(self._backlog)
            self._database.write_update(self._backlog)
        except (OSError, sqlite3.Error, UserError) as error:
            self._on_failure(error)
            return
        self._turn_number += 1
        self._last_header = self._backlog.header
        self._backlog = None
        self._on_success()

    def _reopen(self) -> None:
        """Open the file anew after a failure: the open connection may be of no use any more."""
        if self._database is not None:
            self._database.abandon()
            self._database = None
        database = Database(
            self.path,
            synchronous=self._synchronous,
            retention=self._retention,
            verify=self._verify_own_state,
        )
        try:
            if database.identity() is None:
                assert self._backlog is not None
                full = self._full_update()
                # Everything has new numbers from now on: no file but this one fits any more.
                self._last_header = None
                last = full.lines[-1].last if full.lines else 0
                full.lines += [line for line in self._backlog.lines if line.seq > last]
                full.header = self._next_header(full)
                database.replace_state(self.identity, full)
                self._turn_number += 1
                self._backlog = StateUpdate(self._backlog.header)
                self._made_anew = True
        except BaseException:
            database.abandon()
            raise
        self._database = database

    def _verify_own_state(self, identity: Identity | None, header: StateHeader | None) -> None:
        if identity is not None and (identity, header) != (self.identity, self._last_header):
            raise UserError("another state lies in its place")

    def _next_header(self, update: StateUpdate) -> StateHeader:
        return structs.replace(update.header, turn=self._turn_number + 1)

    def _on_failure(self, error: Exception) -> None:
        reason = error.message if isinstance(error, UserError) else _reason_of(error)
        if self._write_error is None:
            self._before_loss()
            self._wait = _FIRST_WAIT
        else:
            self._wait = min(self._wait * 2, _LONGEST_WAIT)
        self._next_retry_at = self._read_clock() + self._wait
        if reason != self._write_error:
            self._notify(
                "error",
                f"the state cannot be written to {self.path}: {reason}. The run goes on in memory: "
                "what happens from now on is lost if the emulator is killed before this is mended.",
            )
        self._write_error = reason

    def _on_success(self) -> None:
        if self._write_error is None:
            return
        self._write_error = None
        missing = (
            "it is a new file, without what was in events before and the oldest records"
            if self._made_anew
            else "nothing is missing from it"
        )
        self._made_anew = False
        self._notify("info", f"the state is written to {self.path} again; {missing}")


def _loss_text(update: StateUpdate) -> str:
    """How much is lost with an update."""
    if not update.lines:
        return "No record is lost by that."
    return f"Lost is what the records from number {update.lines[0].seq:,} on tell of."


def _reason_of(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
