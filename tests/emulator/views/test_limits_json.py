"""Settings and use, as the control API answers them."""

from __future__ import annotations

from forge_emu.emulator.views.limits_json import limits_as_json
from forge_emu.model import LimitUsage
from forge_emu.settings import Settings, all_settings


def test_every_setting_is_there_with_its_value_and_where_it_comes_from() -> None:
    """And whether somebody has changed it."""
    settings = Settings(overrides={"remotes.max_retries": 1})
    usage = LimitUsage("limits.x", "x", 1, 2, "events/min", 0, 1)
    found = limits_as_json(settings, [usage])
    by_name = {each["name"]: each for each in found["settings"]}

    assert list(by_name) == [setting.name for setting in all_settings()]
    changed, usual = by_name["remotes.max_retries"], by_name["remotes.retry_seconds"]
    assert (changed["value"], changed["overridden"]) == (1, True)
    assert (usual["value"], usual["unit"], usual["overridden"]) == (60, "s", False)
    assert found["usage"][0]["used"] == 1
