"""From a turn of the pump to a turn in the state file, before anybody hears of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from forge_emu.clock import wall_ms
from forge_emu.control.hub import Item, RecordHub, encoded
from forge_emu.emulator.state import OpenState
from forge_emu.emulator.trigger_batches import Orders
from forge_emu.engine import Engine
from forge_emu.model import SECOND, Instant
from forge_emu.records import Log
from forge_emu.store.shapes import Line, Present, Turn


class Keeping:
    """Writes what a run changes. `turn_soon` lets the pump turn, for what has to be told."""

    def __init__(
        self,
        state: OpenState,
        engine: Engine,
        orders: Orders,
        hub: RecordHub,
        now: Callable[[], Instant],
        stopped: Callable[[], bool],
        app_id: str,
        seed: int,
        turn_soon: Callable[[], None],
    ) -> None:
        self._state = state
        self._engine = engine
        self._orders = orders
        self._hub = hub
        self._now = now
        self._stopped = stopped
        self._written_at = now()
        self._turn_soon = turn_soon
        self._retry: asyncio.TimerHandle | None = None
        self._begun = False
        self._clean = False
        identity = state.identity(app_id, engine.epoch_ms, seed, engine.installation)
        self.journal = identity.journal
        if state.kept is None:
            state.database.begin(identity, self._turn(()))
        elif identity != state.kept.identity:
            state.database.rename(identity)
        self._keeper = state.keeper(identity, self._everything, self._tell)

    @property
    def trouble(self) -> str | None:
        """Why nothing can be written now; None when all is well."""
        return self._keeper.trouble

    @property
    def path(self) -> str:
        """Where the state lies."""
        return str(self._keeper.path)

    def keep(self, items: Sequence[Item]) -> None:
        """Write what has changed, with the records of it."""
        turn = self._turn(items)
        passed = turn.present.at - self._written_at
        if (
            turn.changes
            or turn.lines
            or turn.orders
            or self._keeper.trouble
            # Time that somebody moved on is not to come again.
            or (self._begun and passed >= SECOND)
        ):
            self._begun = True
            self._written_at = turn.present.at
            self._keeper.write(turn)
            self._try_again()

    def lines(self, after: int, most: int) -> list[bytes]:
        """Up to `most` kept records with a number over `after`."""
        return self._keeper.lines(after, most)

    def close(self) -> str | None:
        """The end of the run; answers why not all of it could be written."""
        if self._retry:
            self._retry.cancel()
        # A run that came to nothing leaves the state as it was.
        if self._begun:
            self._clean = True
            self._keeper.write(self._turn(encoded(self._engine.take_records())))
        return self._keeper.close()

    def _turn(self, items: Sequence[Item], *, everything: bool = False) -> Turn:
        engine = self._engine
        changes = engine.take_changes(everything=everything)
        return Turn(
            Present(
                at=self._now(),
                wall_ms=wall_ms(),
                seq=engine.last_seq,
                pending=engine.pending,
                away_ms=engine.away_ms,
                next_issue=self._orders.next_number,
                run=self._state.run,
                clean=self._clean,
                stopped=self._stopped(),
            ),
            changes,
            [Line(record.seq, record.at, text) for record, text in items],
            self._orders.changes(everything=everything),
        )

    def _everything(self) -> Turn:
        return self._turn(self._hub.history(), everything=True)

    def _tell(self, level: str, message: str) -> None:
        self._engine.record(Log(level=level, message=message), self._now())
        self._turn_soon()

    def _try_again(self) -> None:
        """While writing fails, turn the pump for another try even if nothing happens."""
        if self._retry:
            self._retry.cancel()
            self._retry = None
        if (wait := self._keeper.retry_in) is not None:
            loop = asyncio.get_running_loop()
            self._retry = loop.call_later(wait + 0.01, self._turn_soon)


def let_go(keeping: Keeping | None, say: Callable[[str], None]) -> None:
    """The last write of a run; says where it could not be done."""
    if keeping is not None and (trouble := keeping.close()):
        say(f"the end of the run could not be written to {keeping.path}: {trouble}")
