"""Queries of the old storage: the page that is asked for, and the edges it is answered."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu.engine.kvs.requests import KvsAnswer, KvsQuery
from forge_emu.model import StoredValue
from forge_emu.records import KvsRefused
from forge_emu.services.services import Services
from forge_emu.services.storage_query import edges_json, kvs_query
from tests.services.platforms import (
    ScriptedPlatform,
    engine,
    json_of,
    request,
    send_request,
)
from tests.services.storage_driver import PATH, page, put


def test_a_query_answers_edges() -> None:
    """Each with a cursor of its own, from which the next page goes on."""
    services = Services(engine())
    for key in ("a1", "a2", "b"):
        services.answer_request(request(PATH, put(key, {"of": key})), 0)

    def edges(**asked: Any) -> Any:
        body = json_of(services.answer_request(request(PATH, page(**asked)), 0))
        return body["data"]["appStoredEntities"]["edges"]

    starts = [{"field": "key", "condition": "STARTS_WITH", "value": "a"}]
    first, second = edges(where=starts)
    assert first["node"] == {"key": "a1", "value": {"of": "a1"}}
    assert edges(where=starts, cursor=first["cursor"]) == [second]
    assert edges(where=starts, cursor=second["cursor"]) == []
    assert [edge["node"]["key"] for edge in edges(limit=2)] == ["a1", "a2"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"limit": 0}, "LIST_QUERY_LIMIT_EXCEEDED"),
        ({"cursor": "?"}, "INVALID_CURSOR"),
        (
            {"where": [{"field": "value", "condition": "STARTS_WITH", "value": "a"}]},
            "QUERY_WHERE_FIELD_INVALID",
        ),
        (
            {"where": [{"field": "key", "condition": "ENDS_WITH", "value": "a"}]},
            "INVALID_FILTER_CONDITION",
        ),
        (
            {"where": [{"field": "key", "condition": ["STARTS_WITH"], "value": "a"}]},
            "INVALID_FILTER_CONDITION",
        ),
        ({"where": ["key"]}, "QUERY_WHERE_INVALID"),
    ],
)
def test_a_refused_list_has_errors(asked: dict[str, Any], code: str) -> None:
    """With the code in the message, the only thing the package shows."""
    services = Services(engine())
    response = services.answer_request(request(PATH, page(**asked)), 0)
    [error] = json_of(response)["errors"]

    assert response.status == 200
    assert error["message"].startswith(f"{code}: ")
    assert error["extensions"] == {"errorType": code, "statusCode": 400}


def test_a_query_of_a_storage_that_is_gone() -> None:
    """410, as every call, under the name of the operation."""
    platform = ScriptedPlatform(overrides={"storage.legacy": "gone"})
    response = send_request(
        platform, PATH, page([{"field": "key", "condition": "S", "value": "a"}])
    )
    [refused] = [r for r in platform.records if isinstance(r, KvsRefused)]

    assert response.status == 410
    assert (refused.operation, refused.key) == ("query", "a")
    assert platform.calls == []


@pytest.mark.parametrize(
    ("where", "asked"),
    [
        (None, None),
        ([], []),
        (
            [{"field": "key", "condition": "STARTS_WITH", "value": "a"}],
            [{"property": "key", "condition": "BEGINS_WITH", "values": ["a"]}],
        ),
        (
            [{"condition": "ENDS_WITH"}],
            [{"property": None, "condition": "ENDS_WITH", "values": [None]}],
        ),
        (
            ["key", {"condition": {}}],
            ["key", {"property": None, "condition": {}, "values": [None]}],
        ),
        ("key", "key"),
    ],
)
def test_a_query_is_asked_as_the_new_package_would(where: Any, asked: Any) -> None:
    """What it cannot mean is left for the store to refuse."""
    assert kvs_query(where, 5, "c", "inv-1") == KvsQuery(asked, 5, "c", None, "inv-1")


def test_every_edge_has_a_cursor() -> None:
    """Values stay the texts they are."""
    page = KvsAnswer(
        found=(StoredValue("a", b"[1.0 ]", 0, 0), StoredValue("b", b"null", 0, 0)),
        cursors=("x", "y"),
    )

    assert edges_json("appStoredEntities", page) == (
        b'{"data":{"appStoredEntities":{"edges":[{"node":{"key":"a","value":[1.0 ]},"cursor":"x"},'
        b'{"node":{"key":"b","value":null},"cursor":"y"}]}}}'
    )
    empty = edges_json("appStoredEntities", KvsAnswer())
    assert empty == b'{"data":{"appStoredEntities":{"edges":[]}}}'


@pytest.mark.parametrize(("more", "cursor"), [(True, b'"x"'), (False, b"null")])
def test_a_query_of_an_entity_has_the_cursor_of_its_page(more: bool, cursor: bytes) -> None:
    """Null after the last one."""
    page = KvsAnswer(found=(StoredValue("a", b"1", 0, 0),), cursors=("x",), more=more)

    assert edges_json("appStoredCustomEntities", page) == (
        b'{"data":{"appStoredCustomEntities":{"edges":[{"node":{"key":"a","value":1},'
        b'"cursor":"x"}],"cursor":%s}}}' % cursor
    )
