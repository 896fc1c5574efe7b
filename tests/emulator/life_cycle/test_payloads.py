"""What the payloads of life cycle events have from the run."""

from __future__ import annotations

import pytest
from msgspec import structs

from forge_emu.control.contract import TriggerOrder
from forge_emu.emulator.life_cycle.payloads import known_data, with_known_data
from forge_emu.engine.installation import environment_id
from forge_emu.engine.life_cycle import INSTALLED_EVENT, UPGRADED_EVENT
from forge_emu.model import Json
from tests.engine.world import CREATED, World, app


def test_the_payload_is_about_this_installation() -> None:
    """Its id, its site, the app and the environment."""
    world = World()
    engine = world.engine

    assert known_data(engine, INSTALLED_EVENT) == {
        "id": engine.installation.id,
        "context": engine.installation.site("jira"),
        "app": {"id": "1", "version": "1.0.0", "name": "test"},
        "environment": {"id": environment_id(app().id)},
    }


def test_an_upgrade_has_the_permissions() -> None:
    """Those of the manifest, in which nothing changes when the payload does."""
    external = {"fetch": {"backend": ["https://a.example"]}}
    world = World(structs.replace(app(), external=external, name=None))
    world.engine.life_cycle.install({})
    world.engine.life_cycle.install({"scopes": ("storage:app",)})
    data = known_data(world.engine, UPGRADED_EVENT)
    data["permissions"]["external"]["fetch"].clear()

    assert data["app"] == {"id": "1", "version": "2.0.0"}
    assert data["permissions"]["scopes"] == ["storage:app"]
    assert external == {"fetch": {"backend": ["https://a.example"]}}


@pytest.mark.parametrize(
    ("event", "given", "expected"),
    [
        (INSTALLED_EVENT, {"app": {"version": "9.0.0"}, "more": 1}, ("9.0.0", 1)),
        (INSTALLED_EVENT, None, ("1.0.0", None)),
    ],
)
def test_what_the_user_gives_goes_before(
    event: str, given: Json, expected: tuple[str, Json]
) -> None:
    """Field by field."""
    data = with_known_data(World().engine, TriggerOrder(event, data=given)).data
    assert (data["app"]["version"], data.get("more")) == expected
    assert data["app"]["id"] == "1"


@pytest.mark.parametrize(
    "order", [TriggerOrder(CREATED, data={"a": 1}), TriggerOrder(INSTALLED_EVENT, data=[1])]
)
def test_other_orders_stay_as_they_are(order: TriggerOrder) -> None:
    """Of other events, and those whose payload is refused."""
    assert with_known_data(World().engine, order) is order
