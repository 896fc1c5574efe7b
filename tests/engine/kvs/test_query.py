"""Queries: the right page in the right order, whatever the store holds, at the right price."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge_emu import records
from forge_emu.model import KvsRequest
from tests.engine.kvs_drivers.store_driver import (
    PER_SECOND,
    READS,
    StoreDriver,
    json_text_of_size,
    key_names,
    keys_of,
    kvs_items,
    refusal,
)


def test_keys_come_in_lexicographic_order() -> None:
    """Character by character, whatever the order in which they were set."""
    store = StoreDriver()
    store.add_values("b", "a10", "a2", "A", "a#", "a 1")

    assert keys_of(store.query()) == ["A", "a 1", "a#", "a10", "a2", "b"]
    assert keys_of(store.query("a1")) == ["a10"]
    assert keys_of(store.query("a")) == ["a 1", "a#", "a10", "a2"]
    assert keys_of(store.query("c")) == []


@pytest.mark.parametrize(("limit", "found"), [(None, 10), (1, 1), (99, 99), (100, 100)])
def test_a_page_holds_ten_values_or_as_many_as_asked_for(limit: int | None, found: int) -> None:
    """Up to a hundred."""
    store = StoreDriver()
    store.add_values(*key_names(101))

    page = store.query(limit=limit)

    assert keys_of(page) == key_names(found)
    assert page.more


def test_cursors_lead_from_page_to_page() -> None:
    """The last page has nothing more; one that is just full has none either."""
    store = StoreDriver()
    store.add_values("other", *key_names(6), "z")
    first = store.query("k", limit=3)
    second = store.query("k", limit=3, after=first.cursors[-1])

    assert (keys_of(first), first.more) == (key_names(6)[:3], True)
    assert (keys_of(second), second.more) == (key_names(6)[3:], False)
    assert keys_of(store.query("k", limit=3, after=second.cursors[-1])) == []


def test_a_page_goes_on_where_the_last_one_ended_though_keys_came_and_went() -> None:
    """A cursor is a place among the keys, not a number of values."""
    store = StoreDriver()
    store.add_values("a", "c", "e", "g")
    cursor = store.query(limit=2).cursors[-1]
    store.add_values("b", "d")
    store.batch("batch_delete", *kvs_items("c", text=None))

    assert keys_of(store.query(after=cursor)) == ["d", "e", "g"]


CLAUSE = {"property": "key", "condition": "BEGINS_WITH", "values": ["a"]}


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ([CLAUSE, CLAUSE], "QUERY_WHERE_INVALID"),
        (CLAUSE, "QUERY_WHERE_INVALID"),
        (["key"], "QUERY_WHERE_INVALID"),
        ([{**CLAUSE, "property": "value"}], "QUERY_WHERE_FIELD_INVALID"),
        ([{"condition": "BEGINS_WITH"}], "QUERY_WHERE_FIELD_INVALID"),
        ([{**CLAUSE, "condition": "EQUAL_TO"}], "INVALID_FILTER_CONDITION"),
        ([{**CLAUSE, "condition": []}], "INVALID_FILTER_CONDITION"),
        ([{"property": "key"}], "INVALID_FILTER_CONDITION"),
        ([{**CLAUSE, "values": []}], "INVALID_FILTER_VALUES"),
        ([{**CLAUSE, "values": ["a", "b"]}], "INVALID_FILTER_VALUES"),
        ([{**CLAUSE, "values": [5]}], "INVALID_FILTER_VALUES"),
        ([{**CLAUSE, "values": "a"}], "INVALID_FILTER_VALUES"),
    ],
)
def test_a_where_that_is_none_is_refused(where: Any, code: str) -> None:
    """One condition, on the key, and only its beginning."""
    store = StoreDriver()

    assert refusal(store, lambda s: s.query(where=where)) == (400, code, "kvs.query")
    [refused] = store.refusals()
    assert refused[0] == "query"


@pytest.mark.parametrize("options", ["all", {"metadataFields": "CREATED_AT"}, {"what": 1}])
def test_options_that_are_none_are_refused(options: Any) -> None:
    """As those of a get."""
    assert refusal(StoreDriver(), lambda s: s.query(options=options))[1] == "INVALID_OPTIONS"


def test_secrets_are_in_no_page() -> None:
    """Whatever their key."""
    store = StoreDriver()
    store.world.engine.kvs.edit(KvsRequest("set", "s", b"1", secret=True), 0)

    assert keys_of(store.query()) == []


@pytest.mark.parametrize(("expired", "found"), [("gone", []), ("linger", ["k"])])
def test_expired_values_are_not_shown(expired: str, found: list[str]) -> None:
    """Unless the setting lets them linger, as the platform may."""
    store = StoreDriver(storage__expired_values=expired)
    ttl = {"ttl": {"value": 5, "unit": "SECONDS"}}
    store.world.engine.kvs.edit(KvsRequest("set", "k", b"1", ttl), 0)
    store.advance(4_999)
    assert keys_of(store.query()) == ["k"]
    store.advance(1)

    assert keys_of(store.query()) == found


@pytest.mark.parametrize(("sizes", "units"), [((), 1), ((10,), 1), ((5_000, 5_001), 2)])
def test_a_query_costs_the_sum_of_its_page(sizes: tuple[int, ...], units: int) -> None:
    """Rounded up once; a page without values is one unit."""
    store = StoreDriver()
    for key, size in zip(key_names(len(sizes)), sizes, strict=True):
        store.add_values(key, text=json_text_of_size(size))
    store.query("k")

    assert store.completed_calls() == [("query", "k", sum(sizes), units)]
    assert (store.limit_used(READS), store.limit_used(PER_SECOND)) == (units, 1)


def test_a_query_meets_the_read_units() -> None:
    """It fits exactly or not at all, and a refusal says what it would have cost."""
    store = StoreDriver(**{READS.replace(".", "__"): 3})
    store.add_values("a", "b", text=json_text_of_size(10_000))

    store.query()

    assert refusal(store, lambda s: s.query()) == (429, "RATE_LIMIT_EXCEEDED", READS)
    assert store.refusals() == [("query", "", 429, READS, 2)]
    assert keys_of(store.query("a")) == ["a"]


def test_queries_had_a_rule_of_their_own() -> None:
    """200 in 20 s, under the preset `legacy`."""
    store = StoreDriver(preset="legacy")
    for _ in range(200):
        store.query()

    assert refusal(store, lambda s: s.query())[2] == "limits.kvs.queries_per_20_seconds"


def test_a_query_is_one_record_with_the_keys_it_found() -> None:
    """Under the name of its prefix."""
    store = StoreDriver()
    store.add_values("a1", "a2", "b")
    store.query("a")
    [record] = store.world.bodies_of(records.KvsDone)

    assert record.keys == ["a1", "a2"]
    assert record.invocation_id == "inv"


KEYS = st.text("ab#", min_size=1, max_size=4)


@given(st.sets(KEYS), st.integers(1, 5), st.text("ab#", max_size=1))
def test_pages_hold_every_key_once(keys: set[str], limit: int, prefix: str) -> None:
    """However large they are."""
    store, found, after = StoreDriver(), list[str](), None
    store.add_values(*sorted(keys))
    while True:
        page = store.query(prefix, limit=limit, after=after)
        found += keys_of(page)
        if not page.more:
            break
        after = page.cursors[-1]

    assert found == sorted(key for key in keys if key.startswith(prefix))
