"""The products that the site answers for."""

from __future__ import annotations

import re

from forge_emu.services.site.products import PRODUCT_ROUTES


def test_every_route_is_there_once() -> None:
    """Two of one method and path would hide each other, whatever their names are called."""
    for routes in PRODUCT_ROUTES.values():
        forms = [(each.method, re.sub(r"{[^}]*}", "{}", each.path)) for each in routes.all]

        assert len(forms) == len(set(forms))


def test_every_route_is_found_by_its_own_path() -> None:
    """None is hidden by another one."""
    for routes in PRODUCT_ROUTES.values():
        for route in routes.all:
            path = re.sub(r"{(\w+)}", lambda m: "3" if m[1] == "version" else "x-1", route.path)
            found = routes.find(route.method, path)

            assert found is not None
            assert found[0] is route
