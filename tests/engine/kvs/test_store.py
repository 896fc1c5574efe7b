"""The store holds plain values, secrets and entities apart, over a restart as well."""

from __future__ import annotations

from pathlib import Path

from forge_emu import records
from forge_emu.engine.kvs.single_key import run_single_key
from forge_emu.engine.kvs.store import LINGER
from forge_emu.model import StoredValue
from tests.engine.kvs_drivers.entity_driver import Staff
from tests.engine.kvs_drivers.single_key_driver import look, new_store, put, single_request

DAY = 86_400_000


def test_values_of_entities_are_apart(staff: Staff) -> None:
    """From plain values, from secrets, and from those of other entities, under the same key."""
    staff.one("set", "a", 1, entity=None)
    staff.one("set", "a", {"name": "x"}, entity="author")

    assert staff.one("get", "a")["surname"] == "Baker"
    assert staff.one("get", "a", entity=None) == 1
    staff.one("delete", "a")
    assert staff.one("get", "a") is None
    assert staff.one("get", "a", entity="author") == {"name": "x"}
    plain = staff.world.engine.kvs.items("", 0, secret=False)
    assert [value.key for value in plain] == ["a"]
    done = staff.of(records.KvsDone)[-1]
    assert (done.operation, done.key, done.units) == ("get_entity", "author/a", 1)


def test_entities_outlive_a_restart(tmp_path: Path) -> None:
    """As they were, in the same order; what is deleted stays so."""
    staff = Staff()
    staff.world.persist_to(tmp_path)
    staff.set("a", age=1)
    staff.set("b", age=2)
    staff.one("set", "a", 7, entity=None)
    staff.one("delete", "a")
    staff.world.restart()

    assert staff.keys("by-age") == ["b"]
    assert staff.one("get", "a", entity=None) == 7
    staff.world.engine.take_changes()
    everything = staff.world.engine.take_changes(everything=True)
    assert list(everything.values) == [(False, "a"), (False, "employee/b")]
    assert staff.world.database is not None
    staff.world.database.close()


def test_created_at_stays_and_updated_at_moves() -> None:
    """Overwriting keeps the creation instant; deleting forgets it."""
    kvs = new_store()
    put(kvs, "k", b"1", 100)
    put(kvs, "k", b"2", 200)
    overwritten = look(kvs, "k", 300)
    run_single_key(kvs, single_request("delete", "k"), 400)
    put(kvs, "k", b"3", 500)
    anew = look(kvs, "k", 600)

    assert overwritten == StoredValue("k", b"2", 100, 200)
    assert anew == StoredValue("k", b"3", 500, 500)


def test_ttl_ends_a_value_to_the_millisecond() -> None:
    """A value with a ttl is there until the last millisecond and gone at the next."""
    kvs = new_store()
    put(kvs, "k", b"1", 1_000, ttl={"value": 2, "unit": "MINUTES"})

    assert look(kvs, "k", 120_999) == StoredValue("k", b"1", 1_000, 1_000, 121_000)
    assert look(kvs, "k", 121_000) is None
    assert len(kvs) == 0


def test_expired_value_is_no_obstacle_and_leaves_no_trace() -> None:
    """Once expired, a key is free for FAIL_IF_EXISTS and starts with a new creation instant."""
    kvs = new_store()
    put(kvs, "k", b"1", 0, ttl={"value": 1, "unit": "SECONDS"})
    put(kvs, "k", b"2", 1_000, keyPolicy="FAIL_IF_EXISTS")

    assert look(kvs, "k", 1_000) == StoredValue("k", b"2", 1_000, 1_000)


def test_set_without_ttl_makes_a_value_last() -> None:
    """A later set without a ttl takes the expiry away."""
    kvs = new_store()
    put(kvs, "k", b"1", 0, ttl={"value": 1, "unit": "SECONDS"})
    put(kvs, "k", b"2", 500)

    assert look(kvs, "k", DAY) == StoredValue("k", b"2", 0, 500)


def test_expired_values_can_linger_for_48_hours() -> None:
    """With `storage.expired_values = linger` an expired value is returned until it is deleted."""
    kvs = new_store({"storage.expired_values": "linger"})
    put(kvs, "k", b"1", 0, ttl={"value": 1, "unit": "SECONDS"})

    assert look(kvs, "k", 1_000) is not None
    assert look(kvs, "k", 1_000 + LINGER - 1) is not None
    assert look(kvs, "k", 1_000 + LINGER) is None


def test_items_are_found_by_prefix_in_key_order() -> None:
    """Listing gives values by prefix, ordered by key, and leaves out what has expired."""
    kvs = new_store()
    for key in ("b2", "a", "b1"):
        put(kvs, key, b"1")
    put(kvs, "b3", b"1", 0, ttl={"value": 1, "unit": "SECONDS"})

    assert [v.key for v in kvs.items("b", now=999)] == ["b1", "b2", "b3"]
    assert [v.key for v in kvs.items("b", now=1_000)] == ["b1", "b2"]
    assert [v.key for v in kvs.items()] == ["a", "b1", "b2", "b3"]
    assert list(kvs.items(secret=True)) == []
