"""The last turns, which are not in the tables yet.

An event of a queue is pushed, begins and ends within a second: each step would be rows that are
written, changed and deleted. So what a turn has changed is one row of a table of its own, and some
turns go into the tables together: what has ended by then was never there.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from msgspec import structs

from forge_emu.engine.snapshot.shapes import EngineChanges
from forge_emu.store.turns.saved_turn import decode_turn, encode_turn
from forge_emu.store.writing import transaction, write_changes

MOST_TURNS: Final = 64
"""Turns that are not in the tables: so many are read at a start."""


class LastTurns:
    """Those that `connection` has, and the next ones. Raises as `decode_turn` does."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._changes = EngineChanges()
        self._count = 0
        self._is_making_room = False
        for (text,) in connection.execute("SELECT changes FROM turns ORDER BY number"):
            self._add(decode_turn(text))

    def make_room(self, added: Mapping[int, object]) -> None:
        """Where it is time, write those before into the tables, before anything of a turn is
        written. `added` are the numbers of its new deliveries."""
        # A run gives numbers again that had ended when it began: the end is of the earlier one.
        self._is_making_room = self._count >= MOST_TURNS or not self._changes.ended.isdisjoint(
            added
        )
        if self._is_making_room:
            self._write_to_tables()

    def write(self, changes: EngineChanges) -> None:
        """Write what a turn has changed. Call `note` once that is committed."""
        if text := encode_turn(changes):
            self._connection.execute("INSERT INTO turns (changes) VALUES (?)", (text,))

    def note(self, changes: EngineChanges) -> None:
        """What a turn has changed is committed, with the room that was made for it."""
        if self._is_making_room:
            self.reset()
        self._add(changes)

    def settle(self) -> None:
        """Write them into the tables, if there are any."""
        if self._count:
            with transaction(self._connection):
                self._write_to_tables()
            self.reset()

    def reset(self) -> None:
        """There are none any more."""
        self._changes = EngineChanges()
        self._count = 0
        self._is_making_room = False

    @contextmanager
    def shown_in_tables(self) -> Iterator[None]:
        """Meanwhile the tables are as they will be; then they are as they were."""
        if not self._count:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._write_to_tables()
            yield
        finally:
            self._connection.execute("ROLLBACK")

    def _add(self, changes: EngineChanges) -> None:
        # New deliveries are in their table already.
        self._changes.merge(structs.replace(changes, added={}, values={}, site={}))
        self._count += 1

    def _write_to_tables(self) -> None:
        write_changes(self._connection, self._changes)
        self._connection.execute("DELETE FROM turns")
