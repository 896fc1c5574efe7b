"""The addresses of web triggers, as apps ask for them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from forge_emu.engine.web_trigger_urls import SecretKey
from forge_emu.model import WebTrigger
from forge_emu.records import Log
from forge_emu.services.services import Services
from forge_emu.services.web_triggers.addresses import split_path
from tests.services.platforms import STARGATE, ScriptedPlatform, request

ORIGIN = "http://127.0.0.1:4321"


class Hooked(ScriptedPlatform):
    """An app with two web triggers, served at ORIGIN."""

    def __init__(self, origin: str | None = ORIGIN) -> None:
        super().__init__()
        triggers = (WebTrigger("hook", "f", 3), WebTrigger("other", "f", 4, url_format="v2"))
        self.app = msgspec.structs.replace(self.app, web_triggers=triggers)
        self.services = Services(self)
        self.services.web_triggers.origin = origin

    def ask(self, field: str, variables: dict[str, Any]) -> Any:
        """What GraphQL answers about one field."""
        body = {"query": f"mutation m {{ {field}(input: $input) {{ url }} }}"}
        text = msgspec.json.encode({**body, "variables": variables}).decode()
        answer = self.services.answer_request(request("/graphql", text, STARGATE, method="POST"), 0)
        assert answer.status == 200
        decoded = msgspec.json.decode(answer.body or "")
        return decoded["data"][field] if "errors" not in decoded else decoded

    def url(self, key: str = "hook", **more: Any) -> str:
        """The address that getUrl gets."""
        given = {"input": {"triggerKey": key}, **more}
        url: str = self.ask("createWebTriggerUrl", given)["url"]
        return url

    def leads_to(self, url: str) -> str | None:
        """The key of the web trigger at an address."""
        found = self.services.web_triggers.find_trigger(url.removeprefix(ORIGIN))
        return None if found is None else found[0].key

    @property
    def logs(self) -> list[str]:
        """What it was told."""
        return [body.message for body in self.records if isinstance(body, Log)]


def test_an_address_is_the_same_after_a_restart() -> None:
    """It follows from the installation and the key."""
    one, two = Hooked(), Hooked()

    assert one.url() == one.url() == two.url()
    assert one.url().startswith(f"{ORIGIN}/x1/")
    assert one.url("other").startswith(f"{ORIGIN}/public/")
    assert (two.leads_to(one.url()), two.leads_to(one.url("other"))) == ("hook", "other")


def test_force_create_makes_another_address() -> None:
    """The first one goes on working."""
    app = Hooked()
    first, second = app.url(), app.url(forceCreate=True)

    assert first != second == app.url()
    assert [app.leads_to(url) for url in (first, second)] == ["hook", "hook"]
    assert app.ask("webTriggerUrlsByAppContext", {}) == [
        {"triggerKey": "hook", "url": first},
        {"triggerKey": "hook", "url": second},
        {"triggerKey": "other", "url": app.url("other")},
    ]


def test_a_deleted_address_leads_nowhere() -> None:
    """The next getUrl makes a new one; what is no address cannot be deleted."""
    app = Hooked()
    url = app.url()
    id = url.rpartition("/")[2]

    assert app.ask("deleteWebTriggerUrl", {"id": id}) == {"success": True, "message": None}
    assert app.leads_to(url) is None
    assert app.url() != url
    assert app.ask("deleteWebTriggerUrl", {"id": id})["success"] is False
    assert app.ask("deleteWebTriggerUrl", {"id": 7})["success"] is False


def test_an_unknown_key_gets_no_address() -> None:
    """The package throws then; the log names the nearest key."""
    app = Hooked()
    answer = app.ask("createWebTriggerUrl", {"input": {"triggerKey": "hok"}})

    assert answer["data"] == {"createWebTriggerUrl": None}
    assert app.logs == [
        "webTrigger.getUrl: the manifest has no webtrigger 'hok'. Did you mean hook? "
        "It has: hook, other."
    ]


def test_where_nothing_is_served_is_said_once() -> None:
    """The address has Forge's form."""
    app = Hooked(None)

    assert app.url() == app.url()
    assert app.url().startswith("https://emu.hello.atlassian-dev.net/x1/")
    assert len(app.logs) == 1
    assert "leads nowhere" in app.logs[0]


KEY = "c2VjcmV0LWtleQ=="


def asked_with(config: Any, *, signed: bool = True) -> tuple[Hooked, Any]:
    """An app that asked for an address with a secret key, and what it got."""
    app = Hooked()
    triggers = (msgspec.structs.replace(app.app.web_triggers[0], signed=signed),)
    app.app = msgspec.structs.replace(app.app, web_triggers=triggers)
    given = {"input": {"triggerKey": "hook", "secretKeyConfig": config}}
    return app, app.ask("createWebTriggerUrl", given)


@pytest.mark.parametrize(
    ("config", "expires"), [({"key": KEY}, True), ({"key": KEY, "noExpiry": True}, False)]
)
def test_an_address_gets_a_secret_key(config: dict[str, Any], expires: bool) -> None:
    """Which is that of the address alone, and goes with it."""
    app, answer = asked_with(config)
    id = answer["url"].rpartition("/")[2]

    assert app.web_trigger_urls.secret_key_of(id) == SecretKey(KEY, 0, expires)
    app.ask("deleteWebTriggerUrl", {"id": id})
    assert app.web_trigger_urls.secret_key_of(id) is None
    assert app.logs == []


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"key": "no base64!"}, "the secret key must be a valid base64-encoded string"),
        ({"key": ""}, "the secret key must be a valid base64-encoded string"),
        ({"key": 5}, "secretKeyConfig needs a key"),
        ({}, "secretKeyConfig needs a key"),
    ],
)
def test_what_is_no_secret_key_is_refused(config: dict[str, Any], message: str) -> None:
    """The package throws; no address is made."""
    app, answer = asked_with(config)

    assert answer["errors"] == [{"message": message}]
    assert app.logs == [f"webTrigger.getUrl('hook'): {message}"]


def test_a_secret_key_that_nothing_asks_for_is_said() -> None:
    """With what the manifest has to say."""
    app, answer = asked_with({"key": KEY}, signed=False)

    assert app.web_trigger_urls.secret_key_of(answer["url"].rpartition("/")[2]) is None
    assert "request: {authentication: hmacSharedSecret}" in app.logs[0]


def test_paths_that_are_no_addresses_lead_nowhere() -> None:
    """Nor do ids that were made up, or that are of another installation."""
    app = Hooked()
    id = app.url().rpartition("/")[2]

    assert app.leads_to(f"/x1/{id}/a/b") == "hook"
    assert app.leads_to("/x1/0-made-up") is None
    assert app.leads_to(f"/x1/{id.replace('0-', '1-')}") is None
    assert split_path("/v1/status") is None
    assert split_path("/x1/") is None
    assert split_path("/x1/id/a") == ("id", "/a")
