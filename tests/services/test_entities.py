"""Custom entities speak the package's wire."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu import records
from tests.services.platforms import EPOCH
from tests.services.test_kvs_many import Wire


def entity(key: str, value: int | None = None, **more: Any) -> dict[str, Any]:
    """A thing in a body."""
    body = {"entityName": "thing", "key": key, **more}
    return body if value is None else {**body, "value": {"value": value, "key": f"of {value % 2}"}}


@pytest.fixture
def wire() -> Wire:
    """Three things."""
    found = Wire()
    for key, value in (("a", 3), ("b", 1), ("c", 2)):
        assert found.call("entity/set", entity(key, value)) == (204, None)
    return found


def test_one_thing(wire: Wire) -> None:
    """Set, read with metadata, returned, guarded and deleted, as plain values are."""
    fields = {"metadataFields": ["CREATED_AT"]}
    value = {"value": 3, "key": "of 1"}
    assert wire.call("entity/get", entity("a")) == (200, {"key": "a", "value": value})
    assert wire.call("entity/get", entity("a", options=fields))[1]["createdAt"] == EPOCH
    latest = {"keyPolicy": "OVERRIDE", "returnValue": "PREVIOUS"}
    assert wire.call("entity/set", entity("a", 5, options=latest))[1] == {
        "key": "a",
        "value": value,
    }
    guard = {"keyPolicy": "FAIL_IF_EXISTS"}
    assert wire.call("entity/set", entity("a", 5, options=guard))[0] == 409
    assert wire.call("entity/delete", entity("a")) == (204, None)
    assert wire.call("entity/get", entity("a"))[1]["code"] == "KEY_NOT_FOUND"


def test_pages_of_things(wire: Wire) -> None:
    """By an index, with cursors."""
    asked = {"entityName": "thing", "indexName": "value", "limit": 2, "sort": "DESC"}
    status, page = wire.call("entity/query", asked)
    cursor = page.pop("cursor")

    assert status == 200
    assert [each["key"] for each in page["data"]] == ["a", "c"]
    assert wire.call("entity/query", {**asked, "cursor": cursor}) == (
        200,
        {"data": [{"key": "b", "value": {"value": 1, "key": "of 1"}}]},
    )
    odd = {**asked, "indexName": "by-key-of", "partition": ["of 1"]}
    assert [each["key"] for each in wire.call("entity/query", odd)[1]["data"]] == ["a", "b"]


def test_things_in_batches_and_transactions(wire: Wire) -> None:
    """They carry their entity, in what goes well and in what fails."""
    items = [entity("n", 7), entity("n/", 7), {"key": "n", "value": 1}]
    status, stored = wire.call("batch/set", items)
    found = wire.call("batch/get", [entity("n"), {"key": "n"}, entity("none")])[1]

    assert status == 200
    assert stored["successfulKeys"] == [{"key": "n", "entityName": "thing"}, {"key": "n"}]
    assert stored["failedKeys"][0]["entityName"] == "thing"
    assert found["successfulKeys"] == [
        {"key": "n", "value": {"value": 7, "key": "of 1"}, "entityName": "thing"},
        {"key": "n", "value": 1},
    ]
    assert found["failedKeys"][0]["entityName"] == "thing"
    small = {"and": [{"property": "value", "condition": "LESS_THAN", "values": [2]}]}
    body = {"check": [entity("b", conditions=small)], "delete": [entity("a", conditions=small)]}
    assert wire.call("transaction", {"check": body["check"], "delete": [entity("n")]})[0] == 204
    assert wire.call("transaction", body)[1]["code"] == "CONDITIONAL_CHECK_FAILED"


@pytest.mark.parametrize(
    ("path", "operation"),
    [("entity/get", "get_entity"), ("entity/set", "set_entity"), ("entity/query", "query_entity")],
)
def test_what_is_no_thing_is_refused(path: str, operation: str) -> None:
    """Unreadable, or without a name that the manifest knows; on record under its operation."""
    wire = Wire()
    assert wire.call(path, "[")[0] == 400
    assert wire.call(path, {"key": "k", "value": {}})[1]["code"].endswith(("_TYPE", "_SHORT"))
    assert [r.operation for r in wire.bodies(records.KvsRefused)] == [operation] * 2
