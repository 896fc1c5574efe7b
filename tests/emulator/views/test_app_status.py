"""The app's own part of the status."""

from __future__ import annotations

from forge_emu.control.calls.contract import WebTriggerState
from forge_emu.control.schedules.contract import ScheduleState
from forge_emu.emulator.views.app_status import app_status
from tests.emulator.views.test_module_lines import APP


def test_it_names_what_reaches_the_app() -> None:
    """Its events with their triggers, web triggers with their addresses, schedules."""
    hook = WebTriggerState("hook", "f", ["http://127.0.0.1:1/x1/0-a"])
    said = app_status(APP, [hook], [ScheduleState("hourly", "hour", "f", 5)])

    assert said == {
        "app_id": "id",
        "name": None,
        "triggers": {"avi:jira:created:issue": ["t"]},
        "web_triggers": {"hook": ["http://127.0.0.1:1/x1/0-a"]},
        "schedules": [
            {
                "key": "hourly",
                "interval": "hour",
                "function": "f",
                "next_due": 5,
                "paused": False,
                "last_ended": None,
                "last_outcome": None,
            }
        ],
    }
