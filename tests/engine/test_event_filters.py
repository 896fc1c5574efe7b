"""Filters of triggers: who gets an event, what is recorded, and what the payload has then."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from forge_emu import records as r
from forge_emu.engine.event_filters import judge_event
from forge_emu.model import App, Json, Subscription, Trigger
from forge_emu.settings import Settings
from forge_emu.site.jira.entities import Property
from tests.engine.world import CREATED, World, app
from tests.product_events import product_event

BUG = "event.issue.fields.issuetype.name == 'Bug'"
PAYLOAD: dict[str, Json] = {
    "issue": {"id": "10001", "fields": {"issuetype": {"name": "Bug"}, "project": {"id": "10000"}}},
    "atlassianId": "user-1",
}


def app_with(subscription: Subscription) -> App:
    """The test app whose trigger has this subscription."""
    trigger = Trigger("listen", "trigger", (subscription,), 1)
    return msgspec.structs.replace(app(), triggers=(trigger,))


def world_after(subscription: Subscription, **settings: Any) -> World:
    """A world in which one event was sent to that app."""
    world = World(app_with(subscription), **settings)
    world.send_product_event(**PAYLOAD)
    return world


@pytest.mark.parametrize(
    ("expression", "delivered"), [(BUG, True), (BUG.replace("==", "!="), False)]
)
def test_the_expression_decides(expression: str, delivered: bool) -> None:
    """False is a filter's doing, and a record; nothing is logged."""
    world = world_after(Subscription(CREATED, expression=expression))
    assert bool(world.started) is delivered
    filtered = [x.reason for x in world.bodies_of(r.ProductEventFiltered)]
    assert filtered == ([] if delivered else ["expression"])
    assert not world.bodies_of(r.Log)
    dropped = [x.reason for x in world.bodies_of(r.ProductEventDropped)]
    assert dropped == ([] if delivered else ["filtered"])


@pytest.mark.parametrize("expression", ["event.nothing", "event.issue.id", "1 +", "event.a > 1"])
@pytest.mark.parametrize(
    ("on_error", "delivered", "logged"),
    [
        ("IGNORE_AND_LOG", False, True),
        ("IGNORE", False, False),
        ("RECEIVE_AND_LOG", True, True),
        ("RECEIVE", True, False),
    ],
)
def test_on_error_decides_where_the_expression_fails(
    expression: str, on_error: str, delivered: bool, logged: bool
) -> None:
    """A missing property, another type, a text that is no expression; all are errors."""
    world = world_after(
        Subscription(CREATED, expression=expression, on_error=on_error, place="manifest.yml:9:9")
    )
    assert bool(world.started) is delivered
    assert [log.level for log in world.bodies_of(r.Log)] == (["error"] if logged else [])
    assert all(log.message.startswith("manifest.yml:9:9: ") for log in world.bodies_of(r.Log))
    filtered = world.bodies_of(r.ProductEventFiltered)
    if delivered:
        assert filtered == []
        assert set(world.started[0].event["filterExpressionError"]) == {"message", "location"}
    else:
        assert [x.reason for x in filtered] == ["expression_error"]
        assert filtered[0].error


def test_the_log_names_the_fields_that_are_nearly_called_so() -> None:
    """The documentation's own example writes `issueType`; payloads have `issuetype`."""
    text = "event.issue.fields?.issueType.name == 'Bug'"
    world = world_after(Subscription(CREATED, expression=text))
    (log,) = world.bodies_of(r.Log)
    assert "(is 'issuetype' meant?)" in log.message


def test_a_broken_expression_of_one_trigger_is_no_matter_of_the_other() -> None:
    """Each trigger gets its own payload."""
    one = Trigger("one", "trigger", (Subscription(CREATED, False, "event.x", "RECEIVE"),), 1)
    two = Trigger("two", "trigger", (Subscription(CREATED),), 1)
    world = World(msgspec.structs.replace(app(), triggers=(one, two)))
    world.send_product_event(**PAYLOAD)
    events = {started.module_key: started.event for started in world.started}
    assert "filterExpressionError" in events["one"]
    assert "filterExpressionError" not in events["two"]


@pytest.mark.parametrize(
    ("license", "wants", "delivered"),
    [
        ("none", True, True),
        ("active", True, True),
        ("inactive", True, False),
        ("inactive", False, True),
    ],
)
def test_a_trigger_may_want_licensed_sites_alone(
    license: str, wants: bool, delivered: bool
) -> None:
    """`app.license` says what the site has; the context follows."""
    world = world_after(Subscription(CREATED, licensed_only=wants), app__license=license)
    assert bool(world.started) is delivered
    if delivered:
        expected = None if license == "none" else {"active": license == "active"}
        assert world.started[0].context.get("license") == expected
    else:
        assert [x.reason for x in world.bodies_of(r.ProductEventFiltered)] == ["app_is_licensed"]


@pytest.mark.parametrize(("steps", "delivered"), [(8, False), (9, True), (10, True)])
def test_steps_are_limited(steps: int, delivered: bool) -> None:
    """`limits.filter.steps`."""
    text = "event.issue.id == '10001'"
    world = world_after(Subscription(CREATED, expression=text), limits__filter__steps=steps)
    assert bool(world.started) is delivered


def test_entity_properties_come_from_the_site() -> None:
    """For the filter and for the payload, and survive in the delivery."""
    paths = ("issue.properties['k'].kind", "project.properties['k']", "issue.properties['no'].x")
    expression = "event.runtime.issue.properties['k'].kind == 'mine'"
    world = World(app_with(Subscription(CREATED, expression=expression, include=paths)))
    properties = world.engine.site.jira.properties
    properties.put(Property("project/10000", "k", 5))
    world.send_product_event(**PAYLOAD)
    assert not world.started
    properties.put(Property("issue/10001", "k", {"kind": "mine"}))
    world.send_product_event(**PAYLOAD)
    (started,) = world.started
    assert started.event["payloadIncludeProperties"] == {paths[0]: "mine", paths[1]: 5}


@pytest.mark.parametrize(
    ("payload", "path", "owner"),
    [
        ({"issue": {"id": "7"}}, "issue", "issue/7"),
        ({"sourceIssueId": "8", "destinationIssueId": "9"}, "issue", "issue/8"),
        ({"worklog": {"issueId": "6"}}, "issue", "issue/6"),
        ({"attachment": {"issueId": "5"}}, "issue", "issue/5"),
        ({"issue": {"fields": {"project": {"id": "4"}}}}, "project", "project/4"),
        ({"sourceProjectId": "3"}, "project", "project/3"),
        ({"atlassianId": "u"}, "user", "user/u"),
        ({}, "user", None),
    ],
)
def test_whose_properties_are_meant(payload: dict[str, Json], path: str, owner: str | None) -> None:
    """Of a link those of the source issue."""
    asked: list[str] = []

    def find(owner: str, key: str) -> Json:
        asked.append(owner)
        return True

    text = f"event.runtime.{path}.properties['k'] == true"
    event = product_event("p", CREATED, payload, 2)
    verdict = judge_event(event, Subscription(CREATED, expression=text), Settings(), find)
    assert asked == ([owner] if owner else [])
    assert (verdict.reason is None) is (owner is not None)
