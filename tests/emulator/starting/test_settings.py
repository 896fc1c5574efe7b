"""The settings of a run: the command line, then the app's own file, then today's limits."""

from __future__ import annotations

from pathlib import Path

import pytest

from forge_emu import appdir
from forge_emu.appdir import LoadedApp
from forge_emu.emulator.starting.settings import merged_settings
from tests.python_app import write_app


@pytest.fixture
def loaded(tmp_path: Path) -> LoadedApp:
    """An app with settings of its own."""
    root = write_app(tmp_path / "app")
    settings = "limits: legacy\ndelivery.order: fifo\nasync_events.max_retries: 3\n"
    (root / "forge-emu.yml").write_text(settings)
    return appdir.load_app(root)


def test_the_command_line_goes_before_the_file(loaded: LoadedApp) -> None:
    """Setting by setting; without either it is the preset of today."""
    settings = merged_settings(loaded, None, {"delivery.order": "shuffle"})
    assert settings.preset == "legacy"
    assert settings["delivery.order"] == "shuffle"
    assert settings["async_events.max_retries"] == 3
    assert merged_settings(loaded, "off", {}).preset == "off"


def test_the_preset_is_that_of_today_unless_somebody_chose(loaded: LoadedApp) -> None:
    """Neither the file nor the command line."""
    (loaded.root / "forge-emu.yml").unlink()
    assert merged_settings(appdir.load_app(loaded.root), None, {}).preset == "current"
