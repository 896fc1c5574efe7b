"""An installation has fresh ids, and gives handlers their context."""

from __future__ import annotations

import uuid

import msgspec
import pytest

from forge_emu.engine.installation import Installation, environment_id, product_of, product_of_app
from forge_emu.model import Subscription, Trigger
from tests.engine.world import app

ONE = Installation("i", "c")


def test_a_new_installation_has_two_fresh_ids() -> None:
    """Its own, then that of its site."""
    ids = iter(("first", "second"))
    assert Installation.new(lambda: next(ids)) == Installation("first", "second")


@pytest.mark.parametrize("product", ["jira", "confluence"])
def test_each_product_has_an_address_of_the_same_site(product: str) -> None:
    """The installation's own address names no product."""
    assert ONE.site(product) == f"ari:cloud:{product}::site/c"
    assert ONE.context(product)["installContext"] == ONE.site(product)
    assert ONE.ari == "ari:cloud:ecosystem::installation/i"


@pytest.mark.parametrize("account", [None, ""])
def test_without_a_user_there_is_no_principal(account: str | None) -> None:
    """Everything else stands there all the same."""
    assert ONE.context(account=account) == {
        "installContext": "ari:cloud:jira::site/c",
        "installation": {
            "ari": {"installationId": "i"},
            "contexts": [{"cloudId": "c"}],
        },
    }


def test_bitbucket_has_workspaces_for_sites() -> None:
    """Only there the platform has a `workspaceId`."""
    context = ONE.context("bitbucket")

    assert context["installContext"] == "ari:cloud:bitbucket::workspace/c"
    assert context["workspaceId"] == "c"
    assert context["installation"]["contexts"] == [{"workspaceId": "c"}]


@pytest.mark.parametrize(
    ("name", "product"),
    [
        ("avi:jira:created:issue", "jira"),
        ("avi:confluence:created:page", "confluence"),
        ("avi:jira-software:started:sprint", "jira"),
        ("avi:jsm-entity:created:portal", "jira"),
        ("avi:bitbucket:push:repository", "bitbucket"),
        ("avi:forge:installed:app", None),
        ("confluence", None),
        ("", None),
    ],
)
def test_an_event_is_of_the_product_in_its_name(name: str, product: str | None) -> None:
    """Events of the platform's own are of none."""
    assert product_of(name) == product


@pytest.mark.parametrize(
    ("events", "scopes", "product"),
    [
        (["avi:confluence:created:page", "avi:jira:created:issue"], [], "confluence"),
        (["avi:forge:installed:app"], ["storage:app", "read:page:confluence"], "confluence"),
        ([], ["read:confluence-content.all"], "confluence"),
        ([], ["read:jira-work"], "jira"),
        ([], ["storage:app"], "jira"),
    ],
)
def test_an_app_is_installed_in_the_product_it_is_about(
    events: list[str], scopes: list[str], product: str
) -> None:
    """Its triggers say which, else its scopes; of several the first."""
    triggers = tuple(Trigger(name, "f", (Subscription(name),), 1) for name in events)
    about = msgspec.structs.replace(app(), triggers=triggers, scopes=tuple(scopes))
    assert product_of_app(about) == product


def test_the_user_who_caused_an_event_is_its_principal() -> None:
    """By account id."""
    assert ONE.context(account="me")["principal"] == {"accountId": "me"}


@pytest.mark.parametrize("app_id", ["ari:cloud:ecosystem::app/1", "ä"])
def test_an_environment_has_one_id(app_id: str) -> None:
    """A UUID of version 5 that follows from the app's id."""
    expected = uuid.uuid5(uuid.NAMESPACE_URL, f"{app_id}/environment/local")
    assert environment_id(app_id) == str(expected)
