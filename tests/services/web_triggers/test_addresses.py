"""Addresses that are stable, hard to guess, and carry their number."""

from __future__ import annotations

import pytest

from forge_emu.engine.journal.secrets import Secrets
from forge_emu.engine.web_trigger_urls import WebTriggerUrls
from forge_emu.model import WebTrigger
from forge_emu.services.web_triggers.addresses import WebTriggerAddresses, split_path

HOOK, OTHER = WebTrigger("hook", "f", 1), WebTrigger("other", "f", 2, url_format="v2")


def addresses(
    installation: str = "install", urls: WebTriggerUrls | None = None
) -> WebTriggerAddresses:
    """Those of an installation."""
    remembered = WebTriggerUrls(Secrets()) if urls is None else urls
    return WebTriggerAddresses(lambda: installation, lambda: remembered)


def test_each_installation_and_key_has_its_own() -> None:
    """The same every time."""
    paths = {addresses(i).address_path(t) for i in ("install", "more") for t in (HOOK, OTHER)}
    assert len(paths) == 4
    assert addresses().address_path(HOOK) in paths


def test_one_leads_to_its_trigger_and_no_other() -> None:
    """As far as it was made."""
    urls = WebTriggerUrls(Secrets())
    path = addresses(urls=urls).address_path(HOOK, create=True)
    parts = split_path(path + "/a/b")
    assert parts is not None
    assert parts[1] == "/a/b"
    assert addresses(urls=urls).find_trigger(parts[0], [OTHER, HOOK]) is HOOK
    assert addresses().find_trigger(parts[0], [OTHER, HOOK]) is None
    assert addresses("more", urls).find_trigger(parts[0], [OTHER, HOOK]) is None


@pytest.mark.parametrize("id", ["", "x", "-1", "0-", "9999999-a", "٣-a", "0-aaaa"])
def test_nonsense_leads_nowhere(id: str) -> None:
    """Whatever its number."""
    assert addresses().find_trigger(id, [HOOK]) is None


@pytest.mark.parametrize("path", ["/", "/x1", "/x1/", "/v1/status", "/xx1/a", "x1/a"])
def test_other_paths_are_none(path: str) -> None:
    """The control API is not reached by them."""
    assert split_path(path) is None
