"""Transactions: all of it or nothing, against the rules and the limits as well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge_emu import records
from forge_emu.engine.kvs.requests import (
    KvsAnswer,
    KvsItem,
    KvsTransaction,
)
from forge_emu.errors import Fault
from tests.engine.kvs_drivers.entity_driver import (
    HAS_AGE,
    Staff,
    clause,
    refused,
)
from tests.engine.kvs_drivers.store_driver import (
    PER_SECOND,
    WRITES,
    StoreDriver,
    json_text_of_size,
    key_names,
    kvs_items,
    refusal,
)

OPERATIONS = "limits.kvs.transaction_operations"
PAYLOAD = "limits.kvs.transaction_payload_mb"


def test_a_transaction_sets_and_deletes() -> None:
    """All of it, as one write and one record."""
    store = StoreDriver()
    store.add_values("old", "other")
    answer = store.transact(
        sets=kvs_items("a", "b", text=json_text_of_size(6_000)),
        deletes=kvs_items("old", "none", text=None),
    )

    assert sorted(store.stored_values()) == ["a", "b", "other"]
    assert answer.keys == ("a", "b", "old", "none")
    assert store.completed_calls() == [("transact", "a and 3 more", 12_000, 2)]
    assert store.world.bodies_of(records.KvsDone)[0].keys == ["a", "b", "old", "none"]
    assert (store.limit_used(WRITES), store.limit_used(PER_SECOND)) == (2, 1)


@pytest.mark.parametrize("n", [24, 25])
def test_twenty_five_operations_fit_into_a_transaction(n: int) -> None:
    """Of all kinds together."""
    store = StoreDriver()
    store.transact(
        sets=kvs_items(*key_names(n)[:10]), deletes=kvs_items(*key_names(n)[10:], text=None)
    )

    assert len(store.stored_values()) == 10


REFUSED: list[tuple[str, dict[str, Any], str, str | None]] = [
    ("empty", {}, "INVALID_TRANSACTION_REQUEST", "kvs.transaction"),
    (
        "26 operations",
        {"sets": kvs_items(*key_names(20)), "deletes": kvs_items(*key_names(6, "d"), text=None)},
        "INVALID_TRANSACTION_REQUEST",
        OPERATIONS,
    ),
    (
        "a key twice",
        {"sets": kvs_items("a", "b"), "deletes": kvs_items("a", text=None)},
        "INVALID_TRANSACTION_REQUEST",
        "kvs.transaction",
    ),
    ("payload", {"sets": kvs_items("a"), "size": 4_000_001}, "MAX_SIZE", PAYLOAD),
    ("bad key", {"sets": kvs_items("a", "b/")}, "INVALID_KEY", "kvs.key"),
    (
        "bad key to delete",
        {"sets": kvs_items("a"), "deletes": kvs_items("", text=None)},
        "KEY_TOO_SHORT",
        "kvs.key",
    ),
    ("no value", {"sets": (*kvs_items("a"), KvsItem("b"))}, "INVALID_VALUE", "kvs.value"),
    (
        "large value",
        {"sets": (*kvs_items("a"), KvsItem("b", json_text_of_size(245_761)))},
        "MAX_SIZE",
        "limits.kvs.value_kb",
    ),
    (
        "key policy",
        {"sets": kvs_items("a", keyPolicy="FAIL_IF_EXISTS")},
        "INVALID_OPTIONS",
        "kvs.options",
    ),
    (
        "check without an entity",
        {"sets": kvs_items("a"), "checks": kvs_items("c", text=None)},
        "INVALID_TRANSACTION_REQUEST",
        "kvs.transaction",
    ),
    (
        "conditions without an entity",
        {"sets": (KvsItem("a", b"1", conditions={"and": []}),)},
        "INVALID_TRANSACTION_REQUEST",
        "kvs.transaction",
    ),
]


@pytest.mark.parametrize(
    ("parts", "code", "limit"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_a_transaction_against_the_rules_changes_nothing(
    parts: dict[str, Any], code: str, limit: str | None
) -> None:
    """Not even the operations that are fine."""
    store = StoreDriver()
    store.add_values("kept", "c")

    assert refusal(store, lambda s: s.transact(**parts)) == (400, code, limit)
    assert sorted(store.stored_values()) == ["c", "kept"]
    [refused] = store.refusals()
    assert (refused[0], refused[4]) == ("transact", None)


def test_four_megabytes_fit_into_a_transaction() -> None:
    """Of the request's body."""
    assert StoreDriver().transact(sets=kvs_items("a"), size=4_000_000).keys == ("a",)


