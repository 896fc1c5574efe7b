"""Orders of product events: what is refused, how they count on, when they have settled."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from forge_emu.arrivals import MAX_EVENTS, Even
from forge_emu.clock import SeededRandom
from forge_emu.control.contract import BatchStatus, TriggerOrder
from forge_emu.emulator.pending_batches import EventBatch
from forge_emu.emulator.trigger_batches import MAX_RETAINED, TriggerBatches
from forge_emu.engine.delivery.handler_arguments import subject_of
from forge_emu.errors import UserError
from forge_emu.events import ThingNumbers
from forge_emu.model import Instant, ProductEvent, PushItem, RecordedEvent
from forge_emu.report.summary_builder import SummaryBuilder
from forge_emu.site.content import GivenIssue, SiteContent, add_content
from forge_emu.site.site import Site
from tests.engine.world import BOOM, CREATED, EPOCH, World, send_product_event


def new_batches(world: World, run: SummaryBuilder | None = None) -> TriggerBatches:
    """The orders of a run that stands where `world` does."""
    return TriggerBatches(SeededRandom(1), EPOCH, lambda: world.now, run or SummaryBuilder())


class Ordered:
    """An order whose events go to the app of a world."""

    def __init__(self, count: int = 1, *, restored: bytes | None = None) -> None:
        self.world = World(product_events__max_retries=0)
        self.run = SummaryBuilder()
        self.batches = new_batches(self.world, self.run)
        if restored is None:
            self.batch, _ = self.batches.add_order(TriggerOrder(CREATED, count))
        else:
            self.batch = self.batches.restore_order("restored", restored)
        self.id = self.batch.id
        self._read = 0

    def send(self, count: int = 1) -> None:
        """Send the next events."""
        for _ in range(count):
            send_product_event(self.world.engine, self.batch.build_next(), self.world.now)
        self.read_records()

    def read_records(self) -> None:
        """Let the orders read what has happened."""
        self.world.collect()
        new = self.world.records[self._read :]
        self._read += len(new)
        self.batches.add_records(new)
        self.run.add_records(new)
        self.batches.update_settled()

    def status(self) -> BatchStatus:
        """How far it is."""
        status = self.batches.batch_status(self.id, self.world.now)
        assert status is not None
        return status


def due_times(batch: EventBatch[ProductEvent]) -> list[Instant]:
    """When each of its events is due."""
    found = []
    for _ in range(batch.total):
        found.append(batch.next_due)
        batch.build_next()
    return found


def test_issues_count_on_from_one_order_to_the_next() -> None:
    """The receipt names the first and the last of each."""
    batches = new_batches(World())
    receipts = [batches.add_order(TriggerOrder("issue-created", n))[1] for n in (3, 1)]
    assert [(r.event, r.count, r.first, r.last) for r in receipts] == [
        (CREATED, 3, "EMU-1", "EMU-3"),
        (CREATED, 1, "EMU-4", "EMU-4"),
    ]


def built(batches: TriggerBatches, *orders: TriggerOrder) -> list[list[dict[str, Any]]]:
    """The payloads of orders that are placed one after the other."""
    found = []
    for order in orders:
        batch, _ = batches.add_order(order)
        found.append([batch.build_next().payload for _ in range(batch.total)])
    return found


def test_an_event_about_something_finds_what_the_run_has_made() -> None:
    """Issues that were created are updated, commented and deleted; a new one goes on counting."""
    batches = new_batches(World())
    _, updated, commented, uncommented, deleted, viewed, created = built(
        batches,
        TriggerOrder("issue-created", 3),
        TriggerOrder("issue-updated", 4),
        TriggerOrder("issue-commented", 2),
        TriggerOrder("jira-comment-deleted"),
        TriggerOrder("issue-deleted", 2),
        TriggerOrder("issue-viewed", 2),
        TriggerOrder("issue-created"),
    )

    keys = [[p["issue"]["key"] for p in row] for row in (updated, commented, deleted, viewed)]
    assert keys == [
        ["EMU-1", "EMU-2", "EMU-3", "EMU-1"],
        ["EMU-1", "EMU-2"],
        ["EMU-1", "EMU-2"],
        ["EMU-3", "EMU-3"],
    ]
    assert uncommented[0]["comment"] == commented[0]["comment"]
    assert uncommented[0]["issue"]["id"] == commented[0]["issue"]["id"]
    assert created[0]["issue"]["key"] == "EMU-4"


def test_a_restart_goes_on_with_the_same_things() -> None:
    """An order that is half sent is about the same issues, and the next one counts on."""
    first = new_batches(World())
    built(first, TriggerOrder("issue-created", 3))
    whole, _ = first.add_order(TriggerOrder("issue-updated", 3))
    whole.build_next()
    stored = first.take_changes()[whole.id]
    assert stored is not None
    second = new_batches(World())
    second.numbers = msgspec.json.decode(msgspec.json.encode(first.numbers), type=ThingNumbers)
    restored = second.restore_order(whole.id, stored)

    rest: list[dict[str, Any]] = [restored.build_next().payload for _ in range(2)]
    assert [payload["issue"]["key"] for payload in rest] == ["EMU-2", "EMU-3"]
    assert second.add_order(TriggerOrder("issue-created"))[1].first == "EMU-4"


def test_the_app_decides_which_event_a_name_means() -> None:
    """Where two have it, the one that the app listens to."""
    heard = ["avi:jira:created:user"]
    batches = new_batches(World())
    batches.heard = lambda: heard

    assert batches.add_order(TriggerOrder("user-created"))[1].event == "avi:jira:created:user"


def recorded(count: int, spacing: int = 1_000) -> TriggerOrder:
    """An order of payloads of the user's own."""
    payloads: list[dict[str, Any]] = [{"issue": {"key": f"EMU-{n}"}} for n in range(5, 5 + count)]
    return TriggerOrder(
        recorded=[RecordedEvent(CREATED, p, n * spacing) for n, p in enumerate(payloads)]
    )


