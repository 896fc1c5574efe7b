"""What is written and read besides the engine's own state."""

from __future__ import annotations

import msgspec

from forge_emu.engine.installation import Installation
from forge_emu.engine.snapshot.shapes import EngineChanges, EngineSnapshot
from forge_emu.events import ThingNumbers
from forge_emu.model import Instant, Millis
from forge_emu.payloads import PayloadChanges
from forge_emu.records import RecordLines


class Identity(msgspec.Struct, frozen=True):
    """What stays the same for the whole life of a state.

    `journal` is a word that no other state has: records with the same one are of one sequence.
    """

    journal: str
    app_id: str
    epoch_ms: int
    seed: int
    installation: Installation


class StateHeader(msgspec.Struct, frozen=True):
    """Where the run stood at the end of a turn.

    `at` is emulated, `wall_ms` real time; `seq` the number of the last record; `pending` how many
    deliveries had not ended; `next_issue` the number of the next issue made up, and `things` those
    of all kinds of things (None before there were any). `run` counts the starts of an emulator,
    `turn` the writes of all of them. `stopped` says that somebody has stopped the clock.
    """

    at: Instant
    wall_ms: int
    seq: int
    pending: int
    away_ms: Millis
    next_issue: int
    run: int
    turn: int = 0
    clean: bool = False
    stopped: bool = False
    things: ThingNumbers | None = None

    @property
    def thing_numbers(self) -> ThingNumbers:
        """The things of the run, as far as the state knows them."""
        return self.things or ThingNumbers.after_issue(self.next_issue)


class StateUpdate(msgspec.Struct):
    """What one turn changes, to be written whole or not at all.

    `orders` are the batches of product events that are not sent yet, None for those that are.
    `identity` is set in the first one of a run.
    """

    header: StateHeader
    changes: EngineChanges = msgspec.field(default_factory=EngineChanges)
    lines: list[RecordLines] = []
    orders: dict[str, bytes | None] = {}
    payloads: PayloadChanges | None = None
    identity: Identity | None = None

    def merge(self, later: StateUpdate, most_lines: int) -> None:
        """Merge a later update; the oldest records go where there are too many."""
        self.header = later.header
        self.changes.merge(later.changes)
        self.lines.extend(later.lines)
        if self.lines and (last := self.lines[-1].last) - self.lines[0].seq >= 2 * most_lines:
            self.lines = [part for part in self.lines if part.last > last - most_lines]
        self.orders.update(later.orders)
        self.identity = later.identity or self.identity
        if self.payloads is None:
            self.payloads = later.payloads
        elif later.payloads is not None:
            self.payloads.merge(later.payloads)


class StoredState(msgspec.Struct, frozen=True):
    """A whole state, read back."""

    identity: Identity
    header: StateHeader
    saved: EngineSnapshot
    orders: dict[str, bytes]
