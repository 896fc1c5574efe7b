"""The live page is for who opened a link of it, and nothing else is reachable without."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import httpx
import pytest

from forge_emu.control.api import create_api
from tests.control.fakes import TOKEN, FakeEmulator
from tests.control.page.fake_page import SECRET, URL, FakePage


class Site:
    """The application with a page, and a browser's requests to it."""

    def __init__(self) -> None:
        self.emulator = FakeEmulator()
        self.page = FakePage()
        self._app = create_api(self.emulator, page=self.page)

    @property
    def cookie(self) -> dict[str, str]:
        """The header of a browser that has opened a link."""
        return {"cookie": f"{self.page.access.cookie_name}={SECRET}"}

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """GET."""
        return self.request("GET", path, headers)

    def request(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: str = ""
    ) -> httpx.Response:
        """One request in a loop of its own."""

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
                return await client.request(method, path, headers=headers, content=body)

        return asyncio.run(send())


@pytest.fixture
def site() -> Site:
    return Site()


def test_a_link_becomes_a_cookie_and_the_address_loses_its_token(site: Site) -> None:
    """The answer goes on to `/`; the page itself comes for the cookie."""
    link = site.page.new_link().removeprefix(URL)
    opened = site.get(link)

    assert opened.status_code == 200
    assert 'content="0; url=/"' in opened.text
    assert "HttpOnly; SameSite=Strict" in opened.headers["set-cookie"]
    assert opened.headers["cache-control"] == "no-store"
    page = site.get("/", {"cookie": opened.headers["set-cookie"].partition(";")[0]})
    assert page.text == "<!doctype html>page"
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert not site.emulator.refusals


def test_a_link_that_was_opened_says_how_to_get_another(site: Site) -> None:
    """In words, and on record without the token."""
    link = site.page.new_link().removeprefix(URL)
    site.get(link)
    again = site.get(link)

    assert again.status_code == 401
    assert "set-cookie" not in again.headers
    assert "This link does not work" in again.text
    assert "forge-emu open" in again.text
    assert [(r.status, r.path) for r in site.emulator.refusals] == [(401, "/")]


def test_a_link_may_be_opened_again_by_the_browser_that_has_the_cookie(site: Site) -> None:
    """Whoever goes back in its history gets the page."""
    assert 'url=/"' in site.get("/?token=old", site.cookie).text


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("GET", "/v1/page"), ("POST", "/v1/page/link"), ("GET", "/v1/status")],
)
@pytest.mark.parametrize("headers", [{}, {"cookie": "forge-emu-00000000=guess"}])
def test_nothing_is_reachable_without_token_or_cookie(
    site: Site, method: str, path: str, headers: dict[str, str]
) -> None:
    """Neither the page nor what it is made of."""
    answer = site.request(method, path, headers)

    assert answer.status_code == 401
    assert "page</" not in answer.text
    assert len(site.emulator.refusals) == 1


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {}, 200),
        ("GET", {"sec-fetch-site": "same-origin"}, 200),
        # A page of another port of this machine, to whose requests the browser adds the cookie.
        ("GET", {"sec-fetch-site": "same-site"}, 401),
        ("GET", {"sec-fetch-site": "cross-site"}, 401),
        ("GET", {"origin": "http://127.0.0.1:3000"}, 403),
        ("GET", {"host": "evil.example"}, 403),
        ("POST", {"origin": URL}, 200),
        ("POST", {}, 401),
        ("POST", {"origin": "http://127.0.0.1:3000"}, 403),
    ],
)
def test_the_cookie_serves_the_page_itself_alone(
    site: Site, method: str, headers: dict[str, str], status: int
) -> None:
    """What changes something says where it comes from."""
    answer = site.request(method, "/v1/clock", {**site.cookie, **headers}, '{"action": "next"}')

    assert answer.status_code == status
    assert site.emulator.actions == (["next"] if (method, status) == ("POST", 200) else [])


def test_the_stream_and_new_links_are_for_page_and_programs(site: Site) -> None:
    """By cookie and by token."""
    assert site.get("/v1/page", site.cookie).text == '{"now":1}\n'
    link = site.request("POST", "/v1/page/link", {"authorization": f"Bearer {TOKEN}"}).json()
    assert site.get(link["url"].removeprefix(URL)).status_code == 200


def test_an_example_of_a_payload_can_be_changed_and_sent(site: Site) -> None:
    """What `forge-emu events` shows; an unknown name is refused in its words."""
    found = site.get("/v1/page/example?event=issue-deleted", site.cookie).json()

    assert found["event"] == "avi:jira:deleted:issue"
    assert "issue" in found["payload"]
    refused = site.get("/v1/page/example?event=issue-delated", site.cookie)
    assert refused.status_code == 400
    assert "issue-deleted" in refused.text


def test_an_emulator_without_page_has_none() -> None:
    """As it is with those that tests start."""
    emulator = FakeEmulator()

    async def get() -> int:
        transport = httpx.ASGITransport(create_api(emulator))
        async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
            return (await client.get("/")).status_code

    assert asyncio.run(get()) == 401
