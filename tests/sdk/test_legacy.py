"""The old storage of the SDK: what it asks for, and how it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu import sdk
from forge_emu.sdk import (
    KvsEntry,
    ListResult,
    starts_with,
    storage,
)
from tests.sdk.fake_platform import fake_platform


def test_a_query_of_the_old_storage() -> None:
    """Every call gives a new query, and the last edge's cursor leads on."""
    edges = [
        {"node": {"key": "a", "value": 1}, "cursor": "c1"},
        {"node": {"key": "b", "value": 2}, "cursor": "c2"},
    ]
    with fake_platform(200, {"data": {"appStoredEntities": {"edges": edges}}}) as hand:
        query = storage.query()
        page = query.where("key", starts_with("x")).where("key", starts_with("a")).limit(2)
        assert page.get_many() == ListResult([KvsEntry("a", 1), KvsEntry("b", 2)], "c2")
        assert hand.body["variables"] == {
            "where": [{"field": "key", "condition": "STARTS_WITH", "value": "a"}],
            "cursor": None,
            "limit": 2,
        }
        assert query.cursor("c").get_one() == KvsEntry("a", 1)
        assert hand.body["variables"] == {"where": None, "cursor": "c", "limit": 1}
    with fake_platform(200, {"data": {"appStoredEntities": {"edges": []}}}):
        assert query.get_many() == ListResult([])
        assert query.get_one() is None
    with (
        fake_platform(200, {"data": None, "errors": [{"message": "X: no"}]}),
        pytest.raises(sdk.APIError, match="X: no"),
    ):
        query.get_many()


def test_the_old_store_asks_in_graphql() -> None:
    """The service reads the field's name and the variables."""
    with fake_platform(200, {"data": {"appStoredEntity": {"key": "k", "value": 5}}}) as hand:
        assert storage.get("k") == 5
        assert "appStoredEntity(" in hand.body["query"]
        assert hand.body["variables"] == {"key": "k", "encrypted": False}
    done = {"success": True, "errors": None}
    changed = {"setAppStoredEntity": done, "deleteAppStoredEntity": done}
    with fake_platform(200, {"data": {"appStorage": changed}}) as hand:
        storage.set_secret("k", 1)
        assert hand.body["variables"] == {"input": {"key": "k", "value": 1, "encrypted": True}}
        storage.delete("k")
        assert "deleteAppStoredEntity(" in hand.body["query"]


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (200, {"errors": [{"message": "M", "extensions": {"errorType": "C"}}]}, "M"),
        (
            200,
            {
                "data": {
                    "appStorage": {
                        "setAppStoredEntity": {
                            "success": False,
                            "errors": [{"extensions": {"errorType": "C"}}],
                        }
                    }
                }
            },
            "C",
        ),
        (
            200,
            {"data": {"appStorage": {"setAppStoredEntity": {"success": False, "errors": []}}}},
            "Internal server error",
        ),
        (400, {}, "Bad request"),
        (401, {}, "Authentication error"),
        (403, {}, "Permissions error or key does not exist"),
        (409, {}, "Conflicting update occurred"),
        (410, {}, "Unknown error. Received status code '410'"),
        (200, "?", "Response text was not a valid JSON: ?"),
    ],
)
def test_the_old_store_refuses_with_a_message_alone(status: int, body: Any, message: str) -> None:
    """The class is APIError."""
    with fake_platform(status, body), pytest.raises(sdk.APIError) as raised:
        storage.set("k", 1)

    assert str(raised.value) == message
