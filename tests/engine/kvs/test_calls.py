"""Every call is done or refused, and on record either way."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu import records
from forge_emu.errors import Fault
from forge_emu.model import KvsRequest
from tests.engine.kvs_drivers.store_driver import (
    PER_SECOND,
    READS,
    WRITES,
    StoreDriver,
    json_text_of_size,
    kvs_items,
    refusal,
)
from tests.engine.world import World


def test_refused_requests_can_be_counted() -> None:
    """With `limits.kvs.count_refused` refusals of every kind use up the windows too."""
    store = StoreDriver(limits__kvs__write_units_per_minute=2, limits__kvs__count_refused=True)
    conflict = KvsRequest("set", "k", b"1", {"keyPolicy": "FAIL_IF_EXISTS"})
    store.call(KvsRequest("set", "k", b"1"))
    refusal(store, lambda s: s.call(conflict))
    refusal(store, lambda s: s.call(KvsRequest("set", "k", b"1")))
    refusal(store, lambda s: s.call(KvsRequest("get", "/")))

    used = {name: store.limit_used(name) for name in (PER_SECOND, READS, WRITES)}
    assert used == {PER_SECOND: 4, READS: 0, WRITES: 3}


@pytest.mark.parametrize(
    ("operation", "value", "units"),
    [("set", b'"' + b"x" * 25_000 + b'"', 3), ("get", None, 2), ("delete", None, 1)],
)
def test_a_refused_request_says_what_it_would_have_cost(
    operation: Any, value: bytes | None, units: int
) -> None:
    """For a read, by the value that is there."""
    world = World(limits__kvs__requests_per_second=1)
    world.engine.kvs.call(KvsRequest("set", "k", b'"' + b"x" * 15_000 + b'"'), 0)
    with pytest.raises(Fault):
        world.engine.kvs.call(KvsRequest(operation, "k", value), 0)
    world.collect()
    assert [body.units for body in world.bodies_of(records.KvsRefused)] == [units]


def test_a_request_that_cannot_be_read_has_no_cost() -> None:
    """Its key is no key."""
    world = World()
    with pytest.raises(Fault):
        world.engine.kvs.call(KvsRequest("get", ""), 0)
    world.collect()
    assert [body.units for body in world.bodies_of(records.KvsRefused)] == [None]


def test_every_failed_key_is_on_record_before_the_batch() -> None:
    """Marked as a part of it, so that nobody takes it for a call of its own."""
    store = StoreDriver()
    store.batch("batch_set", *kvs_items("a", "b/", "c/"))
    refused = store.world.bodies_of(records.KvsRefused)

    assert store.world.record_types() == ["kvs.refused", "kvs.refused", "kvs.done"]
    assert [(x.key, x.code, x.of_batch, x.units) for x in refused] == [
        ("b/", "INVALID_KEY", True, None),
        ("c/", "INVALID_KEY", True, None),
    ]
    assert store.world.bodies_of(records.KvsDone)[0].keys == ["a"]
    assert store.limit_used(PER_SECOND) == 1


def test_a_struck_batch_does_nothing() -> None:
    """A fault strikes the whole request once."""
    store = StoreDriver(faults=["kvs.error=100%"])

    assert (
        refusal(
            store, lambda s: s.batch("batch_set", *kvs_items("a", text=json_text_of_size(9_000)))
        )[0]
        == 500
    )
    assert store.stored_values() == {}
    assert store.refusals() == [("batch_set", "a", 500, "fault:kvs.error", 1)]


def test_refused_batches_count_where_the_setting_says_so() -> None:
    """Those over a limit with all they asked for, malformed ones as a request."""
    store = StoreDriver(limits__kvs__count_refused=True, limits__kvs__write_units_per_minute=2)
    store.batch("batch_set", *kvs_items("a"))
    refusal(store, lambda s: s.batch("batch_set", *kvs_items("b", text=json_text_of_size(20_000))))
    refusal(store, lambda s: s.batch("batch_set"))

    assert store.limit_used(WRITES) == 3
    assert store.limit_used(PER_SECOND) == 3


def test_a_struck_query_reads_nothing() -> None:
    """A fault is an error of the server, and its own limit on record."""
    store = StoreDriver(faults=["kvs.error=100%"])
    with pytest.raises(Fault):
        store.query("a")

    assert store.world.record_types() == ["fault.injected", "kvs.refused"]
    assert store.refusals() == [("query", "a", 500, "fault:kvs.error", 1)]


def test_a_struck_transaction_changes_nothing() -> None:
    """A fault strikes the whole request once."""
    store = StoreDriver(faults=["kvs.error=100%"])
    with pytest.raises(Fault):
        store.transact(sets=kvs_items("a", "b"))

    assert store.stored_values() == {}
    assert store.refusals() == [("transact", "a and 1 more", 500, "fault:kvs.error", 1)]


@pytest.mark.parametrize(
    ("request_", "units"),
    [
        (KvsRequest("get", "k"), 2),
        (KvsRequest("get", "none"), 1),
        (KvsRequest("get", "k/"), 1),
        (KvsRequest("get", "k", entity="nobody"), 1),
        (KvsRequest("set", "new", json_text_of_size(20_001)), 3),
        (KvsRequest("delete", "k"), 1),
        (KvsRequest("get", 7), None),
    ],
)
def test_a_struck_call_about_one_key_costs_what_it_sent_or_asked_for(
    request_: KvsRequest, units: int | None
) -> None:
    """A fault strikes it before its form is judged."""
    store = StoreDriver(faults=["kvs.error=100%"])
    store.add_values("k", text=json_text_of_size(15_000))

    assert refusal(store, lambda s: s.call(request_))[0] == 500
    assert [refused[4] for refused in store.refusals()] == [units]
    assert store.limit_used(PER_SECOND) == 0


def test_an_edit_is_past_the_rates_and_on_record() -> None:
    """It costs no units, and nothing of a limit."""
    store = StoreDriver(limits__kvs__requests_per_second=0)
    kvs = store.world.engine.kvs
    kvs.edit(KvsRequest("set", "k", b"12"), 0)
    kvs.edit(KvsRequest("set", "s", b"1", secret=True), 0)
    kvs.edit(KvsRequest("delete", "s", secret=True), 0)
    store.world.collect()

    assert store.stored_values() == {"k": b"12"}
    assert [value.key for value in kvs.items("", 0, secret=True)] == []
    assert store.completed_calls() == [
        ("set", "k", 2, 0),
        ("set_secret", "s", 1, 0),
        ("delete_secret", "s", 0, 0),
    ]


@pytest.mark.parametrize(
    "request_",
    [
        KvsRequest("set", "k/", b"1"),
        KvsRequest("set", "k", b"null"),
        KvsRequest("set", "k", b"1", {"ttl": 5}),
        KvsRequest("set", "k", b"{}", entity="nobody"),
        KvsRequest("delete", ""),
    ],
)
def test_an_edit_keeps_to_the_rules(request_: KvsRequest) -> None:
    """A check says so before; what is refused is no call of the app, and not on record."""
    store = StoreDriver(limits__kvs__count_refused=True)
    kvs = store.world.engine.kvs

    assert refusal(store, lambda s: kvs.check(request_)) == refusal(
        store, lambda s: kvs.edit(request_, 0)
    )
    store.world.collect()
    assert (store.stored_values(), store.world.records) == ({}, [])
    assert store.limit_used(PER_SECOND) == 0


def test_a_check_changes_nothing() -> None:
    """What it accepts can be done."""
    store = StoreDriver()
    store.world.engine.kvs.check(KvsRequest("set", "k", b"1"))
    store.world.engine.kvs.check(KvsRequest("delete", "k"))

    assert store.stored_values() == {}


def test_a_refused_secret_is_a_secret_all_the_same() -> None:
    """In the records of its own refusal and ever after."""
    store = StoreDriver(limits__kvs__write_units_per_minute=0)
    secret = KvsRequest("set", "a-key", b'"open sesame"', secret=True)
    refusal(store, lambda s: s.call(secret))

    assert "sesame" not in store.world.engine.secrets.mask("It is open sesame.")
