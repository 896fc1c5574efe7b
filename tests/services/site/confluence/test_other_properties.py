"""Properties of users and of the app."""

from __future__ import annotations

from forge_emu.site.jira.defaults import REPORTER
from tests.services.site.confluence_driver import SCOPES, ConfluenceDriver

PROPS = ("read:confluence-props", "write:confluence-props")


def test_a_property_of_a_user() -> None:
    """Made once, changed, read and deleted."""
    wiki = ConfluenceDriver((*SCOPES, *PROPS))
    base = f"/wiki/rest/api/user/{REPORTER}/property"

    assert wiki.send("GET", f"{base}/token")[0] == 404
    assert wiki.send("POST", f"{base}/token", {"value": {"a": 1}})[0] == 201
    assert wiki.send("POST", f"{base}/token", {"value": 2})[0] == 409
    assert wiki.send("PUT", f"{base}/token", {"value": 2})[0] == 204
    assert wiki.send("GET", f"{base}/token") == (200, {"key": "token", "value": 2})
    assert [each["key"] for each in wiki.send("GET", base)[1]["results"]] == ["token"]
    assert wiki.send("DELETE", f"{base}/token")[0] == 204
    assert wiki.send("PUT", f"{base}/token", {"value": 2})[0] == 404
    assert wiki.events == []


def test_a_property_needs_its_user_and_a_value() -> None:
    """404 and 400."""
    wiki = ConfluenceDriver((*SCOPES, *PROPS))

    assert wiki.send("POST", "/wiki/rest/api/user/no/property/a", {"value": 1})[0] == 404
    assert wiki.send("POST", f"/wiki/rest/api/user/{REPORTER}/property/a", {})[0] == 400


def test_a_property_of_the_app() -> None:
    """The body is the value."""
    wiki = ConfluenceDriver()

    assert wiki.send("PUT", "app/properties/flag", {"on": True})[0] == 201
    assert wiki.send("PUT", "app/properties/flag", {"on": False})[0] == 200
    assert wiki.send("GET", "app/properties/flag")[1] == {"key": "flag", "value": {"on": False}}
    assert len(wiki.send("GET", "app/properties")[1]["results"]) == 1
    assert wiki.send("DELETE", "app/properties/flag")[0] == 204
    assert wiki.send("GET", "app/properties/flag")[0] == 404
    assert wiki.send("PUT", "app/properties/flag")[0] == 400
