"""Keeps a state on disk, and bears it when the disk does not play along.

While a write fails, what it held waits in memory and joins the next. A file that was lost is made
anew once its folder is back; one that somebody else has put in its place is left alone.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from msgspec import structs

from forge_emu.errors import UserError
from forge_emu.store.database import Database, Keep
from forge_emu.store.shapes import Identity, Present, Turn

_FIRST_WAIT, _LONGEST_WAIT = 0.5, 10.0
"""Real seconds between two tries while writing fails."""

Tell = Callable[[str, str], None]
"""Takes a level and a message for the user."""


class Keeper:
    """Writes turns. `everything` gives the whole state, `read_clock` real seconds."""

    def __init__(
        self,
        database: Database,
        identity: Identity,
        *,
        synchronous: str,
        keep: Keep,
        read_clock: Callable[[], float],
        everything: Callable[[], Turn],
        tell: Tell,
    ) -> None:
        self.path: Path = database.path
        self.identity = identity
        self._database: Database | None = database
        self._synchronous = synchronous
        self._keep = keep
        self._read_clock = read_clock
        self._everything = everything
        self._tell = tell
        self._written = database.present()
        self._turn = self._written.turn if self._written else 0
        self._backlog: Turn | None = None
        self._trouble: str | None = None
        self._next_try = 0.0
        self._wait = _FIRST_WAIT

    @property
    def trouble(self) -> str | None:
        """Why nothing can be written now; None when all is well."""
        return self._trouble

    @property
    def retry_in(self) -> float | None:
        """Real seconds until the next try is due; None when all is well."""
        return None if self._trouble is None else max(self._next_try - self._read_clock(), 0.0)

    def write(self, turn: Turn) -> None:
        """Write a turn, or keep it in memory until that is possible. Never raises for the disk."""
        if self._backlog is None:
            self._backlog = turn
        else:
            self._backlog.merge(turn, self._keep.lines)
        if self._trouble is None or self._read_clock() >= self._next_try:
            self._try()

    def lines(self, after: int, most: int) -> list[bytes]:
        """Up to `most` kept records with a number over `after`; none where the file is away."""
        try:
            return self._database.lines(after, most) if self._database else []
        except sqlite3.Error:
            return []

    def close(self) -> str | None:
        """Write what is left and let go of the file; answers why that could not be done."""
        if self._backlog is not None:
            self._try()
        if self._database is not None:
            self._database.close()
        if self._backlog is None or self._trouble is None:
            return None
        return f"{self._trouble}. {_extent(self._backlog)}"

    def _try(self) -> None:
        assert self._backlog is not None
        try:
            if self._trouble is not None:
                self._reopen()
            if self._database is None or not self._database.in_place:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            self._backlog.present = self._numbered(self._backlog)
            self._database.write(self._backlog)
        except (OSError, sqlite3.Error, UserError) as error:
            self._fail(error)
            return
        self._turn += 1
        self._written = self._backlog.present
        self._backlog = None
        self._recover()

    def _reopen(self) -> None:
        """Open the file anew after trouble: what was open may be of no use any more."""
        if self._database is not None:
            self._database.abandon()
            self._database = None
        database = Database(
            self.path, synchronous=self._synchronous, keep=self._keep, accept=self._accept
        )
        try:
            if database.identity() is None:
                assert self._backlog is not None
                whole = self._everything()
                # Everything has new numbers from now on: no file but this one fits any more.
                self._written = None
                last = whole.lines[-1].seq if whole.lines else 0
                whole.lines += [line for line in self._backlog.lines if line.seq > last]
                whole.present = self._numbered(whole)
                database.begin(self.identity, whole)
                self._turn += 1
                self._backlog = Turn(self._backlog.present)
        except BaseException:
            database.abandon()
            raise
        self._database = database

    def _accept(self, identity: Identity | None, present: Present | None) -> None:
        if identity is not None and (identity, present) != (self.identity, self._written):
            raise UserError("another state lies in its place")

    def _numbered(self, turn: Turn) -> Present:
        return structs.replace(turn.present, turn=self._turn + 1)

    def _fail(self, error: Exception) -> None:
        reason = error.message if isinstance(error, UserError) else _reason(error)
        if self._trouble is None:
            self._wait = _FIRST_WAIT
        else:
            self._wait = min(self._wait * 2, _LONGEST_WAIT)
        self._next_try = self._read_clock() + self._wait
        if reason != self._trouble:
            self._tell(
                "error",
                f"the state cannot be written to {self.path}: {reason}. The run goes on in memory: "
                "what happens from now on is lost if the emulator is killed before this is mended.",
            )
        self._trouble = reason

    def _recover(self) -> None:
        if self._trouble is None:
            return
        self._trouble = None
        self._tell("info", f"the state is written to {self.path} again; nothing is missing from it")


def _extent(turn: Turn) -> str:
    """How much is lost with a turn."""
    if not turn.lines:
        return "No record is lost by that."
    return f"Lost is what the records from number {turn.lines[0].seq:,} on tell of."


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
