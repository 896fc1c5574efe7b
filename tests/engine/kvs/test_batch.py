"""Batches: each key for itself, the limits for all of them together."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge_emu import records
from forge_emu.engine.kvs.requests import (
    KvsAnswer,
    KvsBatch,
    KvsItem,
)
from tests.engine.kvs_drivers.entity_driver import (
    Staff,
)
from tests.engine.kvs_drivers.store_driver import (
    PER_SECOND,
    READS,
    WRITES,
    StoreDriver,
    json_text_of_size,
    key_names,
    kvs_items,
    refusal,
)

KEYS, PAYLOAD = "limits.kvs.batch_keys", "limits.kvs.batch_payload_mb"
OPERATIONS = ["batch_get", "batch_set", "batch_delete"]
BATCH = pytest.mark.parametrize("operation", OPERATIONS)


def failures(answer: KvsAnswer) -> dict[Any, str]:
    return {each.item.key: each.fault.body["code"] for each in answer.failed}


@pytest.mark.parametrize("n", [1, 24, 25])
def test_twenty_five_keys_fit_into_a_batch(n: int) -> None:
    """Set, read and deleted, in one request each."""
    store = StoreDriver()
    stored = store.batch("batch_set", *kvs_items(*key_names(n)))
    found = store.batch("batch_get", *kvs_items(*key_names(n), text=None))
    deleted = store.batch("batch_delete", *kvs_items(*key_names(n), text=None))

    assert list(stored.keys) == list(deleted.keys) == key_names(n)
    assert [value.key for value in found.found] == key_names(n)
    assert not stored.failed + found.failed + deleted.failed
    assert store.stored_values() == {}
    assert store.limit_used(PER_SECOND) == 3


@BATCH
def test_one_key_more_is_refused(operation: str) -> None:
    """As a whole: nothing is done."""
    store = StoreDriver()
    store.add_values("k000")

    assert refusal(store, lambda s: s.batch(operation, *kvs_items(*key_names(26)))) == (
        400,
        "INVALID_BATCH_REQUEST",
        KEYS,
    )
    assert store.stored_values() == {"k000": b"1"}
    assert store.refusals() == [(operation, "k000 and 25 more", 400, KEYS, None)]


@BATCH
def test_a_batch_needs_keys_and_each_once(operation: str) -> None:
    """Without keys, or with one twice, it fails entirely."""
    expected = (400, "INVALID_BATCH_REQUEST", "kvs.batch")

    assert refusal(StoreDriver(), lambda s: s.batch(operation)) == expected
    assert (
        refusal(StoreDriver(), lambda s: s.batch(operation, *kvs_items("a", "b", "a"))) == expected
    )


@pytest.mark.parametrize(("size", "code"), [(4_000_000, None), (4_000_001, "MAX_SIZE")])
def test_four_megabytes_fit_into_a_batch(size: int, code: str | None) -> None:
    """Of the request's body, and only where it sets values."""
    store = StoreDriver()
    store.batch("batch_get", *kvs_items("a", text=None), size=size)
    if code is None:
        assert store.batch("batch_set", *kvs_items("a"), size=size).keys == ("a",)
    else:
        refused = refusal(store, lambda s: s.batch("batch_set", *kvs_items("a"), size=size))
        assert refused == (400, code, PAYLOAD)


def test_keys_fail_for_themselves() -> None:
    """By the rules of a single set; the others are stored."""
    store = StoreDriver()
    answer = store.batch(
        "batch_set",
        *kvs_items("good", "", "a/b", "x" * 501, 7),
        KvsItem("null", b"null"),
        KvsItem("none", None),
        KvsItem("large", json_text_of_size(240 * 1024 + 1)),
        KvsItem("deep", b"[" * 32 + b"]" * 32),
        KvsItem("policy", b"1", {"keyPolicy": "FAIL_IF_EXISTS"}),
        KvsItem("options", b"1", "all"),
        KvsItem("ttl", b"1", {"ttl": {"value": 0, "unit": "DAYS"}}),
    )

    assert answer.keys == ("good",)
    assert failures(answer) == {
        "": "KEY_TOO_SHORT",
        "a/b": "INVALID_KEY",
        "x" * 501: "KEY_TOO_LONG",
        7: "INVALID_KEY",
        "null": "INVALID_VALUE",
        "none": "INVALID_VALUE",
        "large": "MAX_SIZE",
        "deep": "MAX_DEPTH",
        "policy": "INVALID_OPTIONS",
        "options": "INVALID_OPTIONS",
        "ttl": "INVALID_OPTIONS",
    }
    assert store.stored_values() == {"good": b"1"}
    assert store.completed_calls() == [("batch_set", "good and 11 more", 1, 1)]


