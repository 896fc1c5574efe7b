"""The state of a run: opened at its start, written with every turn, let go at its end."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs

from forge_emu import settings as s
from forge_emu.appdir import LoadedApp
from forge_emu.clock import (
    SeededRandom,
    RealClock,
    VirtualClock,
    fresh_id,
    fresh_seed,
    fresh_token,
    monotonic_seconds,
    wall_ms,
)
from forge_emu.control.session import FOLDER
from forge_emu.engine.delivery.handler_arguments import Installation
from forge_emu.errors import UserError
from forge_emu.model import Instant
from forge_emu.ports import Clock
from forge_emu.settings import Settings
from forge_emu.store.database import Database, Keep
from forge_emu.store.keeper import Keeper, Tell
from forge_emu.store.opening import NAME, damaged
from forge_emu.store.salvage import recover
from forge_emu.store.shapes import Identity, Kept, Turn


@dataclass(frozen=True)
class OpenState:
    """A state file that is open, and what is in it; `kept` None is a new one.

    `run` counts the runs of the state, this one included.
    """

    database: Database
    kept: Kept | None
    settings: Settings

    @property
    def run(self) -> int:
        """Which run of the state this is, from 1."""
        return self.kept.present.run + 1 if self.kept else 1

    def now(self, speed: float) -> Instant:
        """Where emulated time stands: it has gone on since the last run, at this run's speed.

        Unless somebody stopped it.
        """
        if self.kept is None:
            return 0
        present = self.kept.present
        if present.stopped:
            return present.at
        return present.at + round(max(wall_ms() - present.wall_ms, 0) * speed)

    def keeper(self, identity: Identity, everything: Callable[[], Turn], tell: Tell) -> Keeper:
        """What writes to it from now on."""
        return Keeper(
            self.database,
            identity,
            synchronous=self.settings[s.STATE_SYNCHRONOUS],
            keep=keep_of(self.settings),
            read_clock=monotonic_seconds,
            everything=everything,
            tell=tell,
        )

    def identity(
        self, app_id: str, epoch_ms: int, seed: int, installation: Installation
    ) -> Identity:
        """Whose state it is: as it was, but for the app's id and a seed that was asked for."""
        if self.kept is None:
            return Identity(fresh_token(), app_id, epoch_ms, seed, installation)
        return structs.replace(self.kept.identity, app_id=app_id, seed=seed)


def keep_of(settings: Settings) -> Keep:
    """How much of the records is kept."""
    return Keep(settings[s.STATE_RECORDS], settings[s.STATE_RECORDS_MB])


def open_state(folder: Path, settings: Settings) -> OpenState:
    """Open the state in `folder` and read it. Raises UserError, and has changed nothing then."""
    path = folder / NAME
    try:
        database = Database(path, synchronous=settings[s.STATE_SYNCHRONOUS], keep=keep_of(settings))
        try:
            return OpenState(database, database.read(), settings)
        except BaseException:
            database.abandon()
            raise
    except (sqlite3.OperationalError, OSError) as error:
        raise _unusable(path, error) from None
    except sqlite3.DatabaseError as error:
        raise damaged(path, error) from None


def recover_state(folder: Path, app_id: str, say: Callable[[str], None]) -> None:
    """Save what can be read of the state in `folder` into a new file, and say what that is.

    Raises UserError where the disk does not allow it.
    """
    path = folder / NAME
    if not path.exists():
        say(f"there is no state in {folder} to recover")
        return
    stranger = Identity(fresh_token(), app_id, wall_ms(), 1, Installation.new(fresh_id))
    try:
        salvage = recover(path, stranger, wall_ms())
    except (sqlite3.Error, OSError) as error:
        raise _unusable(path, error) from None
    say(f"recovered {path}; the old file is kept as {salvage.aside.name}")
    say(f"  saved: {', '.join(salvage.saved) or 'nothing'}")
    say(f"  lost: {'; '.join(salvage.lost) or 'nothing'}")


def _unusable(path: Path, error: Exception) -> UserError:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return UserError(
        f"the emulator's state in {path} cannot be used: {reason}",
        "Look at the disk's space and the permissions, or run with --ephemeral, in memory alone.",
    )


async def state_of(
    loaded: LoadedApp,
    settings: Settings,
    say: Callable[[str], None],
    *,
    in_memory: bool,
    recover: bool,
) -> OpenState | None:
    """The state that a run goes on from; None where it lives in memory alone. Raises UserError.

    `recover` saves first what can be read of a damaged state.
    """
    if in_memory:
        return None
    folder = loaded.root / FOLDER
    if recover:
        recover_state(folder, loaded.app.id, say)
    state = await asyncio.to_thread(open_state, folder, settings)
    before = state.kept.identity.app_id if state.kept else loaded.app.id
    if before != loaded.app.id:
        say(
            f"the state here is that of {before}; it goes on as that of {loaded.app.id}. "
            f"`forge-emu reset {loaded.root}` begins anew."
        )
    return state


def leave_nothing(folder: Path) -> None:
    """Remove the emulator's folder, if nothing is in it but what every run makes."""
    with suppress(OSError):
        made = {path.name for path in folder.iterdir()}
        if made <= {"lock", ".gitignore"}:
            for name in made:
                (folder / name).unlink()
            folder.rmdir()


def chance_of(seed: int | None, state: OpenState | None) -> SeededRandom:
    """The chances of a run: those of its state, unless a seed is asked for."""
    kept = state.kept if state else None
    if seed is None:
        seed = kept.identity.seed if kept else fresh_seed()
    return SeededRandom(seed, state.run if state else 1)


def clock_of(speed: float | None, state: OpenState | None) -> Clock:
    """The clock of a run, which goes on from its state."""
    if speed is None:
        return VirtualClock()
    clock = RealClock(speed, start=state.now(speed) if state else 0)
    if state and state.kept and state.kept.present.stopped:
        clock.stop(state.kept.present.at)
    return clock
