"""What a snapshot of a run refuses, and who hears of it."""

from __future__ import annotations

import pytest

from forge_emu.emulator.snapshots.run_snapshot import RunSnapshot
from forge_emu.errors import UserError
from forge_emu.testing import Emulator
from tests.conftest import AppDir
from tests.testing.app import write_app


def test_real_time_has_no_snapshots(app_dir: AppDir) -> None:
    """Time cannot go back there."""
    with (
        Emulator(write_app(app_dir), virtual=False) as emu,
        pytest.raises(UserError, match="a snapshot can be taken in virtual time only"),
    ):
        emu.snapshot()


def test_followers_are_disconnected(app_dir: AppDir) -> None:
    """Numbers of records come again, which they could not tell."""
    with Emulator(write_app(app_dir)) as emu:
        running, runtime = emu.inner._running, emu.inner._runtime
        assert running is not None
        assert runtime is not None

        async def snapshot() -> RunSnapshot:
            return RunSnapshot(running, runtime)

        taken = emu.run(snapshot())
        subscription = running.hub.subscribe()
        emu.restore(taken)
        assert subscription.closed
        assert not running.hub.subscribe().closed