@pytest.mark.parametrize("n", [1, 10, 25])
def test_a_batch_costs_the_sum_of_its_values(n: int) -> None:
    """Ten values of 1 KB are one unit, not ten: limits-kvs-ce."""
    store = StoreDriver()
    store.batch("batch_set", *kvs_items(*key_names(n), text=json_text_of_size(1_000)))
    units = -(-n // 10)

    assert store.completed_calls() == [("batch_set", _label(n), n * 1_000, units)]
    assert store.limit_used(WRITES) == units
    store.batch("batch_get", *kvs_items(*key_names(n), "missing", text=None)[:25])
    assert store.limit_used(READS) == units


def _label(n: int) -> str:
    return "k000" if n == 1 else f"k000 and {n - 1} more"


@pytest.mark.parametrize(("limit", "fits"), [(1, False), (2, True), (3, True)])
def test_the_whole_batch_fits_into_the_units_or_nothing_does(limit: int, fits: bool) -> None:
    """Two units are asked for."""
    store = StoreDriver(**{WRITES.replace(".", "__"): limit})

    def ask(store: StoreDriver) -> KvsAnswer:
        return store.batch("batch_set", *kvs_items("a", "b", text=json_text_of_size(5_001)))

    if fits:
        assert ask(store).keys == ("a", "b")
    else:
        assert refusal(store, ask) == (429, "RATE_LIMIT_EXCEEDED", WRITES)
        assert store.stored_values() == {}
        assert store.refusals() == [("batch_set", "a and 1 more", 429, WRITES, 2)]


def test_one_key_over_its_throughput_fails_alone() -> None:
    """1 MB/s for each key; what fails costs nothing of the batch."""
    store, large = StoreDriver(), json_text_of_size(240_000)
    for _ in range(4):
        assert not store.batch("batch_set", KvsItem("hot", large)).failed
    answer = store.batch("batch_set", KvsItem("hot", large), *kvs_items("cold"))

    assert answer.keys == ("cold",)
    assert failures(answer) == {"hot": "RATE_LIMIT_EXCEEDED"}
    assert store.refusals()[-1][3] == "limits.kvs.key_write_mb_per_second"
    assert store.completed_calls()[-1] == ("batch_set", "hot and 1 more", 1, 1)
    assert store.limit_used(WRITES) == 4 * 24 + 1


def test_reading_counts_against_each_key() -> None:
    """12 MB/s."""
    store = StoreDriver()
    store.add_values("k", text=json_text_of_size(240_000))
    answers = [store.batch("batch_get", *kvs_items("k", text=None)) for _ in range(51)]

    assert [bool(answer.failed) for answer in answers] == [False] * 50 + [True]


@pytest.mark.parametrize(
    ("setting", "failed"), [("failed", {"b": "KEY_NOT_FOUND"}), ("left_out", {})]
)
def test_a_key_without_a_value(setting: str, failed: dict[str, str]) -> None:
    """Failed or nowhere, as the setting says; it was read, and is no refusal on record."""
    store = StoreDriver(storage__missing_in_batch=setting)
    store.add_values("a")
    answer = store.batch("batch_get", *kvs_items("a", "b", text=None))

    assert [value.key for value in answer.found] == ["a"]
    assert failures(answer) == failed
    assert store.world.record_types() == ["kvs.done"]
    assert store.world.bodies_of(records.KvsDone)[0].keys == ["a", "b"]


def test_deleting_what_is_not_there_goes_well() -> None:
    """As a delete does; a key that is none fails."""
    store = StoreDriver()
    store.add_values("a")
    answer = store.batch("batch_delete", *kvs_items("a", "b", "c/", text=None))

    assert answer.keys == ("a", "b")
    assert failures(answer) == {"c/": "INVALID_KEY"}
    assert store.completed_calls() == [("batch_delete", "a and 2 more", 0, 1)]


def test_a_value_of_a_batch_may_end() -> None:
    """By its own time to live; setting it again without one makes it last."""
    store, ttl = StoreDriver(), {"value": 2, "unit": "SECONDS"}
    store.batch("batch_set", *kvs_items("a", "b", ttl=ttl), *kvs_items("c"))
    store.advance(1_999)
    store.batch("batch_set", *kvs_items("b"))
    assert sorted(store.stored_values()) == ["a", "b", "c"]
    store.advance(1)

    assert sorted(store.stored_values()) == ["b", "c"]


def test_batches_had_a_rule_of_their_own() -> None:
    """45 a minute, under the preset `legacy`, of all kinds together."""
    store = StoreDriver(preset="legacy")
    for i in range(45):
        store.batch(OPERATIONS[i % 3], *kvs_items("a"))

    assert refusal(store, lambda s: s.batch("batch_get", *kvs_items("a")))[2] == (
        "limits.kvs.batches_per_minute"
    )


SIZES = st.lists(st.integers(2, 30_000), min_size=1, max_size=25)


@given(SIZES)
def test_a_batch_never_costs_more_than_its_parts(sizes: list[int]) -> None:
    """And never less than their sum, rounded up."""
    together, apart = StoreDriver(), StoreDriver()
    each = [KvsItem(f"k{i}", json_text_of_size(size)) for i, size in enumerate(sizes)]
    together.batch("batch_set", *each)
    for item in each:
        apart.batch("batch_set", item)

    assert together.stored_values() == apart.stored_values()
    assert together.limit_used(WRITES) == -(-sum(sizes) // 10_000) <= apart.limit_used(WRITES)


def test_batches_mix_entities_and_values(staff: Staff) -> None:
    """The same key may be in one of each."""
    items = (
        KvsItem("new", b'{"age":1}', entity="employee"),
        KvsItem("new", b'{"name":"x"}', entity="author"),
        KvsItem("new", b"1"),
        KvsItem("bad", b'{"age":"1"}', entity="employee"),
        KvsItem("bad", b"{}", entity="nobody"),
    )
    stored = staff.many(KvsBatch("batch_set", items))
    found = staff.many(KvsBatch("batch_get", items[:3]))
    gone = staff.many(KvsBatch("batch_delete", items[:3]))

    assert stored.keys == ("employee/new", "author/new", "new")
    assert [x.fault.body["code"] for x in stored.failed] == [
        "INVALID_ENTITY_VALUE",
        "INVALID_ENTITY_TYPE",
    ]
    assert [value.value_text for value in found.found] == [b'{"age":1}', b'{"name":"x"}', b"1"]
    assert gone.keys == stored.keys
    assert staff.one("get", "new") is None
