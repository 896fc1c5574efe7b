"""Transactions: all of it or nothing, against the rules and the limits as well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge_emu import records
from forge_emu.engine.kvs.requests import KvsItem, KvsAnswer
from forge_emu.errors import Fault
from tests.engine.many import PER_SECOND, WRITES, Store, items, named, refusal, text_of

OPERATIONS = "limits.kvs.transaction_operations"
PAYLOAD = "limits.kvs.transaction_payload_mb"


def test_a_transaction_sets_and_deletes() -> None:
    """All of it, as one write and one record."""
    store = Store()
    store.fill("old", "other")
    answer = store.transact(
        sets=items("a", "b", text=text_of(6_000)), deletes=items("old", "none", text=None)
    )

    assert sorted(store.stored()) == ["a", "b", "other"]
    assert answer.keys == ("a", "b", "old", "none")
    assert store.done() == [("transact", "a and 3 more", 12_000, 2)]
    assert store.world.of(records.KvsDone)[0].keys == ["a", "b", "old", "none"]
    assert (store.used(WRITES), store.used(PER_SECOND)) == (2, 1)


@pytest.mark.parametrize("n", [24, 25])
def test_twenty_five_operations_fit_into_a_transaction(n: int) -> None:
    """Of all kinds together."""
    store = Store()
    store.transact(sets=items(*named(n)[:10]), deletes=items(*named(n)[10:], text=None))

    assert len(store.stored()) == 10


REFUSED: list[tuple[str, dict[str, Any], str, str | None]] = [
    ("empty", {}, "INVALID_TRANSACTION_REQUEST", "kvs.transaction"),
    (
        "26 operations",
        {"sets": items(*named(20)), "deletes": items(*named(6, "d"), text=None)},
        "INVALID_TRANSACTION_REQUEST",
        OPERATIONS,
    ),
    (
        "a key twice",
        {"sets": items("a", "b"), "deletes": items("a", text=None)},
        "INVALID_TRANSACTION_REQUEST",
        "kvs.transaction",
    ),
    ("payload", {"sets": items("a"), "size": 4_000_001}, "MAX_SIZE", PAYLOAD),
    ("bad key", {"sets": items("a", "b/")}, "INVALID_KEY", "kvs.key"),
    ("bad key to delete", {"sets": items("a"), "deletes": items("", text=None)},
     "KEY_TOO_SHORT", "kvs.key"),
    ("no value", {"sets": (*items("a"), KvsItem("b"))}, "INVALID_VALUE", "kvs.value"),
    ("large value", {"sets": (*items("a"), KvsItem("b", text_of(245_761)))}, "MAX_SIZE",
     "limits.kvs.value_kb"),
    ("key policy", {"sets": items("a", keyPolicy="FAIL_IF_EXISTS")}, "INVALID_OPTIONS",
     "kvs.options"),
    ("check without an entity", {"sets": items("a"), "checks": items("c", text=None)},
     "INVALID_TRANSACTION_REQUEST", "kvs.transaction"),
    ("conditions without an entity", {"sets": (KvsItem("a", b"1", conditions={"and": []}),)},
     "INVALID_TRANSACTION_REQUEST", "kvs.transaction"),
]  # fmt: skip


@pytest.mark.parametrize(("parts", "code", "limit"), [r[1:] for r in REFUSED],
                         ids=[r[0] for r in REFUSED])  # fmt: skip
def test_a_transaction_against_the_rules_changes_nothing(
    parts: dict[str, Any], code: str, limit: str | None
) -> None:
    """Not even the operations that are fine."""
    store = Store()
    store.fill("kept", "c")

    assert refusal(store, lambda s: s.transact(**parts)) == (400, code, limit)
    assert sorted(store.stored()) == ["c", "kept"]
    [refused] = store.refused()
    assert (refused[0], refused[4]) == ("transact", None)


def test_four_megabytes_fit_into_a_transaction() -> None:
    """Of the request's body."""
    assert Store().transact(sets=items("a"), size=4_000_000).keys == ("a",)


@pytest.mark.parametrize(
    ("setting", "limit"),
    [({"write_units_per_minute": 1}, WRITES), ({"requests_per_second": 0}, PER_SECOND)],
)
def test_a_transaction_over_a_limit_changes_nothing(setting: dict[str, int], limit: str) -> None:
    """It is refused with a code of its own, and says what it would have cost."""
    store = Store(**{f"limits__kvs__{name}": most for name, most in setting.items()})
    store.fill("d")

    def ask(store: Store) -> KvsAnswer:
        return store.transact(
            sets=items("a", "b", text=text_of(5_001)), deletes=items("d", text=None)
        )

    assert refusal(store, ask) == (429, "TOO_MANY_REQUESTS", limit)
    assert sorted(store.stored()) == ["d"]
    assert store.refused() == [("transact", "a and 2 more", 429, limit, 2)]


def test_one_key_over_its_throughput_refuses_all_of_it() -> None:
    """1 MB/s for each key."""
    store, large = Store(), text_of(240_000)
    for _ in range(4):
        store.transact(sets=(KvsItem("hot", large),))

    assert refusal(store, lambda s: s.transact(sets=(*items("a"), KvsItem("hot", large)))) == (
        429,
        "TOO_MANY_REQUESTS",
        "limits.kvs.key_write_mb_per_second",
    )
    assert sorted(store.stored()) == ["hot"]


def test_a_value_of_a_transaction_may_end() -> None:
    """By its own time to live."""
    store = Store()
    store.transact(sets=(*items("a", ttl={"value": 1, "unit": "MINUTES"}), *items("b")))
    store.wait(60_000)

    assert sorted(store.stored()) == ["b"]


def test_a_struck_transaction_changes_nothing() -> None:
    """A fault strikes the whole request once."""
    store = Store(faults=["kvs.error=100%"])
    with pytest.raises(Fault):
        store.transact(sets=items("a", "b"))

    assert store.stored() == {}
    assert store.refused() == [("transact", "a and 1 more", 500, "fault:kvs.error", 1)]


SOME_KEYS = st.lists(st.sampled_from(["a", "b", "c", "d/", ""]), max_size=4)


@given(SOME_KEYS, SOME_KEYS, st.integers(0, 2))
def test_it_is_all_or_nothing(sets: list[str], deletes: list[str], units: int) -> None:
    """Whatever is asked for: what was there, or everything that was asked for."""
    store = Store(limits__kvs__write_units_per_minute=units)
    store.fill("a", "c", text=b"0")
    before = store.stored()
    asked: Callable[[], KvsAnswer] = lambda: store.transact(  # noqa: E731
        sets=items(*sets, text=text_of(6_000)), deletes=items(*deletes, text=None)
    )
    try:
        asked()
    except Fault:
        assert store.stored() == before
    else:
        after = {key: text for key, text in before.items() if key not in deletes}
        assert store.stored() == {**after, **dict.fromkeys(sets, text_of(6_000))}
