"""What a developer calls a delivery, and which deliveries that names."""

from __future__ import annotations

import pytest

from forge_emu.emulator.lookup import DeliveryEntry, DeliveryLookup
from forge_emu.errors import UserError
from forge_emu.model import PushItem, Success
from forge_emu.timeline.lineage import Lineage
from tests.engine.world import BOOM, World


def lookup_in(world: World) -> DeliveryLookup:
    """A lookup that has read all records."""
    lineage = Lineage()
    for record in world.records:
        lineage.add_record(record)
    return DeliveryLookup(world.engine, lineage)


def ids(found: list[DeliveryEntry]) -> list[str]:
    """The engine's ids of what was found."""
    return [entry.id for entry in found]


@pytest.fixture
def world() -> World:
    """Two issues. The trigger of the first has pushed two events; that of the second runs."""
    world = World(async_events__max_retries=0)
    world.send_product_event(1)
    trigger = world.next_invocation()
    world.push(PushItem.of("later", 60), PushItem.of("sooner", 30), by=trigger.invocation_id)
    world.engine.end_invocation(trigger.invocation_id, Success(), 0)
    world.send_product_event(2)
    return world


def test_every_id_names_a_delivery(world: World) -> None:
    """That of the event and that of its push; an issue's key names all that descends from it."""
    lookup = lookup_in(world)
    later, sooner, trigger = ids(list(lookup.all()))
    assert ids(lookup.find(later)) == [later]
    assert ids(lookup.find("job1")) == [later, sooner]
    assert ids(lookup.find("EMU-1")) == [later, sooner]
    assert ids(lookup.find("product2")) == ids(lookup.find("EMU-2")) == [trigger]


def test_the_start_of_an_id_names_what_starts_so(world: World) -> None:
    """A product event's delivery has its event's id in its own, which makes it no other."""
    lookup = lookup_in(world)
    assert ids(lookup.find("produ")) == ids(lookup.find("product2"))
    with pytest.raises(UserError, match="EMU-"):
        lookup.find("EMU-")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pro", "'pro' is too short for the start of an id"),
        ("EMU-3", "no event 'EMU-3' is open, was dropped or expired"),
        ("product1", "no event 'product1' is open, was dropped or expired"),
    ],
)
def test_what_names_nothing_is_refused(world: World, text: str, message: str) -> None:
    """What has ended is no longer there."""
    with pytest.raises(UserError) as caught:
        lookup_in(world).find(text)
    assert caught.value.message == message
    assert caught.value.hint


def test_the_start_of_several_ids_is_refused_with_some_of_them() -> None:
    """Not with all: there may be thousands."""
    world = World()
    for n in range(7):
        world.send_product_event(n)
    with pytest.raises(UserError) as caught:
        lookup_in(world).find("product")
    assert caught.value.message == (
        "'product' is the start of 7 ids: product0, product1, product2, product3, product4, …"
    )


def test_dropped_events_come_after_the_open_ones(world: World) -> None:
    """With why and when; they have no due time any more."""
    world.advance_to(30_000)
    sooner = next(i for i in world.started if i.event_id)
    world.engine.end_invocation(sooner.invocation_id, BOOM, 31_000)
    world.collect()
    lookup = lookup_in(world)
    entries = list(lookup.all())
    assert [entry.state for entry in entries] == ["scheduled", "running", "dropped"]
    assert ids(list(lookup.lost())) == [sooner.event_id]
    fields = entries[-1].to_fields(world.engine.secrets)
    assert (fields["due_at"], fields["reason"], fields["dropped_at"], fields["subject"]) == (
        None,
        "max_retries",
        31_000,
        "EMU-1",
    )
    assert max(entries, key=lambda entry: entry.sort_key) is entries[-1]


@pytest.mark.parametrize("everything", [True, False])
def test_what_is_ready_and_does_not_start_is_held(world: World, everything: bool) -> None:
    """By a pause of its queue or of all; what waits for its time is not."""
    admin = world.engine.queue_admin
    if everything:
        admin.pause_delivery()
    else:
        admin.pause_queue("work", 0)
    world.advance_to(30_000)
    later, sooner, _ = [e.to_fields(world.engine.secrets) for e in lookup_in(world).all()]
    assert (later["state"], later["held"]) == ("scheduled", False)
    assert (sooner["state"], sooner["held"]) == ("ready", True)


def test_only_events_of_a_queue_that_wait_can_be_cancelled(world: World) -> None:
    """For others there is a reason in words."""
    world.advance_to(30_000)
    later, sooner, trigger = lookup_in(world).all()
    assert [entry.cancellable for entry in (later, sooner, trigger)] == [True, False, False]
    assert sooner.not_cancellable_reason == "it is running"
    assert trigger.not_cancellable_reason == "it is a product event"


def test_subjects_are_shown_without_secrets(world: World) -> None:
    """An issue may be called like a token."""
    world.engine.secrets.add_variable("TOKEN", "EMU-2")
    assert [entry.subject for entry in lookup_in(world).all()] == ["EMU-1", "EMU-1", "[TOKEN]"]
