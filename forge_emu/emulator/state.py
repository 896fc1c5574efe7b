"""The state of a run: opened at its start, written with every turn, closed at its end."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from msgspec import structs

from forge_emu import settings as s
from forge_emu.appdir import LoadedApp
from forge_emu.clock import (
    PacedClock,
    RealClock,
    SeededRandom,
    VirtualClock,
    fresh_id,
    fresh_seed,
    fresh_token,
    monotonic_seconds,
    wall_ms,
)
from forge_emu.control.session import FOLDER
from forge_emu.engine.installation import Installation
from forge_emu.errors import UserError
from forge_emu.model import Instant
from forge_emu.ports import Clock
from forge_emu.settings import Settings
from forge_emu.store.database import Database
from forge_emu.store.opening import damaged_error
from forge_emu.store.recovery import recover_file
from forge_emu.store.replacement import damaged_files, finish_replacement, state_exists
from forge_emu.store.retention import Retention
from forge_emu.store.schema import STATE_FILE
from forge_emu.store.shapes import Identity, StateUpdate, StoredState
from forge_emu.store.shrinking import close_and_shrink, is_mostly_free
from forge_emu.store.state_writer import Notify, StateWriter


class OpenState(msgspec.Struct, frozen=True):
    """An open state file and what is in it; `stored` None is a new one.

    `run_number` counts the runs of the state, this one included.
    """

    database: Database
    stored: StoredState | None
    settings: Settings

    @property
    def run_number(self) -> int:
        """Which run of the state this is, from 1."""
        return self.stored.header.run + 1 if self.stored else 1

    def now(self, speed: float) -> Instant:
        """Where emulated time stands: it has gone on since the last run, at this run's speed.

        Unless somebody stopped it.
        """
        if self.stored is None:
            return 0
        present = self.stored.header
        if present.stopped:
            return present.at
        return present.at + round(max(wall_ms() - present.wall_ms, 0) * speed)

    def new_writer(
        self,
        identity: Identity,
        full_update: Callable[[], StateUpdate],
        before_loss: Callable[[], None],
        notify: Notify,
    ) -> StateWriter:
        """The writer that persists updates to it from now on."""
        return StateWriter(
            self.database,
            identity,
            synchronous=self.settings[s.STATE_SYNCHRONOUS],
            retention=retention_of(self.settings),
            read_clock=monotonic_seconds,
            full_update=full_update,
            before_loss=before_loss,
            notify=notify,
        )

    def identity_for(
        self, app_id: str, epoch_ms: int, seed: int, installation: Installation
    ) -> Identity:
        """The state's identity: as stored, but with this app's id and seed."""
        if self.stored is None:
            return Identity(fresh_token(), app_id, epoch_ms, seed, installation)
        return structs.replace(self.stored.identity, app_id=app_id, seed=seed)


def retention_of(settings: Settings) -> Retention:
    """How many records are retained."""
    return Retention(settings[s.STATE_RECORDS], settings[s.STATE_RECORDS_MB])


def open_state(folder: Path, settings: Settings) -> OpenState:
    """Open the state in `folder` and read it. Raises UserError, and has changed nothing then."""
    path = folder / STATE_FILE
    try:
        finish_replacement(path)
        database = _open_database(path, settings)
        try:
            # Also after an emulator that was killed, the file is no larger than it has to be.
            if is_mostly_free(database) and database.read_state() is not None:
                close_and_shrink(database)
                database = _open_database(path, settings)
            return OpenState(database, database.read_state(), settings)
        except BaseException:
            database.abandon()
            raise
    except (sqlite3.OperationalError, OSError) as error:
        raise _unusable_error(path, error) from None
    except sqlite3.DatabaseError as error:
        raise damaged_error(path, error) from None


def _open_database(path: Path, settings: Settings) -> Database:
    return Database(
        path, synchronous=settings[s.STATE_SYNCHRONOUS], retention=retention_of(settings)
    )


def recover_state(folder: Path, app_id: str, print_message: Callable[[str], None]) -> None:
    """Save what can be read of the state in `folder` into a new file, and say what that is.

    Raises UserError where the disk does not allow it.
    """
    path = folder / STATE_FILE
    if not state_exists(path):
        print_message(f"there is no state in {folder} to recover")
        return
    fallback = Identity(fresh_token(), app_id, wall_ms(), 1, Installation.new(fresh_id))
    try:
        recovery = recover_file(path, fallback, wall_ms())
    except (sqlite3.Error, OSError) as error:
        raise _unusable_error(path, error) from None
    print_message(f"recovered {path}; the old file is kept as {recovery.old_file.name}")
    print_message(f"  saved: {', '.join(recovery.saved) or 'nothing'}")
    print_message(f"  lost: {'; '.join(recovery.lost) or 'nothing'}")


def _unusable_error(path: Path, error: Exception) -> UserError:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return UserError(
        f"the emulator's state in {path} cannot be used: {reason}",
        "Look at the disk's space and the permissions, or run with --ephemeral, in memory alone.",
    )


async def state_for_run(
    loaded: LoadedApp,
    settings: Settings,
    print_message: Callable[[str], None],
    *,
    in_memory: bool,
    recover: bool,
) -> OpenState | None:
    """The state that a run resumes from; None where it lives in memory alone. Raises UserError.

    `recover` saves first what can be read of a damaged state.
    """
    if in_memory:
        return None
    folder = loaded.root / FOLDER
    if recover:
        recover_state(folder, loaded.app.id, print_message)
    state = await asyncio.to_thread(open_state, folder, settings)
    if state.stored is None and (kept := damaged_files(folder / STATE_FILE)):
        print_message(_only_damaged_text(kept))
    before = state.stored.identity.app_id if state.stored else loaded.app.id
    if before != loaded.app.id:
        print_message(
            f"the state here is that of {before}; it goes on as that of {loaded.app.id}. "
            f"`forge-emu reset {loaded.root}` begins anew."
        )
    return state


def _only_damaged_text(kept: Sequence[Path]) -> str:
    last = kept[-1]
    return (
        f"there is no state in {last.parent}, so the run begins anew; "
        f"{', '.join(file.name for file in kept)} beside it was kept as damaged. To save what can "
        f"be read of it: stop, rename {last.name} and the files whose names begin so to "
        f"{STATE_FILE}…, and run with --recover."
    )


def chance_for_run(seed: int | None, state: OpenState | None) -> SeededRandom:
    """The random source of a run: that of its state, unless a seed is given."""
    stored = state.stored if state else None
    if seed is None:
        seed = stored.identity.seed if stored else fresh_seed()
    return SeededRandom(seed, state.run_number if state else 1)


def epoch_of_run(clock: Clock, stored: StoredState | None) -> int:
    """Unix time in milliseconds at which the emulated time of a run, or of its state, began."""
    if stored is not None:
        return stored.identity.epoch_ms
    return s.VIRTUAL_EPOCH_MS if clock.virtual else wall_ms() - clock.now()


def clock_for_run(
    speed: float | None, state: OpenState | None, initial_state: OpenState | None = None
) -> Clock:
    """The clock of a run, which resumes from its state, or begins where an initial one ends."""
    initial = initial_state.stored if initial_state else None
    start = initial.header.at if initial else 0
    if speed is None:
        return VirtualClock(start)
    start = state.now(speed) if state else start
    clock: Clock = RealClock(start=start) if speed == 1 else PacedClock(speed, start=start)
    if state and state.stored and state.stored.header.stopped:
        clock.stop(state.stored.header.at)
    return clock