def test_payloads_are_sent_once_at_their_own_spacing() -> None:
    """As they are; a pace of the order's own counts more. Later issues have later keys."""
    batches = new_batches(World())
    batch, receipt = batches.add_order(recorded(3))
    assert (receipt.count, receipt.first, receipt.last) == (3, "EMU-5", "EMU-7")
    start = batch.next_due
    assert [due - start for due in due_times(batch)] == [0, 1_000, 2_000]
    faster = msgspec.structs.replace(recorded(3), rate_per_second=10)
    assert [due - start for due in due_times(batches.add_order(faster)[0])] == [0, 100, 200]
    assert batches.add_order(TriggerOrder("issue-created"))[1].first == "EMU-8"


def test_changes_are_made_in_each_payload() -> None:
    """And a wrong one says in which."""
    batches = new_batches(World())
    changed = msgspec.structs.replace(recorded(2), sets=[("issue.id", "7")])
    batch, _ = batches.add_order(changed)
    assert batch.build_next().payload == {"issue": {"key": "EMU-5", "id": 7}}
    wrong = msgspec.structs.replace(recorded(2), sets=[("issue.key.x", "7")])
    with pytest.raises(UserError, match="event 1: "):
        batches.add_order(wrong)


@pytest.mark.parametrize("sent", [0, 1, 99, 100, 150, 249])
def test_payloads_outlive_a_restart(sent: int) -> None:
    """They are stored in rows once, and a row goes when all of it has been sent."""
    first, stored = new_batches(World()), dict[str, bytes]()
    batch, _ = first.add_order(recorded(250))
    for step in range(sent + 1):
        for id, text in first.take_changes().items():
            if text is None:
                del stored[id]
            else:
                stored[id] = text
        if step < sent:
            batch.build_next()
    assert len(stored) == 1 + 3 - sent // 100
    (restored,) = new_batches(World()).restore_orders(stored)

    keys = [subject_of(restored.build_next().payload) for _ in range(250 - sent)]
    assert keys == [f"EMU-{n}" for n in range(5 + sent, 255)]


def test_nothing_is_left_of_payloads_that_are_sent() -> None:
    """Neither the order nor a row."""
    batches = new_batches(World())
    batch, _ = batches.add_order(recorded(120))
    placed = batches.take_changes()
    for _ in range(120):
        batch.build_next()

    assert set(batches.take_changes()) == set(placed)
    assert not any(batches.take_changes().values())


