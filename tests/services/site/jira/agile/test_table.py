"""The table of the operations of Jira Software."""

from __future__ import annotations

import re

import pytest

from forge_emu.services.site.jira.agile.table import AGILE_ROUTES
from forge_emu.services.site.routes import Route
from tests.services.site.jira.agile.software import SOFTWARE_SCOPES
from tests.services.site.jira_driver import SCOPES, JiraDriver


@pytest.mark.parametrize("route", AGILE_ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_classic_scopes_open_no_operation(route: Route) -> None:
    """401 with them alone; with the granular ones the operation answers."""
    path = re.sub(r"{\w+}", "1", route.path)

    assert JiraDriver(SCOPES).send(route.method, path, {})[0] == 401
    assert JiraDriver(SOFTWARE_SCOPES).send(route.method, path, {})[0] in (200, 400, 404)
