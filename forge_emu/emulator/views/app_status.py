"""What `/v1/status` says of the app: who it is, and what reaches it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from forge_emu.control.calls.contract import WebTriggerState
from forge_emu.control.schedules.contract import ScheduleState
from forge_emu.model import App, Json


def app_status(
    app: App, web_triggers: Sequence[WebTriggerState], schedules: Sequence[ScheduleState]
) -> dict[str, Json]:
    """The fields of the status that are the app's: events with the keys of triggers, the addresses
    of web triggers by key, and scheduled triggers with their next runs."""
    return {
        "app_id": app.id,
        "name": app.name,
        "triggers": app.triggers_by_event,
        "web_triggers": {each.key: each.urls for each in web_triggers},
        "schedules": msgspec.to_builtins(schedules),
    }
