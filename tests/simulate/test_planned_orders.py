"""Orders of a scenario: planned with a pace, and carried out as if a command had been given."""

from __future__ import annotations

import msgspec

from forge_emu import records as r
from forge_emu.arrivals import AT_ONCE, Even, Pace
from forge_emu.control.calls.contract import CallOrder, WebTriggerCallOrder
from forge_emu.control.push_contract import PushOrder
from forge_emu.control.schedules.contract import ScheduleOrder
from forge_emu.control.site_contract import SiteOrder, SiteSeed
from forge_emu.emulator.pending_batches import PlannedOrder
from forge_emu.model import App, Instant, Success, WebTrigger
from forge_emu.records import Record
from forge_emu.simulate.plan.steps import OrderStep, StepPlace
from forge_emu.simulate.planned_orders import PlannedOrders, order_batch
from tests.emulator.app_modules.test_known import APP
from tests.emulator.emulator_harness import EmulatorHarness
from tests.emulator.harness import in_event_loop

PLACE = StepPlace("play.yml", 1, 1)


def step(order: PlannedOrder, count: int = 1, pace: Pace = AT_ONCE, at: Instant = 0) -> OrderStep:
    """A step with an order."""
    return OrderStep(order, "order", PLACE, count, at, pace)


class Planned:
    """An emulator that has a step, and what is recorded of it."""

    def __init__(self, *steps: OrderStep, the_app: App = APP) -> None:
        self.harness = EmulatorHarness(the_app=the_app, followed=False)
        self.records: list[Record] = []
        self.harness.emulator.set_record_listener(lambda b: self.records.extend(b.records))
        planned = PlannedOrders(self.harness.emulator)
        for each in steps:
            planned.add_step(each)
        self.harness.turn()

    def types(self) -> list[str]:
        """The records so far, without log lines."""
        return [record.type for record in self.records if record.type != "log"]


def test_each_order_has_its_number() -> None:
    """In its texts, at the times of the pace."""
    batch = order_batch(step(CallOrder("work", {"a": "n{n}"}), 2, Even(1_000)), 5_000)
    due, payloads = [], []
    while batch.sent < batch.total:
        due.append(batch.next_due)
        order = batch.build_next()
        assert isinstance(order, CallOrder)
        payloads.append(order.payload)
    assert (due, payloads) == ([5_000, 6_000], [{"a": "n1"}, {"a": "n2"}])


def test_events_that_are_pushed_at_once_are_one_order() -> None:
    """So that they go in as few pushes as may be; at a pace each is a push of its own."""
    push = PushOrder("work", {"a": "{n}"})
    at_once, paced = order_batch(step(push, 3), 0), order_batch(step(push, 3, Even(1_000)), 0)
    assert (at_once.total, paced.total) == (1, 3)
    assert at_once.build_next() == msgspec.structs.replace(push, count=3)
    assert paced.build_next() == PushOrder("work", {"a": "1"})


@in_event_loop
async def test_a_call_is_made_when_it_is_due() -> None:
    """Nobody waits for it; records say how it ends."""
    planned = Planned(step(CallOrder("work", {"n": "{n}"}), at=5_000))
    assert planned.types() == []
    planned.harness.turn(5_000)
    assert planned.harness.runtime.invoked[0].event == {"n": "1"}
    planned.harness.end_invocation()
    assert planned.types()[-1] == "call.succeeded"


@in_event_loop
async def test_a_push_a_schedule_and_a_site() -> None:
    """Each as its command does it."""
    planned = Planned(
        step(PushOrder("work", {}), 2),
        step(ScheduleOrder("hourly")),
        step(SiteOrder(seed=SiteSeed(issues=3))),
    )
    found = planned.types()
    assert found.count("event.pushed") == 2
    [call] = [x.body for x in planned.records if isinstance(x.body, r.CallReceived)]
    assert (call.module, call.module_key) == ("scheduled_trigger", "hourly")
    assert planned.harness.emulator.engine.site.counts()["issue"] == 3


@in_event_loop
async def test_a_web_trigger_gets_the_request() -> None:
    """Its path is that of its address; a response that cannot be sent is a record."""
    order = WebTriggerCallOrder("hook", "POST", [("A", "b")], {"n": "{n}"}, "/more", "q=1")
    planned = Planned(step(order))
    [invocation] = planned.harness.runtime.invoked
    event = invocation.event
    assert event["body"] == '{"n":"1"}'
    assert event["headers"] == {"A": ["b"], "content-type": ["application/json"]}
    assert (event["method"], event["userPath"]) == ("POST", "/more")
    assert event["path"].startswith("/x1/0-")
    assert event["path"].endswith("/more")
    assert event["queryParameters"] == {"q": ["1"]}

    planned.harness.end_invocation(Success(result='{"statusCode": 9}'))
    logs = [x.body.message for x in planned.records if isinstance(x.body, r.Log)]
    assert "cannot be sent" in logs[-1]


@in_event_loop
async def test_a_web_trigger_that_wants_a_signature_refuses_a_request_without() -> None:
    """As it does over HTTP: its function is not called."""
    signed = WebTrigger("hook", "work", 1, signed=True)
    the_app = msgspec.structs.replace(APP, web_triggers=(signed,))
    planned = Planned(step(WebTriggerCallOrder("hook")), the_app=the_app)
    [log] = [x.body.message for x in planned.records if isinstance(x.body, r.Log)]
    assert "a request to the web trigger 'hook' was refused" in log
    assert planned.harness.runtime.invoked == []
