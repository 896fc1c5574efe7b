"""Timeouts that no kind of delivery gives: those of endpoints, and of modules without one.

https://developer.atlassian.com/platform/forge/limits-invocation/ (2026-09-01)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from forge_emu import settings as s
from forge_emu.model import SECOND, App, Function, Millis, ModuleKind

_IN_BACKGROUND: Final = frozenset(
    {ModuleKind.TRIGGER, ModuleKind.CONSUMER, ModuleKind.SCHEDULED_TRIGGER}
)
_AS_WEB_TRIGGERS: Final = frozenset({"action", "rovo:agentConnector"})


def endpoint_timeout_setting(module: ModuleKind) -> s.Setting[int]:
    """The setting that says for how long a remote may work on a call from a module of this kind.

    https://developer.atlassian.com/platform/forge/remote/essentials/ (2026-08-22)
    """
    if module is ModuleKind.WEB_TRIGGER:
        return s.WEB_TRIGGER_TIMEOUT_SECONDS
    in_background = module in _IN_BACKGROUND
    return s.REMOTE_EVENT_TIMEOUT_SECONDS if in_background else s.REMOTE_CALL_TIMEOUT_SECONDS


def other_timeouts(function: Function, app: App, settings: s.Settings) -> Iterator[Millis]:
    """The timeouts of the web triggers and of `preUninstall` that use it, and of modules that are
    not emulated."""
    called = {*(t.function for t in app.web_triggers), *(m.function for m in app.pre_uninstalls)}
    if function.key in called:
        yield settings[s.WEB_TRIGGER_TIMEOUT_SECONDS] * SECOND
    for kind in app.other_uses.get(function.key, ()):
        if kind in _AS_WEB_TRIGGERS:
            yield settings[s.WEB_TRIGGER_TIMEOUT_SECONDS] * SECOND
        else:
            yield settings[s.OTHER_TIMEOUT_SECONDS] * SECOND
