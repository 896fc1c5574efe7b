"""What a developer orders by hand, and the keys of the console: what is done, and what is not."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec import structs

from forge_emu.control.contract import KvsEntry, QueueOrder, QueueQuery
from forge_emu.emulator.admin import Admin
from forge_emu.errors import UserError
from forge_emu.model import PushItem
from forge_emu.records import ActedByHand
from tests.control.fakes import FakeEmulator
from tests.engine.world import World


@pytest.fixture
def emulator() -> FakeEmulator:
    """One whose queue `work` has an event for now and one for later."""
    emulator = FakeEmulator()
    emulator.world.push(PushItem.of("now"), PushItem.of("later", 60))
    emulator.admin.toggle_delivery()
    return emulator


@pytest.fixture
def admin(emulator: FakeEmulator) -> Admin:
    return emulator.admin


@pytest.fixture
def world(emulator: FakeEmulator) -> World:
    return emulator.world


def states(admin: Admin) -> list[str]:
    """The states of all events."""
    return [event["state"] for event in admin.list_queue(QueueQuery())["events"]]


def actions(world: World) -> list[str]:
    """What is on record as done by hand."""
    return [body.action for body in world.bodies_of(ActedByHand)]


def entry(key: str, value: Any, **options: Any) -> KvsEntry:
    """A value as people give it."""
    return KvsEntry(key, msgspec.Raw(msgspec.json.encode(value)), **options)


def test_a_key_holds_delivery_and_lets_it_go_on(admin: Admin, world: World) -> None:
    """Everything that is ready then starts."""
    assert states(admin) == ["ready", "scheduled"]
    admin.toggle_delivery()
    assert states(admin) == ["running", "scheduled"]
    assert actions(world) == ["pause", "resume"]


def test_a_key_delivers_one_while_the_rest_is_held(admin: Admin, world: World) -> None:
    """One each time it is pressed, even if several are ready; then none is left."""
    world.push(PushItem.of("second"))
    for started in (1, 2, 2):
        admin.deliver_next()
        assert len(world.started) == started
    assert sorted(states(admin)) == ["running", "running", "scheduled"]


def test_a_key_skips_the_wait_of_an_event(admin: Admin) -> None:
    """One that does not wait stays as it is."""
    ready, waiting = admin.list_queue(QueueQuery())["events"]
    admin.run_now(ready["event_id"])
    assert states(admin) == ["ready", "scheduled"]
    admin.run_now(waiting["event_id"])
    assert states(admin) == ["ready", "ready"]


def test_who_resumes_all_resumes_the_queues_too(admin: Admin, world: World) -> None:
    """Those that were paused by name."""
    admin.change_queue(QueueOrder("pause", queue="work"))
    receipt = admin.change_queue(QueueOrder("resume"))
    assert (receipt.changed, receipt.queue) == (True, None)
    assert states(admin) == ["running", "scheduled"]
    assert actions(world) == ["pause", "pause", "resume", "resume"]
    assert not admin.change_queue(QueueOrder("resume")).changed


def test_an_order_that_changes_nothing_says_so(admin: Admin, world: World) -> None:
    """And leaves no record."""
    assert not admin.change_queue(QueueOrder("pause")).changed
    assert admin.change_queue(QueueOrder("replay", every=True)).ids == []
    assert actions(world) == ["pause"]


def test_an_order_that_names_several_takes_those_it_can(admin: Admin) -> None:
    """Of a push whose first event runs, the other is cancelled."""
    admin.toggle_delivery()
    later = admin.list_queue(QueueQuery(state="scheduled"))["events"][0]["event_id"]
    assert admin.change_queue(QueueOrder("cancel", target="job1")).ids == [later]
    with pytest.raises(UserError, match="cannot be cancelled: it is running"):
        admin.change_queue(QueueOrder("cancel", target="job1"))


@pytest.mark.parametrize("action", ["cancel", "run_now", "replay"])
def test_an_order_needs_a_target(admin: Admin, action: Any) -> None:
    """Nothing is not everything."""
    with pytest.raises(UserError, match="needs the id of an event"):
        admin.change_queue(QueueOrder(action))


def test_a_listing_counts_what_it_does_not_show(admin: Admin) -> None:
    """All that matches the names, whatever the state and the limit."""
    listing = admin.list_queue(QueueQuery(state="pending", limit=1))
    assert (len(listing["events"]), listing["total"]) == (1, 2)
    assert listing["counts"] == {
        "scheduled": 1,
        "ready": 1,
        "running": 0,
        "waiting": 0,
        "dropped": 0,
        "expired": 0,
    }
    assert admin.list_queue(QueueQuery(queue="work", state="running"))["counts"]["ready"] == 1


def test_values_are_written_all_or_none(admin: Admin) -> None:
    """What the store's rules refuse an app, they refuse here, and nothing of it is written."""
    good = entry("a", 1)
    with pytest.raises(UserError, match="the store cannot hold ''") as caught:
        admin.kvs_set([good, entry("", 2)])
    assert "so that the app could have made them" in (caught.value.hint or "")
    assert admin.kvs_get("a", secret=False) is None
    assert admin.kvs_set([good, entry("b", "text", ttl_seconds=60.0)]) == 2
    assert admin.kvs_get("b", secret=False) == entry("b", "text", ttl_seconds=60.0)


