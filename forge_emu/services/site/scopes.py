"""Which scopes a call needs, and whether the manifest has one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from forge_emu.services.site.call import SiteError
from forge_emu.services.site.routes import Route

_HEADERS: Final = {"x-failure-category": "FAILURE_CLIENT_SCOPE_CHECK"}


def check_scope(route: Route, given: Sequence[str]) -> None:
    """The gateway before the products refuses what the manifest has no scope for. Raises SiteError
    (401).

    Jira and Confluence alike. [apps' reports: community.developer.atlassian.com/t/58339 and 67523,
    2024-03-11 and on; CONFCLOUD-83234; the header: t/96127]
    """
    if missing_scope(route.scopes, given):
        raise SiteError(
            401, {"code": 401, "message": "Unauthorized; scope does not match"}, _HEADERS
        )


def missing_scope(alternatives: Sequence[str], given: Sequence[str]) -> bool:
    """Whether a manifest with the scopes `given` has none of what a route needs.

    A classic scope is enough by itself. Of granular scopes a call may need several; any of those
    that the route names lets it through here.
    """
    if not alternatives:
        return False
    return not any(scope in given for scope in alternatives)
