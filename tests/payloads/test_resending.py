"""The body with which an event is sent again."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu.engine.delivery.queued_event import SavedQueuedEvent
from forge_emu.engine.delivery.trigger_delivery import SavedTriggerDelivery
from forge_emu.errors import UserError
from forge_emu.payloads.resending import with_body, with_secrets
from tests.engine.world import CREATED, queued_event
from tests.product_events import product_event

ORIGINAL = {"user": "canary", "nested": [{"token": "canary"}, 1], "n": 1}
SHOWN = {"user": "[KEY]", "nested": [{"token": "[KEY]"}, 1], "n": 1}


@pytest.mark.parametrize(
    ("edited", "sent"),
    [
        (SHOWN, ORIGINAL),
        ({**SHOWN, "n": 2}, {**ORIGINAL, "n": 2}),
        ({"user": "[KEY]"}, {"user": "canary"}),
        ({**SHOWN, "user": "me"}, {**ORIGINAL, "user": "me"}),
        ({"nested": [1, {"token": "[KEY]"}]}, {"nested": [1, {"token": "canary"}]}),
        ({"nested": [{"token": "[KEY]", "a": 1}]}, {"nested": [{"token": "canary", "a": 1}]}),
        ({**SHOWN, "nested": [{"token": "[KEY]"}]}, {**ORIGINAL, "nested": [{"token": "canary"}]}),
        ({"n": True}, {"n": True}),
        ({"n": "[KEY]"}, {"n": "[KEY]"}),
        ([], []),
    ],
)  # fmt: skip
def test_what_was_not_edited_is_sent_as_it_was(edited: Any, sent: Any) -> None:
    """The user has seen it without its secrets."""
    assert with_secrets(edited, SHOWN, ORIGINAL) == sent


def test_an_event_of_a_queue_gets_another_body_and_size() -> None:
    """Everything else stays."""
    saved = with_body(queued_event(size_bytes=30).whole(), {}, {"n": 1})
    assert isinstance(saved, SavedQueuedEvent)
    assert (saved.item.body, saved.size_bytes, saved.queue) == ({"n": 1}, 35, "work")


def test_a_product_event_gets_another_payload_and_size() -> None:
    """Its name stays."""
    event = product_event("p", CREATED, {"issue": {}}, 12)
    saved = with_body(SavedTriggerDelivery(event, "", 0), {"issue": {}}, {"a": 1})
    assert isinstance(saved, SavedTriggerDelivery)
    assert (saved.event.payload, saved.event.size_bytes, saved.event.name) == ({"a": 1}, 7, CREATED)


@pytest.mark.parametrize("body", [None, 1, "text", [1]])
def test_a_body_that_is_no_object_is_refused(body: Any) -> None:
    """As a push refuses it."""
    with pytest.raises(UserError, match="must be an object"):
        with_body(queued_event().whole(), {}, body)