def test_a_key_that_is_not_there_is_not_deleted(admin: Admin) -> None:
    """Nor is one that only begins like it; the other store is another."""
    admin.kvs_set([entry("ab", 1), entry("s", 1, secret=True)])
    assert not admin.kvs_delete("a", secret=False)
    assert not admin.kvs_delete("s", secret=False)
    assert admin.kvs_delete("s", secret=True)
    assert admin.kvs_get("ab", secret=False) is not None


def test_a_page_of_secrets_tells_their_lengths(admin: Admin) -> None:
    """And their values where they are asked for."""
    admin.kvs_set([entry("s", "hidden", secret=True)])
    masked = admin.list_kvs("", "", secret=True, show_secrets=False)
    shown = admin.list_kvs("", "", secret=True, show_secrets=True)
    assert ([bytes(e.value) for e in masked.entries], masked.bytes) == ([b"null"], [8])
    assert [bytes(e.value) for e in shown.entries] == [b'"hidden"']


def test_a_large_store_comes_in_pages(admin: Admin) -> None:
    """Each begins after the last key of the one before it; the prefix counts throughout."""
    values = [entry(f"k{n:02}", "x" * 200_000) for n in range(15)]
    admin.kvs_set([entry("a", 1), *values])
    first = admin.list_kvs("k", "", secret=False, show_secrets=False)
    assert first.after == first.entries[-1].key
    second = admin.list_kvs("k", first.after or "", secret=False, show_secrets=False)
    assert second.after is None
    assert [e.key for e in (*first.entries, *second.entries)] == [f"k{n:02}" for n in range(15)]


def test_values_of_an_entity_have_keys_of_their_own(
    emulator: FakeEmulator, admin: Admin, world: World
) -> None:
    """Listed, read and deleted apart from the plain values."""
    attributes = {"a": {"type": "integer"}}
    storage: Any = {"entities": [{"name": "thing", "attributes": attributes, "indexes": ["a"]}]}
    world.engine.reload_app(structs.replace(world.engine.app, storage=storage), 2, world.now)
    admin.kvs_set([entry("k", 1), entry("k", {"a": 1}, entity="thing")])
    listed = admin.list_kvs("", "", secret=False, show_secrets=False, entity="thing").entries
    assert listed == [entry("k", {"a": 1}, entity="thing")]
    assert admin.kvs_entities() == {"thing": 1}
    assert admin.kvs_delete("k", secret=False, entity="thing")
    assert admin.kvs_get("k", secret=False, entity="thing") is None
    assert admin.kvs_get("k", secret=False) == entry("k", 1)
    assert admin.kvs_entities() == {}
