"""What the console says to type while nothing has happened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from forge_emu.emulator.views.start_hint import start_hint
from forge_emu.model import ScheduledTrigger, Subscription, Trigger
from tests.emulator.views.test_module_lines import APP

ROOT = Path("/apps/my-app")
UPDATED = Trigger("t", "f", (Subscription("avi:confluence:updated:page"),), 1)


@pytest.mark.parametrize(
    ("changes", "command"),
    [
        ({}, "forge-emu trigger issue-created"),
        ({"triggers": (UPDATED,)}, "forge-emu trigger page-updated"),
        (
            {"triggers": (), "scheduled_triggers": (ScheduledTrigger("nightly", "f", "day", 1),)},
            "forge-emu trigger schedule nightly",
        ),
        ({"triggers": ()}, "forge-emu invoke f"),
        ({"triggers": (), "functions": {}}, None),
    ],
)
def test_it_is_what_this_app_listens_to(changes: dict[str, Any], command: str | None) -> None:
    """Events first; then what else starts it."""
    assert start_hint(msgspec.structs.replace(APP, **changes), ROOT, ROOT) == command


@pytest.mark.parametrize(
    ("standing", "option"),
    [
        (ROOT / "src", ""),
        (Path("/apps"), " --app my-app"),
        (Path("/elsewhere"), " --app /apps/my-app"),
    ],
)
def test_the_app_is_named_where_it_is_needed(standing: Path, option: str) -> None:
    """Not where the user stands in it."""
    assert start_hint(APP, ROOT, standing) == f"forge-emu trigger issue-created{option}"
