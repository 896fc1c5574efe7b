"""Exports a state as one file for another machine, and imports it."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
from msgspec import structs

from forge_emu.engine.journal.secrets import Secrets
from forge_emu.errors import UserError
from forge_emu.store.database import Database
from forge_emu.store.opening import StateError
from forge_emu.store.replacement import (
    IMPORT_DRAFT,
    finish_replacement,
    remove_state_files,
    replace_state,
    state_exists,
    sync_file,
    sync_folder_of,
)
from forge_emu.store.schema import STATE_FILE
from forge_emu.store.shapes import StoredState


class TransferResult(msgspec.Struct, frozen=True):
    """An exported or imported state; `left_out` is how many secrets of the store it lacks."""

    state: StoredState
    left_out: int = 0


def export_state(
    folder: Path, target: Path, *, with_secrets: bool = False, secrets: Secrets | None = None
) -> TransferResult:
    """Write the state in `folder` into the new file `target`. Raises UserError.

    Without `with_secrets`, the secrets of the store are left out, and in the records they and
    `secrets` are masked.
    """
    path = folder / STATE_FILE
    if not state_exists(path):
        raise UserError(f"there is no state in {folder}", "It comes to be with `forge-emu run`.")
    if os.path.lexists(target):
        raise UserError(f"{str(target)!r} exists already", "Give the name of a new file.")
    draft = target.with_name(f".{target.name}.partial")
    try:
        finish_replacement(path)
        with closing(Database(path)) as database, _new_file(target, draft):
            state = database.read_state()
            if state is None:
                raise UserError(f"the state in {folder} is empty")
            # Values of the app are in it, with_secrets or not.
            os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            if with_secrets:
                database.copy_to(draft)
                return TransferResult(state)
            known = Secrets() if secrets is None else secrets
            known.add_saved_values(state.saved.values)
            left_out = database.copy_without_secrets(draft, known)
            return TransferResult(_without_secrets(state), left_out)
    except (OSError, sqlite3.Error) as error:
        raise _transfer_error(f"cannot export to {str(target)!r}", error) from None


@contextmanager
def _new_file(target: Path, draft: Path) -> Iterator[None]:
    """Give what is written into `draft` meanwhile the name `target`, whole or not at all.

    A draft that a killed export has left is removed. Raises OSError where there is a `target`.
    """
    remove_state_files(draft)
    try:
        yield
        sync_file(draft)
        try:
            # Unlike a rename, it replaces nothing.
            target.hardlink_to(draft)
        except FileExistsError:
            raise
        except OSError:
            draft.rename(target)
        sync_folder_of(target)
    finally:
        remove_state_files(draft)


def import_state(source: Path, folder: Path, *, force: bool) -> TransferResult:
    """Make the file `source` the state in `folder`. Raises UserError."""
    path = folder / STATE_FILE
    if not source.is_file():
        raise UserError(f"there is no file {str(source)!r}", "Give one that `export` wrote.")
    if not force and not is_empty_state(path):
        raise UserError(
            f"there is a state in {folder} already",
            "--force puts the imported one in its place; `forge-emu state export` saves it first.",
        )
    arriving = folder / IMPORT_DRAFT
    try:
        remove_state_files(arriving)
        os.close(os.open(arriving, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        shutil.copyfile(source, arriving)
        with closing(Database(arriving)) as database:
            state = database.read_state()
            if state is None:
                raise StateError(f"{str(source)!r} holds no state")
            result = TransferResult(state, database.pop_left_out())
        replace_state(path, arriving)
        return result
    except StateError as error:
        raise UserError(error.message.replace(str(arriving), str(source))) from None
    except (OSError, sqlite3.Error) as error:
        raise _transfer_error(f"cannot import {str(source)!r}", error) from None
    finally:
        remove_state_files(arriving)


def _without_secrets(state: StoredState) -> StoredState:
    values = {place: value for place, value in state.saved.values.items() if not place[0]}
    web_triggers = structs.replace(state.saved.web_triggers, secret_keys={})
    saved = structs.replace(state.saved, values=values, web_triggers=web_triggers)
    return structs.replace(state, saved=saved)


def is_empty_state(path: Path) -> bool:
    """Whether nothing is lost when the state at `path` is replaced."""
    try:
        finish_replacement(path)
        if not state_exists(path):
            return True
        with closing(Database(path)) as database:
            present = database.header()
            return present is None or not (present.seq or database.holds_values)
    except (UserError, OSError, sqlite3.Error):
        # What cannot be read may still be of use to somebody.
        return False


def _transfer_error(what: str, error: Exception) -> UserError:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return UserError(f"{what}: {reason}", "Look at the disk's space and the permissions.")
