"""An installation has fresh ids, and gives handlers their context."""

from __future__ import annotations

import pytest

from forge_emu.engine.installation import Installation

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
            "contexts": [{"cloudId": "c", "workspaceId": "c"}],
        },
        "workspaceId": "c",
    }


def test_the_user_who_caused_an_event_is_its_principal() -> None:
    """By account id."""
    assert ONE.context(account="me")["principal"] == {"accountId": "me"}
