"""Which handler answers which method and path."""

from __future__ import annotations

import pytest

from forge_emu.services.site.call import Answer, SiteCall
from forge_emu.services.site.routes import Route, Routes


def handler(name: str) -> Route:
    """A route for a path, which answers nothing."""

    def handle(call: SiteCall) -> Answer:
        return Answer()

    return Route("GET", name, handle)


ROUTES = Routes(
    handler(path)
    for path in ("/rest/api/{version}/issue/{issue}", "/rest/api/{version}/issue/picker")
)


@pytest.mark.parametrize(
    ("path", "route", "names"),
    [
        ("/rest/api/3/issue/EMU-1", "issue/{issue}", {"version": "3", "issue": "EMU-1"}),
        ("/rest/api/latest/issue/a%20b", "issue/{issue}", {"version": "latest", "issue": "a b"}),
        ("/rest/api/2/issue/picker", "issue/picker", {"version": "2"}),
    ],
)
def test_a_route_is_found(path: str, route: str, names: dict[str, str]) -> None:
    """One without a name stands before one with a name."""
    found = ROUTES.find("GET", path)

    assert found is not None
    assert (found[0].path.endswith(route), dict(found[1])) == (True, names)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/rest/api/3/issue/EMU-1"),
        ("GET", "/rest/api/4/issue/EMU-1"),
        ("GET", "/rest/api/3/issue/"),
        ("GET", "/rest/api/3/issue/EMU-1/comment"),
    ],
)
def test_what_no_route_fits_is_none(method: str, path: str) -> None:
    """Another method, another version, another length."""
    assert ROUTES.find(method, path) is None
