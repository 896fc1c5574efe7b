"""A state as one file that can be carried to another machine."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs

from forge_emu.engine.journal.secrets import Secrets
from forge_emu.errors import UserError
from forge_emu.store.database import Database
from forge_emu.store.opening import NAME, StateError
from forge_emu.store.salvage import remove
from forge_emu.store.shapes import Kept


@dataclass(frozen=True)
class Moved:
    """A state that was carried; `left_out` is how many secrets of the store it lacks."""

    kept: Kept
    left_out: int = 0


def export(
    folder: Path, target: Path, *, with_secrets: bool = False, secrets: Secrets | None = None
) -> Moved:
    """Write the state in `folder` into the new file `target`. Raises UserError.

    Without `with_secrets` those of the store stay here, and records tell neither them nor
    `secrets`.
    """
    path = folder / NAME
    if not path.exists():
        raise UserError(f"there is no state in {folder}", "It comes to be with `forge-emu run`.")
    if target.exists():
        raise UserError(f"{str(target)!r} exists already", "Give the name of a new file.")
    try:
        with closing(Database(path)) as database:
            kept = database.read()
            if kept is None:
                raise UserError(f"the state in {folder} is empty")
            # Values of the app are in it, with_secrets or not.
            os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            try:
                if with_secrets:
                    database.copy_to(target)
                    return Moved(kept)
                known = Secrets() if secrets is None else secrets
                known.add_saved_values(kept.saved.values)
                left_out = database.copy_without_secrets(target, known)
            except BaseException:
                for suffix in ("", "-journal"):
                    target.with_name(target.name + suffix).unlink(missing_ok=True)
                raise
            return Moved(_without_secrets(kept), left_out)
    except (OSError, sqlite3.Error) as error:
        raise _failed(f"cannot export to {str(target)!r}", error) from None


def import_(source: Path, folder: Path, *, force: bool) -> Moved:
    """Make the file `source` the state in `folder`. Raises UserError."""
    path = folder / NAME
    if not source.is_file():
        raise UserError(f"there is no file {str(source)!r}", "Give one that `export` wrote.")
    if not force and not is_empty(path):
        raise UserError(
            f"there is a state in {folder} already",
            "--force puts the imported one in its place; `forge-emu state export` saves it first.",
        )
    arriving = folder / "state.arriving"
    try:
        remove(arriving)
        os.close(os.open(arriving, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        arriving.write_bytes(source.read_bytes())
        with closing(Database(arriving)) as database:
            kept = database.read()
            if kept is None:
                raise StateError(f"{str(source)!r} holds no state")
            moved = Moved(kept, database.take_left_out())
        remove(path)
        arriving.rename(path)
        return moved
    except StateError as error:
        raise UserError(error.message.replace(str(arriving), str(source))) from None
    except (OSError, sqlite3.Error) as error:
        raise _failed(f"cannot import {str(source)!r}", error) from None
    finally:
        remove(arriving)


def _without_secrets(kept: Kept) -> Kept:
    values = {place: value for place, value in kept.saved.values.items() if not place[0]}
    return structs.replace(kept, saved=structs.replace(kept.saved, values=values))


def is_empty(path: Path) -> bool:
    """Whether nothing is lost when the state at `path` is replaced."""
    if not path.exists():
        return True
    try:
        with closing(Database(path)) as database:
            present = database.present()
            return present is None or not (present.seq or database.holds_values)
    except (UserError, OSError, sqlite3.Error):
        # What cannot be read may still be of use to somebody.
        return False


def _failed(what: str, error: Exception) -> UserError:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return UserError(f"{what}: {reason}", "Look at the disk's space and the permissions.")
