"""What a run knows of the app's own events: its installation, its version, its environment.

https://developer.atlassian.com/platform/forge/events-reference/life-cycle/ (2026-04-07)
"""

from __future__ import annotations

from copy import deepcopy
from typing import Final

import msgspec

from forge_emu.control.contract import TriggerOrder
from forge_emu.engine.engine import Engine
from forge_emu.engine.installation import environment_id, product_of_app
from forge_emu.engine.life_cycle import INSTALLED_EVENT, UPGRADED_EVENT
from forge_emu.events.parts import merge_payload
from forge_emu.model import App, Json, app_event_name, split_app_event

_FIRST_VERSION: Final = "1.0.0"


def with_known_data(engine: Engine, order: TriggerOrder) -> TriggerOrder:
    """The order, with what the run knows of the payload below what the user gives."""
    known, given = known_data(engine, order.event), order.data
    if not known or not isinstance(given, dict | None):
        return order
    merge_payload(known, given or {})
    return msgspec.structs.replace(order, data=known)


def known_data(engine: Engine, event: str) -> dict[str, Json]:
    """What the payload of `event` has from the run, over its template; empty for other events."""
    app, installed = engine.app, engine.life_cycle.installed
    site = engine.installation.site(product_of_app(app))
    if parts := split_app_event(event):
        return _app_event_data(app, parts, site)
    if event not in (INSTALLED_EVENT, UPGRADED_EVENT):
        return {}
    about: dict[str, Json] = {
        "id": app.id.rpartition("/")[2],
        "version": installed.version if installed else _FIRST_VERSION,
    }
    if app.name is not None:
        about["name"] = app.name
    known: dict[str, Json] = {
        "id": engine.installation.id,
        "context": site,
        "app": about,
        "environment": {"id": environment_id(app.id)},
    }
    if event == UPGRADED_EVENT:
        known["permissions"] = {"scopes": list(app.scopes), "external": deepcopy(app.external)}
    return known


def _app_event_data(app: App, parts: tuple[str, str], site: str) -> dict[str, Json]:
    """Where an app event is published; an event of the app itself has its own name."""
    publisher, key = parts
    known: dict[str, Json] = {"workspaceId": site, "environmentId": environment_id(publisher)}
    for module in app.event_modules:
        if app_event_name(app.id, module.key) == app_event_name(publisher, key):
            known |= {"name": module.name, "environmentId": environment_id(app.id)}
    return known
