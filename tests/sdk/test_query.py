"""Queries of the SDK: what they send, and what they make of answers."""

from __future__ import annotations

from forge_emu.sdk import (
    KvsEntry,
    ListResult,
    MetadataField,
    WhereConditions,
    kvs,
)
from tests.sdk.fake_platform import PAGE_FOUND, fake_platform


def test_a_query_has_the_form_of_the_package() -> None:
    """Only what was said is sent, under the names of the wire."""
    with fake_platform(200, PAGE_FOUND) as hand:
        kvs.query().get_many()
        kvs.query().cursor(None).get_one()
        page = (
            kvs.query(metadata_fields=[MetadataField.CREATED_AT])
            .where("key", WhereConditions.begins_with("a"))
            .limit(3)
            .cursor("c")
            .get_many()
        )
        sent = [(r.path, r.body) for r in hand.requests]

    assert sent == [
        ("/api/v1/query", "{}"),
        ("/api/v1/query", '{"limit":1}'),
        (
            "/api/v1/query",
            '{"limit":3,"after":"c","where":[{"property":"key","condition":"BEGINS_WITH",'
            '"values":["a"]}],"options":{"metadataFields":["CREATED_AT"]}}',
        ),
    ]
    assert page == ListResult([KvsEntry("a", 1, created_at=5)], "on")


def test_a_query_is_built_up_in_place() -> None:
    """As in the package: what holds a query sees what was said of it since."""
    with fake_platform(200, PAGE_FOUND) as hand:
        query = kvs.query().limit(5)
        query.get_one()
        query.where("key", WhereConditions.begins_with("a"))
        query.where("key", WhereConditions.begins_with("b")).get_many()

        assert hand.body["limit"] == 1
        assert [clause["values"] for clause in hand.body["where"]] == [["b"]]


def test_the_first_of_nothing_is_none() -> None:
    """And a page of nothing has no cursor."""
    with fake_platform(200, {"data": []}):
        assert kvs.query().get_one() is None
        assert kvs.query().get_many() == ListResult([])
