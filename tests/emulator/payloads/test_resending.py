"""Events that are sent again, however they have ended."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu.control.contract import QueueOrder, TriggerOrder
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.errors import UserError
from forge_emu.model import Success
from forge_emu.records import ActedByHand, EventPushed, ProductEventSent
from tests.emulator.emulator_harness import EmulatorHarness
from tests.emulator.harness import in_event_loop
from tests.engine.world import BOOM


def replay(harness: EmulatorHarness, target: str, **order: Any) -> list[str]:
    """The ids of the new events."""
    return harness.emulator.admin.change_queue(QueueOrder("replay", target, **order)).ids


def succeeded_event(harness: EmulatorHarness) -> str:
    """The id of an event that was handled."""
    harness.push()
    id = harness.runtime.invoked[0].event_id
    harness.end_invocation(Success())
    return str(id)


@in_event_loop
async def test_an_event_that_has_succeeded() -> None:
    """It is a new one of a new job, and says what it repeats."""
    harness = EmulatorHarness(keeps_payloads=True)
    old = succeeded_event(harness)
    (new,) = replay(harness, old)

    pushed = harness.bodies_of(EventPushed)[-1]
    assert (pushed.event_id, pushed.replay_of) == (new, old)
    assert pushed.job_id != "j"
    assert harness.runtime.invoked[0].event["body"] == {}
    assert [body.action for body in harness.bodies_of(ActedByHand)] == ["replay"]


@in_event_loop
async def test_an_event_that_was_cancelled() -> None:
    """It is delivered at once."""
    harness = EmulatorHarness(keeps_payloads=True)
    harness.push(900)
    (delivery,) = harness.engine.queue_admin.open_deliveries()
    harness.emulator.admin.change_queue(QueueOrder("cancel", delivery.id))
    replay(harness, delivery.id)

    assert len(harness.runtime.invoked) == 1


@in_event_loop
async def test_an_event_that_was_dropped_is_replayed_once() -> None:
    """By `every` no more after that; by its id as often as one likes."""
    harness = EmulatorHarness(keeps_payloads=True, settings={"async_events.max_retries": 0})
    harness.push()
    id = str(harness.runtime.invoked[0].event_id)
    harness.end_invocation(BOOM)
    assert len(replay(harness, id)) == 1
    harness.end_invocation()
    assert harness.emulator.admin.change_queue(QueueOrder("replay", every=True)).ids == []
    assert len(replay(harness, id)) == 1


@in_event_loop
async def test_a_product_event_is_sent_again_by_the_key_of_its_issue() -> None:
    """To every trigger that listens, as another event with the same payload."""
    harness = EmulatorHarness(keeps_payloads=True)
    harness.emulator.trigger(TriggerOrder("issue-created", key="EMU-7"))
    harness.turn()
    first = harness.runtime.invoked[0]
    harness.end_invocation()
    (new,) = replay(harness, "EMU-7")

    sent = harness.bodies_of(ProductEventSent)[-1]
    assert (sent.product_event_id, sent.replay_of) == (new, first.product_event_id)
    assert harness.runtime.invoked[0].event == first.event


@in_event_loop
async def test_another_body() -> None:
    """Secrets that were shown as placeholders are sent as they were."""
    secrets = Secrets()
    secrets.add_variable("API_KEY", "canary")
    harness = EmulatorHarness(keeps_payloads=True, secrets=secrets)
    harness.emulator.trigger(
        TriggerOrder("issue-created", key="EMU-7", sets=[("issue.fields.summary", "canary")])
    )
    harness.turn()
    harness.end_invocation()
    body = harness.emulator.payloads.payload("EMU-7")["body"]
    assert body["issue"]["fields"]["summary"] == "[API_KEY]"
    body["issue"]["id"] = "5"
    replay(harness, "EMU-7", body=body)

    issue = harness.runtime.invoked[0].event["issue"]
    assert (issue["id"], issue["fields"]["summary"]) == ("5", "canary")


@in_event_loop
async def test_another_body_is_for_one_event() -> None:
    """Nothing is sent where a name means several."""
    harness = EmulatorHarness(keeps_payloads=True)
    for _ in range(2):
        harness.emulator.trigger(TriggerOrder("issue-deleted", key="EMU-7"))
        harness.turn()
    with pytest.raises(UserError, match="names 2 events"):
        replay(harness, "EMU-7", body={})
    assert len(replay(harness, "EMU-7")) == 2


@pytest.mark.parametrize("body", [[1], None])
@in_event_loop
async def test_a_wrong_body_sends_nothing(body: Any) -> None:
    """The error says what a body is."""
    harness = EmulatorHarness(keeps_payloads=True)
    old = succeeded_event(harness)
    before = len(harness.records)
    with pytest.raises(UserError, match="must be an object"):
        replay(harness, old, body=body)
    harness.turn()
    assert len(harness.records) == before


@in_event_loop
async def test_a_body_is_as_large_as_a_push_takes() -> None:
    """One byte more is refused."""
    harness = EmulatorHarness(keeps_payloads=True, settings={"limits.push.payload_kb": 1})
    old = succeeded_event(harness)
    room = 1024 - len('[{"body": {"x":""}, "delayInSeconds": 0}]')
    (new,) = replay(harness, old, body={"x": room * "y"})

    assert harness.bodies_of(EventPushed)[-1].event_id == new
    with pytest.raises(UserError, match="has 1,025 bytes, and may have 1 KB") as error:
        replay(harness, old, body={"x": (room + 1) * "y"})
    assert "limits.push.payload_kb" in str(error.value.hint)


@in_event_loop
async def test_what_is_no_longer_kept_names_the_setting() -> None:
    """Whether nothing is kept at all, or only its attempts."""
    harness = EmulatorHarness(keeps_payloads=True, settings={"state.payloads_mb": 1})
    old = succeeded_event(harness)
    harness.push()
    late = str(harness.runtime.invoked[0].event_id)
    for _ in range(3_000):
        harness.push(900)
    harness.end_invocation()

    with pytest.raises(UserError, match="none of that name is kept") as gone:
        replay(harness, old)
    with pytest.raises(UserError, match="no longer kept, so it cannot be sent") as without_body:
        replay(harness, late)
    for error in (gone, without_body):
        assert "state.payloads_mb is 1 MB" in str(error.value.hint)
    with pytest.raises(UserError, match="none of that name is kept"):
        replay(EmulatorHarness(), "nobody-at-all")


@in_event_loop
async def test_the_start_of_two_ids_is_refused() -> None:
    """One of them dropped, the other only kept: neither is meant more than the other."""
    harness = EmulatorHarness(keeps_payloads=True, settings={"async_events.max_retries": 0})
    collector = harness.emulator.payload_collector
    assert collector is not None
    harness.push()
    dropped = str(harness.runtime.invoked[0].event_id)
    harness.end_invocation(BOOM)
    collector.kept.add_event(f"{dropped[:10]}-other", "event", b"[]")

    with pytest.raises(UserError, match="is the start of 2 ids"):
        replay(harness, dropped[:10])
    assert len(replay(harness, dropped)) == 1