@pytest.mark.parametrize(
    ("setting", "limit"),
    [({"write_units_per_minute": 1}, WRITES), ({"requests_per_second": 0}, PER_SECOND)],
)
def test_a_transaction_over_a_limit_changes_nothing(setting: dict[str, int], limit: str) -> None:
    """It is refused with a code of its own, and says what it would have cost."""
    store = StoreDriver(**{f"limits__kvs__{name}": most for name, most in setting.items()})
    store.add_values("d")

    def ask(store: StoreDriver) -> KvsAnswer:
        return store.transact(
            sets=kvs_items("a", "b", text=json_text_of_size(5_001)),
            deletes=kvs_items("d", text=None),
        )

    assert refusal(store, ask) == (429, "TOO_MANY_REQUESTS", limit)
    assert sorted(store.stored_values()) == ["d"]
    assert store.refusals() == [("transact", "a and 2 more", 429, limit, 2)]


def test_one_key_over_its_throughput_refuses_all_of_it() -> None:
    """1 MB/s for each key."""
    store, large = StoreDriver(), json_text_of_size(240_000)
    for _ in range(4):
        store.transact(sets=(KvsItem("hot", large),))

    assert refusal(store, lambda s: s.transact(sets=(*kvs_items("a"), KvsItem("hot", large)))) == (
        429,
        "TOO_MANY_REQUESTS",
        "limits.kvs.key_write_mb_per_second",
    )
    assert sorted(store.stored_values()) == ["hot"]


def test_a_value_of_a_transaction_may_end() -> None:
    """By its own time to live."""
    store = StoreDriver()
    store.transact(sets=(*kvs_items("a", ttl={"value": 1, "unit": "MINUTES"}), *kvs_items("b")))
    store.advance(60_000)

    assert sorted(store.stored_values()) == ["b"]


SOME_KEYS = st.lists(st.sampled_from(["a", "b", "c", "d/", ""]), max_size=4)


@given(SOME_KEYS, SOME_KEYS, st.integers(0, 2))
def test_it_is_all_or_nothing(sets: list[str], deletes: list[str], units: int) -> None:
    """Whatever is asked for: what was there, or everything that was asked for."""
    store = StoreDriver(limits__kvs__write_units_per_minute=units)
    store.add_values("a", "c", text=b"0")
    before = store.stored_values()
    asked: Callable[[], KvsAnswer] = lambda: store.transact(  # noqa: E731
        sets=kvs_items(*sets, text=json_text_of_size(6_000)), deletes=kvs_items(*deletes, text=None)
    )
    try:
        asked()
    except Fault:
        assert store.stored_values() == before
    else:
        after = {key: text for key, text in before.items() if key not in deletes}
        assert store.stored_values() == {**after, **dict.fromkeys(sets, json_text_of_size(6_000))}


def test_conditions_of_a_transaction(staff: Staff) -> None:
    """All are met by what was there before, or nothing is done."""
    young = {"and": [clause("age", "LESS_THAN", 21)]}
    new = {"and": [clause("surname", "NOT_EXISTS", True)]}
    call = KvsTransaction(
        sets=(
            KvsItem("a", b'{"age":21}', entity="employee", conditions=young),
            KvsItem("e", b'{"age":50}', entity="employee", conditions=new),
        ),
        deletes=(KvsItem("b", entity="employee"),),
        checks=(KvsItem("c", entity="employee", conditions={"and": [HAS_AGE]}),),
    )

    assert staff.many(call).keys == ("employee/a", "employee/e", "employee/b")
    assert staff.one("get", "a") == {"age": 21}
    assert refused(staff, lambda: staff.many(call)) == (400, "CONDITIONAL_CHECK_FAILED")
    refusal = staff.of(records.KvsRefused)[-1]
    assert (refusal.limit, refusal.units) == ("kvs.condition", 1)


@pytest.mark.parametrize(
    ("check", "code"),
    [
        (KvsItem("a", entity="employee"), "INVALID_TRANSACTION_REQUEST"),
        (KvsItem("a", entity="employee", conditions={}), "EMPTY_FILTER_OPERATOR"),
        (KvsItem("a", entity="nobody", conditions={"and": []}), "INVALID_ENTITY_TYPE"),
        (
            KvsItem("z", entity="employee", conditions={"and": [HAS_AGE]}),
            "CONDITIONAL_CHECK_FAILED",
        ),
    ],
)
def test_a_check_needs_conditions_that_are_met(staff: Staff, check: KvsItem, code: str) -> None:
    """A value that does not exist has no attributes."""
    call = KvsTransaction(sets=(KvsItem("k", b"1"),), checks=(check,))
    assert refused(staff, lambda: staff.many(call)) == (400, code)
    assert staff.one("get", "k", entity=None) is None
