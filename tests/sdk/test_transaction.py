"""Transactions of the SDK: what they send."""

from __future__ import annotations

from forge_emu.sdk import (
    kvs,
)
from tests.sdk.fake_platform import fake_platform


def test_a_transaction_has_the_form_of_the_package() -> None:
    """In the order in which it was built up; nothing is sent before its end."""
    with fake_platform(204) as hand:
        transaction = kvs.transact().set("a", 1).delete("b")
        assert hand.requests == []
        transaction.set("c", [2], ttl={"value": 1, "unit": "HOURS"}).execute()
        kvs.transact().execute()
        sent = [(r.path, r.body) for r in hand.requests]

    assert sent == [
        (
            "/api/v1/transaction",
            '{"set":[{"key":"a","value":1},{"key":"c","value":[2],"options":'
            '{"ttl":{"value":1,"unit":"HOURS"}}}],"delete":[{"key":"b"}]}',
        ),
        ("/api/v1/transaction", "{}"),
    ]
