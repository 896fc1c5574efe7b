"""Writes the changes of each turn to the state file, before its records are published."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from forge_emu.clock import wall_ms
from forge_emu.control.hub import RecordHub
from forge_emu.emulator.state import OpenState
from forge_emu.emulator.trigger_batches import TriggerBatches
from forge_emu.engine.engine import Engine
from forge_emu.errors import UserError
from forge_emu.model import SECOND, Instant, Json
from forge_emu.payloads import NO_PAYLOADS, PayloadChanges, PayloadCollector, PayloadsOnDisk
from forge_emu.records import Log, RecordBatch, RecordLines
from forge_emu.settings import STATE_WAITING_MB
from forge_emu.store.replacement import remove_state_files
from forge_emu.store.shapes import StateHeader, StateUpdate


class Persistence:
    """Persists what a run changes. `schedule_turn` runs a turn, to publish log records.

    Before `is_loaded`, nothing is written: a run whose app does not load leaves no trace.
    """

    def __init__(
        self,
        state: OpenState,
        engine: Engine,
        trigger_batches: TriggerBatches,
        payloads: PayloadCollector | None,
        hub: RecordHub,
        now: Callable[[], Instant],
        clock_stopped: Callable[[], bool],
        app_id: str,
        seed: int,
        schedule_turn: Callable[[], None],
        is_loaded: Callable[[], bool],
    ) -> None:
        self._state = state
        self._engine = engine
        self._trigger_batches = trigger_batches
        kept = None if payloads is None else payloads.kept
        self._payloads = kept if isinstance(kept, PayloadsOnDisk) else None
        self._hub = hub
        self._now = now
        self._clock_stopped = clock_stopped
        self._written_at = now()
        self._schedule_turn = schedule_turn
        self._retry: asyncio.TimerHandle | None = None
        self._has_written = False
        self._clean = False
        identity = state.identity_for(app_id, engine.epoch_ms, seed, engine.installation)
        self.journal = identity.journal
        self._identity = identity
        self._is_loaded = is_loaded
        self._early_lines: list[RecordLines] = []
        """Records of before the app was loaded."""
        self._bodies = engine.snapshot_writer.bodies
        self._writer = state.new_writer(identity, self._full_update, self._fetch_bodies, self._log)
        self._bodies.keep_saved(
            engine.settings[STATE_WAITING_MB] * 1_000_000, self._writer.saved_delivery
        )
        if self._payloads is not None:
            self._payloads.source = self._writer

    @property
    def write_error(self) -> str | None:
        """Why writing fails now; None while it works."""
        return self._writer.write_error

    @property
    def path(self) -> str:
        """Where the state lies."""
        return str(self._writer.path)

    def status(self) -> Json:
        """Where the state lies, and why writing fails now."""
        return {"path": self.path, "trouble": self.write_error}

    def persist_batch(self, batch: RecordBatch) -> None:
        """Write what has changed, with its records."""
        lines = [*self._early_lines, *batch.parts]
        if not self._is_loaded():
            self._early_lines = lines
            return
        self._early_lines = []
        update = self._new_update(lines)
        passed = update.header.at - self._written_at
        if (
            update.changes
            or update.lines
            or update.orders
            or (update.payloads and update.payloads.rows)
            or self._writer.write_error
            # Emulated time that was skipped must not come again after a restart.
            or (self._has_written and passed >= SECOND)
        ):
            if not self._has_written:
                update.identity = self._identity
            self._has_written = True
            self._written_at = update.header.at
            self._writer.write_update(update)
            if self._writer.write_error is None:
                self._bodies.note_saved()
            self._schedule_retry()

    def record_lines(self, after: int, most: int) -> list[bytes]:
        """Up to `most` stored records with a number over `after`."""
        return self._writer.record_lines(after, most)

    def close(self) -> str | None:
        """Write the last update of the run; returns why not all of it could be written."""
        if self._retry:
            self._retry.cancel()
        # A run that came to nothing leaves the state as it was.
        if self._has_written:
            self._clean = True
            last = RecordBatch(self._engine.take_records())
            self._writer.write_update(self._new_update([*last.parts]))
        error = self._writer.close()
        if not self._has_written and self._state.stored is None:
            with suppress(OSError):
                remove_state_files(self._writer.path)
        return error

    def _new_update(self, lines: list[RecordLines], *, everything: bool = False) -> StateUpdate:
        engine = self._engine
        changes = engine.take_changes(everything=everything)
        return StateUpdate(
            StateHeader(
                at=self._now(),
                wall_ms=wall_ms(),
                seq=engine.last_seq,
                pending=engine.pending,
                away_ms=engine.snapshot_writer.away_ms,
                next_issue=self._trigger_batches.numbers.next_issue,
                run=self._state.run_number,
                clean=self._clean,
                stopped=self._clock_stopped(),
                things=self._trigger_batches.numbers.copy(),
            ),
            changes,
            lines,
            self._trigger_batches.take_changes(include_all=everything),
            self._payload_changes(everything=everything),
        )

    def _payload_changes(self, *, everything: bool) -> PayloadChanges | None:
        if self._payloads is not None:
            return self._payloads.take_changes(everything=everything)
        # What an earlier run has kept goes with the setting.
        return None if self._has_written else NO_PAYLOADS

    def _full_update(self) -> StateUpdate:
        return self._new_update(self._hub.history(), everything=True)

    def _fetch_bodies(self) -> None:
        # What cannot be read now stays where it is: the file may come back.
        with suppress(UserError):
            self._bodies.fetch_all()

    def _log(self, level: str, message: str) -> None:
        self._engine.record(Log(level=level, message=message), self._now())
        self._schedule_turn()

    def _schedule_retry(self) -> None:
        """While writing fails, schedule a turn for the next try even if nothing happens."""
        if self._retry:
            self._retry.cancel()
            self._retry = None
        if (wait := self._writer.retry_in) is not None:
            loop = asyncio.get_running_loop()
            self._retry = loop.call_later(wait + 0.01, self._schedule_turn)


def close_persistence(
    persistence: Persistence | None, print_message: Callable[[str], None]
) -> None:
    """Close the persistence of a run; prints why its end could not be written."""
    if persistence is not None and (reason := persistence.close()):
        print_message(f"the end of the run could not be written to {persistence.path}: {reason}")
