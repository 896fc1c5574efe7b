"""Reaching the running emulator of an app, for the commands that act on it by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from forge_emu.control.client import connect
from forge_emu.control.remote_byhand import RemoteByHand


@contextmanager
def by_hand(app_dir: Path) -> Iterator[RemoteByHand]:
    """The developer's hand on the emulator that runs for the app. Raises NoEmulatorError."""
    with connect(app_dir) as client:
        yield RemoteByHand(client)
