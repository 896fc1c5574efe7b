"""A record names each call so that its reader knows which one it was, malformed or not."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import UNSET

from forge_emu.engine.kvs.call_records import (
    done_record,
    recorded_key,
    recorded_operation,
    refused_record,
)
from forge_emu.engine.kvs.rates import Cost
from forge_emu.engine.kvs.requests import (
    KvsBatch,
    KvsCall,
    KvsEntityQuery,
    KvsItem,
    KvsQuery,
    KvsTransaction,
)
from forge_emu.errors import Fault
from forge_emu.model import KvsRequest

A, B = KvsItem("a", b"1"), KvsItem("b", entity="author")


@pytest.mark.parametrize(
    ("call", "operation", "key"),
    [
        (KvsRequest("get", "k"), "get", "k"),
        (KvsRequest("set", "k", secret=True), "set_secret", "k"),
        (KvsRequest("delete", "k", entity="author"), "delete_entity", "author/k"),
        (KvsRequest("get", ["k"]), "get", "['k']"),
        (KvsRequest("get", None, entity=5), "get_entity", "5/None"),
        (KvsEntityQuery("author", "by-age"), "query_entity", "author/by-age"),
        (KvsBatch("batch_set", (A,)), "batch_set", "a"),
        (KvsBatch("batch_get", (B, A)), "batch_get", "author/b and 1 more"),
        (KvsBatch("batch_delete", ()), "batch_delete", ""),
        (KvsBatch("batch_get", (KvsItem(7),)), "batch_get", "7"),
        (KvsTransaction((A,), (B,), (A,)), "transact", "a and 2 more"),
    ],
)
def test_a_call_has_an_operation_and_a_key(call: KvsCall, operation: str, key: str) -> None:
    """Of many keys the first, and how many more."""
    assert (recorded_operation(call), recorded_key(call)) == (operation, key)


@pytest.mark.parametrize(
    ("where", "prefix"),
    [
        (None, ""),
        ([], ""),
        ([{"property": "key", "condition": "BEGINS_WITH", "values": ["a"]}], "a"),
        ([{"values": []}], ""),
        ([{"values": [7]}], ""),
        (["a"], ""),
        ({"values": ["a"]}, ""),
    ],
)
def test_a_query_is_named_by_its_prefix(where: Any, prefix: str) -> None:
    """As far as one can be seen in what the app sent."""
    assert recorded_key(KvsQuery(where)) == prefix


def test_a_call_about_one_key_has_no_list_of_keys() -> None:
    """A call about many has one, be it empty."""
    one = done_record(KvsRequest("get", "k", invocation_id="inv"), Cost("get", 5, 1))
    many = done_record(KvsQuery(), Cost("query", 0, 1), ())

    assert (one.bytes, one.units, one.invocation_id, one.keys) == (5, 1, "inv", UNSET)
    assert many.keys == []


def test_a_refused_item_is_marked_as_a_part_of_its_batch() -> None:
    """A refused call is not."""
    fault = Fault(400, {"code": "INVALID_KEY", "message": "m"}, limit="kvs.key")
    batch = KvsBatch("batch_set", (A, B), invocation_id="inv")
    whole, part = refused_record(batch, fault, 3), refused_record(batch, fault, item=B)

    assert (whole.key, whole.units, whole.of_batch) == ("a and 1 more", 3, UNSET)
    assert (part.key, part.units, part.of_batch) == ("author/b", None, True)
    assert part.code == whole.code == "INVALID_KEY"


def test_a_refusal_without_a_code_has_an_unknown_error() -> None:
    """So that a record always has one."""
    assert refused_record(KvsQuery(), Fault(500, {})).code == "UNKNOWN_ERROR"
