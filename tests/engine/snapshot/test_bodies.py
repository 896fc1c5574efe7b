"""Bodies of events that wait are in memory, or where they are saved; nobody sees which."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from forge_emu.engine.delivery.delivery import DeliveryWithBody
from forge_emu.engine.delivery.queued_event import SavedQueuedEvent
from forge_emu.errors import UserError
from forge_emu.model import PushItem, Success
from tests.engine.world import BOOM, CREATED, World
from tests.product_events import product_event


class Saved:
    """What has been saved of a world's deliveries, by number."""

    def __init__(self, world: World, most_bytes: int) -> None:
        self.world = world
        self.rows: dict[int, Any] = {}
        self.reads = 0
        self.writer = world.engine.snapshot_writer
        self.writer.start()
        self.bodies = self.writer.bodies
        self.bodies.keep_saved(most_bytes, self.read)

    def read(self, number: int) -> Any:
        """The saved row. Raises UserError where there is none."""
        self.reads += 1
        if number not in self.rows:
            raise UserError(f"{number} cannot be read")
        return self.rows[number]

    def save(self) -> None:
        """As at the end of a turn."""
        changes = self.writer.take_changes()
        self.rows.update(changes.added)
        for number in changes.ended:
            del self.rows[number]
        self.bodies.note_saved()

    @property
    def left(self) -> list[bool]:
        """Of each open delivery, whether its body is left."""
        open_ones = self.world.engine.queue_admin.open_deliveries()
        return [isinstance(x, DeliveryWithBody) and x.body_is_left for x in open_ones]


def test_what_is_over_the_bytes_is_left_the_last_first() -> None:
    """As many as have to be; the first of the line stay, as they start first."""
    world = World()
    saved = Saved(world, 2)
    world.push(*(PushItem.of(n, delay_in_seconds=9) for n in range(4)))
    assert saved.left == [False] * 4
    saved.save()

    assert saved.left == [False, False, True, True]
    assert saved.bodies.bytes == 2


def test_a_handler_gets_the_body_that_was_left() -> None:
    """In every attempt; an event that has ended counts no longer."""
    world = World()
    saved = Saved(world, 0)
    world.push(PushItem.of({"n": 1}, delay_in_seconds=1))
    saved.save()
    for at, outcome in ((1_000, BOOM), (10_000, Success())):
        (invocation,) = world.advance_to(at).started
        assert invocation.event["body"] == {"n": 1}
        world.end_invocation(outcome)
        saved.save()
    assert saved.reads == 2

    assert (saved.left, saved.rows, saved.bodies.bytes) == ([], {}, 0)


def test_records_and_queries_read_nothing() -> None:
    """Only a handler, and who looks at the body."""
    world = World()
    saved = Saved(world, 0)
    event = product_event("p", CREATED, {"issue": {"key": "EMU-7"}}, 25)
    world.engine.enqueue_product_event(event, 0)
    world.push(PushItem.of("b", 9, {"key": "k", "limit": 1}))
    saved.save()
    trigger, queued = world.engine.queue_admin.open_deliveries()
    for delivery in (trigger, queued):
        assert delivery.routing | delivery.ids
        assert delivery.names
    assert (queued.concurrency, queued.job_id is None) == (("k", 1), False)
    assert saved.reads == 0

    assert trigger.subject == "EMU-7"
    assert saved.reads == 1


def test_all_of_it_comes_back() -> None:
    """Where the saved state may be lost: it is saved anew then."""
    world = World()
    saved = Saved(world, 0)
    world.push(PushItem.of("a", 9), PushItem.of("b", 9))
    world.engine.enqueue_product_event(product_event("p", CREATED, {"n": 1}, 7), 0)
    saved.save()
    assert saved.left == [True, True, True]
    saved.bodies.fetch_all()
    size = saved.bodies.bytes
    saved.rows.clear()

    assert saved.left == [False] * 3
    assert size > 0
    changes = saved.writer.take_everything()
    assert b'"payload":{"n":1}' in msgspec.json.encode([*changes.added.values()][-1])
    events = [each for each in changes.added.values() if isinstance(each, SavedQueuedEvent)]
    assert [each.item.body for each in events] == ["a", "b"]
    assert all(each.pushed_by for each in events)
    assert saved.bodies.bytes == size


def test_a_body_that_cannot_be_read_is_an_error() -> None:
    """Nothing starts with another one."""
    world = World()
    saved = Saved(world, 0)
    world.push(PushItem.of("a", 1))
    saved.save()
    saved.rows.clear()

    with pytest.raises(UserError, match="1 cannot be read"):
        world.advance_to(1_000)


def test_without_a_saved_state_everything_stays() -> None:
    """Nothing is counted either."""
    world = World()
    world.engine.snapshot_writer.start()
    world.push(PushItem.of("a", 9))
    world.engine.snapshot_writer.take_changes()
    world.engine.snapshot_writer.bodies.note_saved()

    (delivery,) = world.engine.queue_admin.open_deliveries()
    assert isinstance(delivery, DeliveryWithBody)
    assert (delivery.body_is_left, world.engine.snapshot_writer.bodies.bytes) == (False, 0)
