"""Requests of `@forge/api` 2 to 4, over `https.request`: where they go, what comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.runtime.node.packages.probe_app import ProbeApp, probe_app
from tests.services.mocks.mock_driver import mock

pytestmark = pytest.mark.node


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], ProbeApp]]:
    """The app on a set of packages, loaded once for the whole module."""
    open_apps: dict[str, tuple[Any, ProbeApp]] = {}

    def app(name: str) -> ProbeApp:
        if name not in open_apps:
            manager = probe_app(tmp_path_factory.mktemp(name), name)
            open_apps[name] = (manager, manager.__enter__())
        open_apps[name][1].reset_platform()
        return open_apps[name][1]

    yield app
    for manager, _ in open_apps.values():
        manager.__exit__(None, None, None)


@pytest.fixture(params=["api2", "api3", "api4"])
def old_api(request: pytest.FixtureRequest, apps: Callable[[str], ProbeApp]) -> ProbeApp:
    """The app on the versions that send over `https.request`."""
    return apps(request.param)


def test_old_requests_go_where_the_new_ones_go(old_api: ProbeApp) -> None:
    """Who asks, the product, the path with its query, and the body; nothing of the transport."""
    old_api.call(
        "for (const who of [asApp(), asUser(), api])"
        " await who.requestJira(route`/rest/api/3/issue?fields=${'a b'}`,"
        " { method: 'POST', body: JSON.stringify({ text: 'é☃' }) });"
        "await asApp().requestConfluence(route`/wiki/api/v2/pages`)"
    )

    first, *_ = requests = old_api.requests
    services = [tuple(r.options[key] for key in ("type", "provider", "remote")) for r in requests]
    assert services == [
        ("fpp", "app", "jira"),
        ("fpp", "user", "jira"),
        ("fpp", "none", "jira"),
        ("fpp", "app", "confluence"),
    ]
    assert (first.method, first.path) == ("POST", "/rest/api/3/issue?fields=a%20b")
    assert first.body == '{"text":"é☃"}'
    assert "authorization" not in first.headers


def test_old_requests_of_remotes(apps: Callable[[str], ProbeApp]) -> None:
    """The remote and the path with its query are those that the app named."""
    app = apps("api4")
    app.error("await api.invokeRemote('my-Backend', { path: '/x?y=1', method: 'PUT', body: '1' })")

    (request,) = app.requests
    assert request.options == {"type": "frc", "remote": "my-Backend"}
    assert (request.method, request.path, request.body) == ("PUT", "/x?y=1", "1")


def test_old_requests_can_be_aborted(old_api: ProbeApp) -> None:
    """The error is that of node-fetch, with which the package sends."""
    code = (
        "const controller = new AbortController();"
        "const sent = asApp().requestJira(route`/x`, { signal: controller.signal });"
        "controller.abort(); await sent"
    )

    assert old_api.error(code)["name"] == "AbortError"


def test_answers_of_old_requests(old_api: ProbeApp) -> None:
    """Status, headers and JSON of a mock; a redirect is followed, an empty answer has no body."""
    old_api.loop.services.mocks = [
        mock("GET /a", headers={"content-encoding": "gzip", "x-mock": "one"}, body={"text": "é"}),
        mock("GET /b", status=302, headers={"location": "/a"}),
        mock("GET /c", status=204),
    ]
    code = (
        "const found = []; for (const path of ['/a', '/b', '/c']) {"
        " const r = await asApp().requestJira(assumeTrustedRoute(path));"
        " found.push([r.status, r.headers.get('x-mock'), await r.text()]) } return found"
    )

    assert old_api.call(code) == [
        [200, "one", '{"text":"é"}'],
        [200, "one", '{"text":"é"}'],
        [204, None, ""],
    ]
