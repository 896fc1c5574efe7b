"""`appEvents.publish` through the app's own `@forge/events`: 2.1 and 3 have it."""

from __future__ import annotations

import pytest

from forge_emu import records
from forge_emu.settings.refusals import APP_EVENTS_KEY
from tests.runtime.node.packages.probe_app import PUBLISHED, ProbeApp

pytestmark = pytest.mark.node

PUBLISH = "return await events.appEvents.publish(event.given)"


def test_an_event_reaches_the_trigger_of_the_app(queue_app: ProbeApp) -> None:
    """With the payload of the documentation; what caused it is on record."""
    answer = queue_app.call(PUBLISH, given={"key": "mine"})
    queue_app.run_until_idle()
    [received] = queue_app.printed_values()
    event = received["value"]
    site = queue_app.engine.installation.cloud_id

    assert answer == {"type": "success", "failedEvents": []}
    assert event.pop("contextToken")
    assert event.pop("environmentId")
    assert event == {
        "workspaceId": f"ari:cloud:jira::site/{site}",
        "eventType": PUBLISHED,
        "name": "Mine",
        "environmentType": "DEVELOPMENT",
        "environmentKey": "default",
        "context": {
            "cloudId": site,
            "moduleKey": "on-mine",
            "userAccess": {"enabled": False},
        },
    }
    [published] = queue_app.bodies_of(records.AppEventPublished)
    sent = queue_app.bodies_of(records.ProductEventSent)[-1]
    assert (published.key, published.heard) == ("mine", True)
    assert (sent.name, sent.caused_by) == (PUBLISHED, published.invocation_id)


def test_some_events_of_a_call_may_fail(queue_app: ProbeApp) -> None:
    """The others are published; a custom payload never leaves the package."""
    given = [{"key": "unheard", "payload": {"a": 1}}, {"key": "mien"}]
    answer = queue_app.call(PUBLISH, given=given)

    assert answer == {
        "type": "success",
        "failedEvents": [
            {
                "event": {"key": "mien"},
                "errorMessage": "The event 'mien' is not declared: modules.event has no such key. "
                "Did you mean mine?",
            }
        ],
    }
    [published] = queue_app.bodies_of(records.AppEventPublished)
    [refused] = queue_app.bodies_of(records.RequestRefused)
    assert (published.key, published.heard, published.recipients) == ("unheard", False, ["*"])
    assert refused.limit == APP_EVENTS_KEY.name


@pytest.mark.parametrize(
    ("count", "message"),
    [
        (11, "appEvents.publish() takes 10 events at most, 11 were given."),
        (0, "appEvents.publish() was called with no event."),
    ],
)
def test_a_call_that_is_refused(queue_app: ProbeApp, count: int, message: str) -> None:
    """The package says so in its answer, and throws nothing."""
    answer = queue_app.call(PUBLISH, given=[{"key": "mine"}] * count)

    assert answer == {
        "type": "error",
        "errorType": "VALIDATION_ERROR",
        "errorMessage": message,
    }
    assert queue_app.bodies_of(records.AppEventPublished) == []
