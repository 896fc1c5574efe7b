"""A delivery goes from state to state as the table allows, and its window can stand still."""

from __future__ import annotations

import pytest

from forge_emu.engine.delivery.delivery import TERMINAL, TRANSITIONS, WAITING, State
from forge_emu.engine.delivery.trigger_delivery import TriggerDelivery
from tests.engine.world import CREATED, queued_event
from tests.product_events import product_event

EVERY_STEP = [(state, after) for state in State for after in State]


@pytest.mark.parametrize(("state", "after"), EVERY_STEP)
def test_a_step_is_made_or_refused_by_the_table(state: State, after: State) -> None:
    """A wrong one names the delivery and changes nothing."""
    event = queued_event()
    event.state = state
    if after in TRANSITIONS[state]:
        event.become(after)
        assert event.state is after
    else:
        with pytest.raises(ValueError, match=f"e cannot go from {state} to {after}"):
            event.become(after)
        assert event.state is state


def test_nothing_follows_an_end_and_everything_else_can_end() -> None:
    """Only what runs can succeed; what waits for its time can become due."""
    assert {state for state, after in TRANSITIONS.items() if not after} == TERMINAL
    assert all(State.CANCELLED in TRANSITIONS[state] for state in set(State) - TERMINAL)
    assert {s for s, after in TRANSITIONS.items() if State.SUCCEEDED in after} == {State.RUNNING}
    assert {s for s, after in TRANSITIONS.items() if State.READY in after} == WAITING


def test_a_window_begins_as_much_later_as_no_emulator_ran() -> None:
    """The counts that a retry decision needs go with it."""
    event = queued_event(created_at=1_000)
    event.away_ms = 500
    event.retry_count, event.platform_errors, event.retry_data = 3, 2, {"page": 1}
    history = event.history
    assert history.created_at == 1_500
    assert (history.retry_count, history.platform_errors) == (3, 2)
    assert history.retry_data == {"page": 1}


def test_a_delivery_of_no_queue_has_nothing_of_queues() -> None:
    """Neither a push, nor a key, nor a duplicate, nor a way to cancel it."""
    delivery = TriggerDelivery(product_event("p", CREATED, {}, 2), "listen", 0, 0)
    assert (delivery.queue, delivery.job_id, delivery.concurrency) == (None, None, None)
    assert not delivery.is_duplicate
    assert not delivery.cancellable