@pytest.mark.parametrize(
    ("order", "due"),
    [
        (TriggerOrder(CREATED, 3), [7_000, 7_000, 7_000]),
        (TriggerOrder(CREATED, 3, rate_per_second=2), [7_000, 7_500, 8_000]),
        (TriggerOrder(CREATED, 3, spread_ms=30_000), [7_000, 17_000, 27_000]),
    ],
)
def test_an_order_has_its_own_pace(order: TriggerOrder, due: list[Instant]) -> None:
    """From the present on: all at once, at a rate, or spread over a span."""
    world = World().advance_to(7_000)
    assert due_times(new_batches(world).add_order(order)[0]) == due


def test_a_simulation_says_when_a_step_begins_and_its_pace() -> None:
    """Which is none that an order can have."""
    order = TriggerOrder(CREATED, 3)
    batch, _ = new_batches(World()).add_order(order, after=60_000, pace=Even(10))
    assert due_times(batch) == [60_000, 60_010, 60_020]


@pytest.mark.parametrize(
    ("order", "message"),
    [
        (TriggerOrder(CREATED, 0), "count cannot be 0"),
        (TriggerOrder(CREATED, MAX_EVENTS + 1), f"count cannot be {MAX_EVENTS + 1}"),
        (TriggerOrder(CREATED, rate_per_second=0), "rate cannot be 0"),
        (TriggerOrder(CREATED, spread_ms=-1), "spread cannot be -1 ms"),
        (TriggerOrder("issue-craeted"), "no event is called 'issue-craeted'"),
        (TriggerOrder(CREATED, sets=[("a..b", "1")]), "'a..b' is not a path"),
        (TriggerOrder(CREATED, key="X-1"), "no issue of the emulated site is called 'X-1'"),
        (TriggerOrder("page-moved", key="EMU-1"), "no page of the emulated site is called"),
        (TriggerOrder("issue-updated", to_status="Gone"), "no status is called 'Gone'"),
        (TriggerOrder("page-moved", to_status="Done"), "page-moved is about no change of a status"),
    ],
)
def test_a_wrong_order_is_refused(order: TriggerOrder, message: str) -> None:
    """It uses up no issue's number, and there is nothing of it to ask for."""
    batches = new_batches(World())
    with pytest.raises(UserError) as caught:
        batches.add_order(order)
    assert caught.value.message.startswith(message)
    assert batches.numbers == ThingNumbers()
    assert batches.take_changes() == {}


def test_an_order_has_settled_when_all_that_came_of_it_has_ended() -> None:
    """Its product events, and the events pushed on their account."""
    ordered = Ordered(2)
    ordered.send(2)
    first, second = (ordered.world.next_invocation() for _ in range(2))
    ordered.world.push(PushItem.of(1), by=first.invocation_id)
    for invocation in (first, second):
        ordered.world.engine.end_invocation(invocation.invocation_id, BOOM, 0)
    ordered.world.advance_to(0)
    ordered.read_records()
    status = ordered.status()
    assert (status.dropped, status.events_pushed, status.events_pending) == (2, 1, 1)
    assert not status.settled
    ordered.world.end_invocation()
    ordered.read_records()
    assert (ordered.status().events_succeeded, ordered.status().settled) == (1, True)


def test_what_others_do_does_not_count() -> None:
    """An order knows its own events by what they descend from."""
    ordered = Ordered(1)
    ordered.world.send_product_event(7)
    ordered.read_records()
    assert (ordered.status().pending, ordered.status().sent) == (0, 0)
    assert ordered.batches.batch_status("another", 0) is None
    assert ordered.batches.batch_summary("another", 0, []) is None


def test_a_stopping_run_waits_only_for_what_was_sent() -> None:
    """And takes no more orders."""
    ordered = Ordered(5)
    ordered.send(1)
    ordered.batches.close()
    assert not ordered.status().settled
    ordered.world.end_invocation()
    ordered.read_records()
    assert (ordered.status().sent, ordered.status().settled) == (1, True)
    with pytest.raises(UserError, match="the emulator is stopping"):
        ordered.batches.add_order(TriggerOrder(CREATED))


