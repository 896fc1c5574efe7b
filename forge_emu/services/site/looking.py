"""Reads the site as an app would, for people: no record, no scope, no change."""

from __future__ import annotations

from urllib.parse import parse_qs

from forge_emu.model import App, Json
from forge_emu.services.site.call import NO_BODY, NotEmulated, SiteCall, SiteError
from forge_emu.services.site.products import PRODUCT_ROUTES
from forge_emu.site.jira.defaults import REPORTER
from forge_emu.site.site import Site


def look_at(site: Site, app: App, product: str, target: str, now_ms: int) -> tuple[int, Json]:
    """Status and body of what a product answers to `GET target`; 501 where it is not known."""
    path, _, query = target.partition("?")
    routes = PRODUCT_ROUTES.get(product)
    found = routes.find("GET", path) if routes else None
    if routes is None or found is None:
        return 501, None
    route, names = found
    call = SiteCall(
        site=site, app=app, now_ms=now_ms, method="GET", names=names,
        query=parse_qs(query, keep_blank_values=True), body=NO_BODY, account=REPORTER,
        as_app=False, path=routes.without_prefix(path),
    )  # fmt: skip
    try:
        answer = route.handle(call)
    except SiteError as error:
        return error.status, error.body
    except NotEmulated as missing:
        return 501, {"errorMessages": [f"The site does not know {missing}."]}
    return answer.status, answer.body
