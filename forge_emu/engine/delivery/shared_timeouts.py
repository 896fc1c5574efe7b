"""Timeouts that a function gets from modules that are not emulated and use it too.

https://developer.atlassian.com/platform/forge/limits-invocation/ (2026-09-01)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from forge_emu import settings as s
from forge_emu.model import SECOND, App, Function, Millis

_AS_WEB_TRIGGERS: Final = frozenset({"webtrigger", "action", "rovo:agentConnector", "preUninstall"})


def other_timeouts(function: Function, app: App, settings: s.Settings) -> Iterator[Millis]:
    """The timeouts of the modules that use `function` and are not emulated."""
    for kind in app.other_uses.get(function.key, ()):
        if kind == "scheduledTrigger":
            yield function.timeout_ms or settings[s.CONSUMER_TIMEOUT_SECONDS] * SECOND
        elif kind in _AS_WEB_TRIGGERS:
            yield settings[s.WEB_TRIGGER_TIMEOUT_SECONDS] * SECOND
        else:
            yield settings[s.OTHER_TIMEOUT_SECONDS] * SECOND
