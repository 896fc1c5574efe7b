"""The key-value store of an emulator that is stopped, in its state file: looked at and changed.

Time stands where it stood when the emulator ended; what is written now was written then.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec import structs

from forge_emu.appdir import load_app, load_settings
from forge_emu.control.contract import KvsEntry, no_value_error
from forge_emu.control.session import FOLDER, lock_app
from forge_emu.emulator.admin import edit_refused, kvs_entry_of, kvs_set_request
from forge_emu.emulator.state import open_state
from forge_emu.emulator.variables import variables_of
from forge_emu.engine.journal.masking import mask_body
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.engine.kvs.entities import entities_of
from forge_emu.engine.kvs.place import restored_place, saved_place
from forge_emu.engine.kvs.store import KvsStore
from forge_emu.engine.snapshot.shapes import EngineChanges
from forge_emu.errors import Fault, UserError
from forge_emu.model import KvsRequest, iso8601
from forge_emu.records import KvsDone, Record, RecordLines, encode_record
from forge_emu.settings import Settings
from forge_emu.store.database import Database
from forge_emu.store.replacement import state_exists
from forge_emu.store.schema import STATE_FILE
from forge_emu.store.shapes import StateUpdate, StoredState


def has_state(root: Path) -> bool:
    """Whether an emulator of the app at `root` has left a state."""
    return state_exists(root / FOLDER / STATE_FILE)


@contextmanager
def open_offline_kvs(root: Path) -> Iterator[OfflineKvs]:
    """The store in the state of the app at `root`, whose emulator cannot start meanwhile.

    Raises UserError where the state cannot be read or an emulator runs.
    """
    with lock_app(root):
        in_file = load_settings(root)
        settings = Settings(in_file.preset or "current", in_file.overrides)
        state = open_state(root / FOLDER, settings)
        try:
            if state.stored is None:
                raise UserError(f"the state in {root / FOLDER} is empty")
            secrets = variables_of(in_file.variables, os.environ).secrets()
            yield OfflineKvs(root, state.database, state.stored, settings, secrets)
        finally:
            state.database.close()


class OfflineKvs:
    """The calls behind `kvs`, as `AdminClient` has them. Its records have no `secrets`."""

    def __init__(
        self,
        root: Path,
        database: Database,
        kept: StoredState,
        settings: Settings,
        secrets: Secrets,
    ) -> None:
        self._root = root
        self._database = database
        self._present = kept.header
        self._epoch_ms = kept.identity.epoch_ms
        self._secrets = secrets
        secrets.add_saved_values(kept.saved.values)
        self._store = KvsStore(settings, self._epoch_ms)
        for place, value in kept.saved.values.items():
            self._store.restore_value(restored_place(place), value)

    def list_kvs(
        self,
        prefix: str,
        *,
        secret: bool = False,
        show_secrets: bool = False,
        entity: str = "",
    ) -> Iterator[tuple[KvsEntry, int]]:
        """Every value whose key begins with `prefix`, with its size in bytes."""
        now = self._present.at
        for value in self._store.items(prefix, now=now, secret=secret, entity=entity):
            masked = secret and not show_secrets
            yield kvs_entry_of(value, secret, now, masked=masked), len(value.value_text)

    def kvs_entities(self) -> dict[str, int]:
        """How many values each custom entity has that has any, by name."""
        return self._store.count_entities(self._present.at)

    def kvs_get(self, key: str, *, secret: bool, entity: str = "") -> KvsEntry:
        """One value. Raises UserError where there is none."""
        now = self._present.at
        for value in self._store.items(key, now=now, secret=secret, entity=entity):
            if value.key == key:
                return kvs_entry_of(value, secret, now)
        raise no_value_error(key, secret=secret, entity=entity)

    def kvs_set(self, entries: Sequence[KvsEntry]) -> int:
        """Write values, all or none; answers how many."""
        self._write_requests([kvs_set_request(entry) for entry in entries])
        return len(entries)

    def kvs_delete(self, key: str, *, secret: bool, entity: str = "") -> None:
        """Delete a key that is there."""
        self.kvs_get(key, secret=secret, entity=entity)
        self._write_requests([KvsRequest("delete", key, secret=secret, entity=entity or None)])

    def _write_requests(self, requests: Sequence[KvsRequest]) -> None:
        if any(request.entity for request in requests):
            self._store.declared_entities = entities_of(load_app(self._root).app.storage)
        for request in requests:
            try:
                self._store.check_edit(request)
            except Fault as fault:
                raise edit_refused(request, fault) from None
        changes, lines, present = EngineChanges(), [], self._present
        for request in requests:
            if request.secret:
                self._secrets.add_stored_value(request.key, request.value_text)
            place = self._store.check_edit(request)
            done = self._store.apply_edit(request, present.at)
            changes.values[saved_place(place)] = self._store.value_at(place)
            present = structs.replace(present, seq=present.seq + 1)
            lines.append(self._record_line(present.seq, done))
        self._present = structs.replace(present, turn=present.turn + 1)
        try:
            self._database.write_update(StateUpdate(self._present, changes, lines))
        except (sqlite3.Error, OSError) as error:
            raise UserError(f"cannot write to {self._database.path}: {error}") from None

    def _record_line(self, seq: int, done: KvsDone) -> RecordLines:
        at = self._present.at
        body = mask_body(done, self._secrets)
        return RecordLines(
            seq, at, encode_record(Record(seq, at, iso8601(self._epoch_ms + at), body))
        )
