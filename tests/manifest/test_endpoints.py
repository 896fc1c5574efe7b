"""Remotes, services and endpoints: what is read of them, and what is wrong with them."""

from __future__ import annotations

import pytest

from forge_emu.model import Endpoint, Remote
from tests.manifest.sample import MANIFEST, app_of, lines, problems_of

REST = MANIFEST[MANIFEST.index("permissions:") :].replace(
    "    - storage:app\n", "    - storage:app\n    - read:app-system-token\n"
)
SYSTEM = "{appSystemToken: {enabled: true}}"


def manifest(
    *, trigger: str = "e", endpoint: str = "remote: r, route: {path: /x}", remotes: str = ""
) -> str:
    """An app of one trigger at an endpoint."""
    remotes = remotes or "  - {key: r, baseUrl: 'https://example.com'}\n"
    return (
        f"modules:\n  trigger:\n    - key: t\n      endpoint: {trigger}\n"
        "      events: [avi:jira:created:issue]\n"
        f"  endpoint:\n    - {{key: e, {endpoint}}}\n"
        f"remotes:\n{remotes}{REST}"
    )


def said(text: str) -> list[str]:
    """What is said of a manifest."""
    return lines(problems_of(text))


def test_an_app_of_endpoints_alone_loads() -> None:
    """It has no function, and nothing is said of it."""
    app = app_of(manifest(endpoint=f"remote: r, route: {{path: /x}}, auth: {SYSTEM}"))

    assert (app.functions, app.warnings, app.triggers[0].endpoint) == ({}, (), "e")
    assert app.endpoints == {"e": Endpoint("e", "r", "/x", 7, system_token=True)}
    assert app.remotes == {"r": Remote("r", "https://example.com", 9)}


def test_a_base_url_by_region_has_a_default() -> None:
    """The others can be chosen for a run."""
    remotes = (
        "  - key: r\n    operations: [compute]\n    auth: {appUserToken: {enabled: true}}\n"
        "    baseUrl: {default: 'https://d.example', EU: 'https://eu.example'}\n"
    )
    (remote,) = app_of(manifest(remotes=remotes)).remotes.values()

    assert remote == Remote(
        "r", "https://d.example", 9, {"EU": "https://eu.example"}, ("compute",), user_token=True
    )


def test_an_endpoint_may_be_at_a_service() -> None:
    """That is a container, whose address no manifest has."""
    text = manifest(endpoint="service: box, route: {path: /x}") + "services:\n  - key: box\n"
    app = app_of(text)

    assert app.endpoints["e"].is_service
    assert app.remote_of(app.endpoints["e"]) == app.services["box"]


def test_a_consumer_may_have_an_endpoint() -> None:
    """Its function is empty then."""
    text = manifest().replace(
        "\n  endpoint:", "\n  consumer:\n    - {key: c, queue: q, endpoint: e}\n  endpoint:"
    )
    consumer = app_of(text).consumer_of("q")

    assert consumer is not None
    assert (consumer.function, consumer.endpoint) == ("", "e")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (manifest(trigger="f"), "manifest.yml:4:17 trigger references undefined endpoint module"),
        (manifest(endpoint="remote: s"), "endpoint references undefined remote with key 's'"),
        (manifest(endpoint="service: s"), "endpoint references undefined service with key 's'"),
        (manifest(endpoint="remote: r, service: s"), "exactly one of remote, service, found both"),
        (manifest(endpoint="remote: r, route: {}"), "modules.endpoint[0].route has no path"),
        (manifest(endpoint="remote: r"), "warning: manifest.yml:4:17 the endpoint 'e' has no"),
        (
            manifest(remotes="  - {key: r, baseUrl: 'example.com'}\n"),
            "manifest.yml:9:23 remotes[0].baseUrl: 'example.com' is no address that begins with",
        ),
        (
            manifest(remotes="  - {key: r, baseUrl: 'https://u:p@example.com'}\n"),
            "has more than scheme, host, port and path",
        ),
        (manifest(remotes="  - {key: r, baseUrl: 'https://x:y'}\n"), "is no URL"),
        (manifest(remotes="  - {key: r, baseUrl: 'http://x.example'}\n"), "is not HTTPS"),
        (manifest(remotes="  - {key: r, baseUrl: {EU: 'https://x'}}\n"), "has no 'default'"),
        (manifest(remotes="  - {key: r}\n"), "warning: manifest.yml:9:5 nothing can be sent to it"),
        (
            manifest(remotes="  - {key: r, baseUrl: 'https://x'}\n  - {key: r, baseUrl: 'https://y'}\n"),
            "manifest.yml:10:11 found duplicate remote key 'r'",
        ),
        (
            manifest(endpoint=f"remote: r, route: {{path: /}}, auth: {SYSTEM}")
            .replace("    - read:app-system-token\n", ""),
            "asks for the app's system token, which needs the scope 'read:app-system-token'",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(text: str, message: str) -> None:
    """In words that quote the manifest."""
    assert sum(message in line for line in said(text)) == 1


def test_the_endpoints_of_resolvers_must_be_there() -> None:
    """Though a UI module itself is shown by its product."""
    panel = "  jira:issuePanel:\n    - {key: p, title: P, resource: m, resolver: {endpoint: f}}\n"
    (line,) = said(manifest().replace("\n  endpoint:", f"\n{panel}  endpoint:"))

    assert "jira:issuePanel references undefined endpoint module with key 'f'" in line
