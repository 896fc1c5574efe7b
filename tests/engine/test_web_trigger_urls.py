"""What is remembered of the addresses of web triggers."""

from __future__ import annotations

from forge_emu.engine.journal.secrets import Secrets
from forge_emu.engine.web_trigger_urls import (
    MOST_ADDRESSES,
    SavedWebTriggerUrls,
    SecretKey,
    WebTriggerUrls,
)

SECRET = SecretKey("c2VjcmV0LWtleQ==", 7)


def test_it_is_the_same_after_a_restart() -> None:
    """New addresses, deleted ones and keys; the keys are masked from then on too."""
    before = WebTriggerUrls(Secrets())
    assert (before.number_of("hook"), before.add_address("hook")) == (0, 1)
    before.set_secret_key("1-b", SECRET)
    before.delete("0-a")
    secrets = Secrets()
    after = WebTriggerUrls(secrets)
    after.restore(before.snapshot)

    assert (before.changed, after.changed) == (True, False)
    assert after.snapshot == before.snapshot
    assert (after.number_of("hook"), after.is_deleted("0-a")) == (1, True)
    assert after.secret_key_of("1-b") == SECRET
    assert secrets.mask(f"it is {SECRET.key}") == "it is [secret of a web trigger]"


def test_a_deleted_address_has_no_key() -> None:
    """It is forgotten, not kept."""
    urls = WebTriggerUrls(Secrets())
    urls.set_secret_key("0-a", SECRET)
    urls.delete("0-a")

    assert urls.secret_key_of("0-a") is None
    assert urls.snapshot.secret_keys == {}


def test_addresses_have_an_end() -> None:
    """The last one is given again, so that a number fits into its id."""
    urls = WebTriggerUrls(Secrets())
    urls.restore(SavedWebTriggerUrls(created={"hook": MOST_ADDRESSES - 1}))

    assert [urls.add_address("hook") for _ in range(2)] == [MOST_ADDRESSES] * 2
