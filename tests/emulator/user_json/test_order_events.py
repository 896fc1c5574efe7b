"""From an order to its events and their pace."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu.control.contract import TriggerOrder
from forge_emu.emulator.user_json.order_events import event_builder, pace_of
from forge_emu.errors import UserError
from forge_emu.events import ThingPlan
from forge_emu.model import RecordedEvent


def test_a_template_is_filled_with_the_things_of_the_plan() -> None:
    """From its start on."""
    build = event_builder(TriggerOrder("issue-created", 2), ThingPlan(start=5))
    keys = [build(n, 0, str, None).payload["issue"]["key"] for n in (1, 2)]
    assert keys == ["EMU-5", "EMU-6"]


def test_recorded_events_are_sent_as_they_are() -> None:
    """At their own offsets."""
    recorded = [RecordedEvent("avi:x", {"n": n}, n * 1_000) for n in range(3)]
    order = TriggerOrder("", 3, recorded=recorded)
    build = event_builder(order, ThingPlan())
    assert [build(n, 0, str, None).payload for n in (1, 2, 3)] == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert [pace_of(order).offset(i) for i in range(3)] == [0, 1_000, 2_000]


@pytest.mark.parametrize("given", [{"rate_per_second": 0.0}, {"spread_ms": -1}])
def test_a_pace_that_makes_no_sense(given: dict[str, Any]) -> None:
    """One message."""
    with pytest.raises(UserError, match="cannot be"):
        pace_of(TriggerOrder("issue-created", 2, **given))
