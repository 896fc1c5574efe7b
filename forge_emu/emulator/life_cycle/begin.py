"""The app is loaded: what the platform sends when it is new on the site, or upgraded.

https://developer.atlassian.com/platform/forge/events-reference/life-cycle/ (2026-04-07)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from forge_emu import settings as s
from forge_emu.control.contract import TriggerOrder
from forge_emu.engine.life_cycle import INSTALLED_EVENT
from forge_emu.model import App, Instant
from forge_emu.records import Log
from forge_emu.settings import Settings

if TYPE_CHECKING:
    # `simulate` asks here before it imports what a run is made of.
    from forge_emu.engine.engine import Engine

_MOST_SHOWN: Final = 5


def begin_life_cycle(engine: Engine, send: Callable[[TriggerOrder], object], now: Instant) -> None:
    """Tell the app what its load means for the installation, if a trigger of it listens.

    `send` sends an event.
    """
    # A manifest may have secret values of variables, which belong into no state.
    mask = engine.secrets.mask
    consents = {name: tuple(map(mask, each)) for name, each in engine.app.consents.items()}
    step = engine.life_cycle.install(consents)
    if step is None:
        return
    if step.changes:
        engine.record(Log(level="info", message=_upgrade_text(engine, step.changes)), now)
    wanted = s.LIFECYCLE_INSTALLED if step.event == INSTALLED_EVENT else s.LIFECYCLE_UPGRADED
    if engine.settings[wanted] and step.event in engine.app.triggers_by_event:
        send(TriggerOrder(step.event))


def hears_installation(app: App, settings: Settings) -> bool:
    """Whether a new state begins with an event for `app`."""
    return settings[s.LIFECYCLE_INSTALLED] and INSTALLED_EVENT in app.triggers_by_event


def _upgrade_text(engine: Engine, changes: tuple[str, ...]) -> str:
    installed = engine.life_cycle.installed
    assert installed is not None
    more = f" and {len(changes) - _MOST_SHOWN} more" if len(changes) > _MOST_SHOWN else ""
    return (
        f"major version {installed.major}: {', '.join(changes[:_MOST_SHOWN])}{more}. "
        "On Forge an admin consents before a site gets it"
    )
