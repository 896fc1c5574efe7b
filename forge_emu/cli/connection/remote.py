"""Connects to the emulator of an app, for the commands that change its queues and store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from forge_emu.control.admin_client import AdminClient
from forge_emu.control.client import connect_client
from forge_emu.errors import NoEmulatorError

if TYPE_CHECKING:
    from forge_emu.commands.kvs_offline import OfflineKvs


@contextmanager
def admin_client(app_dir: Path) -> Iterator[AdminClient]:
    """A client of the admin API of the app's running emulator. Raises NoEmulatorError."""
    with connect_client(app_dir) as client:
        yield AdminClient(client)


@contextmanager
def kvs_of_app(app_dir: Path) -> Iterator[AdminClient | OfflineKvs]:
    """The store of the app's emulator, running or stopped. Raises NoEmulatorError, UserError."""
    try:
        client = connect_client(app_dir)
    except NoEmulatorError:
        from forge_emu.commands.kvs_offline import has_state, open_offline_kvs

        if not has_state(app_dir.resolve()):
            raise
        with open_offline_kvs(app_dir.resolve()) as store:
            yield store
        return
    with client:
        yield AdminClient(client)
