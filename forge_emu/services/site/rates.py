"""What the limits of the products see of a request, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from forge_emu import settings as s
from forge_emu.engine.product_rates.refusals import ProductCall
from forge_emu.errors import Fault
from forge_emu.model import Instant
from forge_emu.services.platform import Platform
from forge_emu.services.site.routes import Route
from forge_emu.settings import Setting, Settings
from forge_emu.site.site import Site

_BURSTS: Final[dict[str, dict[str, Setting[int | None]]]] = {
    "jira": {
        "GET": s.JIRA_GETS,
        "POST": s.JIRA_POSTS,
        "PUT": s.JIRA_PUTS,
        "DELETE": s.JIRA_DELETES,
    },
}
"""The limit per second of an operation without one of its own. Confluence publishes none."""


def product_call(site: Site, product: str, route: Route, names: Mapping[str, str]) -> ProductCall:
    """A request as the limits see it."""
    issue = None
    if route.issue is not None:
        found = site.jira.issues.find(names[route.issue].upper())
        issue = found.id if found else None
    burst = route.burst or _BURSTS.get(product, {}).get(route.method)
    return ProductCall(product, f"{route.method} {route.path}", burst, issue)


def check_rates(platform: Platform, call: ProductCall, now: Instant) -> None:
    """Count a call. Raises Fault (429) where a limit refuses it.

    The body is an emulator choice: the pages show headers alone.
    """
    rates = platform.product_rates
    refusal = rates.refuse_call(call, now)
    if refusal is None:
        return
    text = f"Rate limit exceeded: {refusal.reason}. Retry after {refusal.retry_after} seconds."
    headers = {**rates.headers(call, now), **refusal.headers(platform.epoch_ms, now)}
    raise Fault(429, _error_body(call.product, text), refusal.limit, headers)


def points_of(settings: Settings, route: Route, objects: int) -> int:
    """The points that an answer costs: writes cost no more than the call."""
    each = {
        "write": 0,
        "core": settings[s.POINTS_PER_OBJECT],
        "identity": settings[s.POINTS_PER_IDENTITY],
    }[route.cost]
    return settings[s.POINTS_PER_CALL] + each * objects


def _error_body(product: str, text: str) -> dict[str, Any]:
    if product == "jira":
        return {"errorMessages": [text], "errors": {}}
    return {"statusCode": 429, "message": text}