def test_the_oldest_settled_orders_are_forgotten() -> None:
    """Never one that is under way, however many there are."""
    ordered = Ordered(1)
    batches, ids = ordered.batches, [ordered.id]

    def add_one() -> None:
        ordered.batch, receipt = batches.add_order(TriggerOrder(CREATED))
        ids.append(receipt.batch)

    for _ in range(2):
        add_one()
        ordered.send()
        ordered.world.end_invocation()
        ordered.read_records()
    while len(ids) < MAX_RETAINED:
        add_one()
    for forgotten in ([], ids[1:2], ids[1:3], ids[1:3]):
        assert [id for id in ids if batches.batch_status(id, 0) is None] == forgotten
        add_one()


def test_an_order_is_saved_while_something_of_it_is_unsent() -> None:
    """Anew when more was sent, and not at all once nothing is left."""
    ordered = Ordered(2)
    id = ordered.id
    assert list(ordered.batches.take_changes()) == [id]
    assert ordered.batches.take_changes() == {}
    ordered.send()
    assert ordered.batches.take_changes()[id] is not None
    assert list(ordered.batches.take_changes(include_all=True)) == [id]
    ordered.send()
    assert ordered.batches.take_changes() == {id: None}
    assert ordered.batches.take_changes(include_all=True) == {}


def test_an_order_that_is_cut_short_is_saved_no_longer() -> None:
    """Its rest is not sent after a restart."""
    ordered = Ordered(2)
    ordered.batches.take_changes()
    ordered.batches.close()
    assert ordered.batches.take_changes() == {ordered.id: None}
    assert ordered.batches.take_changes() == {}


def test_a_restored_order_goes_on_where_it_stood() -> None:
    """With the same issues at the same instants; what it has sent is not sent again."""
    world = World()
    before = new_batches(world)
    batch, receipt = before.add_order(TriggerOrder(CREATED, 3, spread_ms=3_000))
    batch.build_next()
    saved = before.take_changes()[receipt.batch]
    assert saved is not None
    after = new_batches(world.advance_to(60_000))
    restored = after.restore_order(receipt.batch, saved)
    assert after.take_changes() == {}
    assert (restored.sent, restored.next_due) == (1, 1_000)
    assert restored.build_next().payload["issue"]["key"] == "EMU-2"
    assert after.take_changes()[receipt.batch] is not None


def test_a_restored_order_settles_by_what_is_pending() -> None:
    """Of what ended before the restart, not all may be known."""
    before = Ordered(2)
    before.send()
    after = Ordered(restored=before.batches.take_changes()[before.id])
    after.send()
    assert not after.status().settled
    after.world.end_invocation()
    after.read_records()
    assert (after.status().sent, after.status().succeeded) == (2, 1)
    assert after.status().settled


def test_events_and_the_app_never_give_a_key_twice() -> None:
    """What the app has created on the site counts, and what is ordered is not the app's to take."""
    site = Site()
    batches = TriggerBatches(SeededRandom(1), 0, lambda: 0, SummaryBuilder(), site)
    add_content(site, SiteContent(issues=[GivenIssue("one"), GivenIssue("two")]), 0)
    _, receipt = batches.add_order(TriggerOrder("issue-created", 3))
    key = site.jira.next_issue_key("EMU")

    assert (receipt.first, receipt.last) == ("EMU-3", "EMU-5")
    assert key == "EMU-6"
    assert [issue.id for issue in site.jira.issues] == ["10001", "10002"]


def test_an_event_about_what_is_on_the_site_has_its_id() -> None:
    """An update of the seeded EMU-1 takes the place of nothing else."""
    site = Site()
    add_content(site, SiteContent(issues=[GivenIssue("one"), GivenIssue("two")]), 0)
    batches = TriggerBatches(SeededRandom(1), 0, lambda: 0, SummaryBuilder(), site)
    batch, _ = batches.add_order(TriggerOrder("issue-updated", 1))
    event = batch.build_next()
    site.absorb_event(event.name, event.payload, 0)

    assert event.payload["issue"]["key"] == "EMU-1"
    assert [(issue.id, issue.key) for issue in site.jira.issues] == [
        ("10001", "EMU-1"),
        ("10002", "EMU-2"),
    ]
