"""What a run begins with: the app is installed once, and upgraded when its permissions change."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import structs

from forge_emu.emulator.life_cycle.begin import begin_life_cycle, hears_installation
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.engine.life_cycle import INSTALLED_EVENT, UPGRADED_EVENT
from forge_emu.model import App, Subscription, Trigger
from forge_emu.records import ProductEventSent
from forge_emu.settings import Settings
from tests.emulator.emulator_harness import EmulatorHarness
from tests.emulator.harness import in_event_loop
from tests.engine.world import app

MORE = {"scopes": ("storage:app", "write:jira-work")}


def hearing(*events: str, scopes: tuple[str, ...] = ("storage:app",)) -> App:
    """An app whose trigger listens to these."""
    subscriptions = tuple(map(Subscription, events))
    trigger = Trigger("listen", "trigger", subscriptions, 1)
    return structs.replace(app(), triggers=(trigger,), scopes=scopes, consents={"scopes": scopes})


def start(harness: EmulatorHarness) -> list[str]:
    """What is sent when the app is loaded."""
    emulator = harness.emulator
    begin_life_cycle(emulator.engine, emulator.add_order, emulator.clock.now())
    harness.turn()
    return [body.name for body in harness.bodies_of(ProductEventSent)]


def run_once(folder: Path, the_app: App, **settings: bool) -> list[str]:
    """What is sent in one run of a state."""
    named = {name.replace("__", "."): value for name, value in settings.items()}
    harness = EmulatorHarness(the_app=the_app, folder=folder, settings=named)
    sent = start(harness)
    while harness.runtime.invoked:
        harness.end_invocation()
    harness.stop()
    return sent


@in_event_loop
async def test_a_state_begins_with_the_installation(tmp_path: Path) -> None:
    """Once; a run that goes on from it sends nothing."""
    the_app = hearing(INSTALLED_EVENT, UPGRADED_EVENT)

    assert run_once(tmp_path, the_app) == [INSTALLED_EVENT]
    assert run_once(tmp_path, the_app) == []


@in_event_loop
async def test_without_a_trigger_nothing_is_sent(tmp_path: Path) -> None:
    """Nor later, when the app has got one: it is installed already."""
    assert run_once(tmp_path, hearing()) == []
    assert run_once(tmp_path, hearing(INSTALLED_EVENT)) == []


@in_event_loop
async def test_both_can_be_turned_off(tmp_path: Path) -> None:
    """By a setting each; the version goes on all the same."""
    events = INSTALLED_EVENT, UPGRADED_EVENT
    off = {"lifecycle__installed": False, "lifecycle__upgraded": False}

    assert run_once(tmp_path, hearing(*events), **off) == []
    assert run_once(tmp_path, hearing(*events, scopes=MORE["scopes"]), **off) == []
    assert run_once(tmp_path, hearing(*events, scopes=MORE["scopes"])) == []


@in_event_loop
async def test_other_permissions_are_an_upgrade(tmp_path: Path) -> None:
    """The log says which; the payload has the new version and its permissions."""
    events = INSTALLED_EVENT, UPGRADED_EVENT
    run_once(tmp_path, hearing(*events))
    the_app = hearing(*events, scopes=MORE["scopes"])
    harness = EmulatorHarness(the_app=the_app, folder=tmp_path)

    assert start(harness) == [UPGRADED_EVENT]
    [invocation] = harness.runtime.invoked
    assert invocation.event["app"] | {"ownerAccountId": ""} == {
        "id": "1",
        "version": "2.0.0",
        "name": "test",
        "ownerAccountId": "",
    }
    assert invocation.event["permissions"]["scopes"] == [*MORE["scopes"]]
    assert harness.messages == [
        "major version 2: scopes: + write:jira-work. On Forge an admin consents before a site "
        "gets it"
    ]
    harness.stop()


@in_event_loop
async def test_the_installation_comes_before_all_else(tmp_path: Path) -> None:
    """Also where it is killed before it is sent: it is an order that the state has."""
    the_app = hearing(INSTALLED_EVENT)
    harness = EmulatorHarness(the_app=the_app, folder=tmp_path)
    emulator = harness.emulator
    begin_life_cycle(emulator.engine, emulator.add_order, 0)
    assert emulator.persistence is not None
    emulator.persistence.close()
    emulator.loop.stop()

    assert run_once(tmp_path, the_app) == [INSTALLED_EVENT]


@in_event_loop
async def test_no_secret_value_is_kept_of_what_is_consented_to(tmp_path: Path) -> None:
    """An address may have one, from a variable."""
    secrets = Secrets()
    secrets.add_variable("HOST", "swordfish")
    consents = {"external": ("fetch.backend https://swordfish.example",)}
    the_app = structs.replace(hearing(), consents=consents)
    harness = EmulatorHarness(the_app=the_app, folder=tmp_path, secrets=secrets)
    start(harness)
    installed = harness.engine.life_cycle.installed
    harness.stop()

    assert installed is not None
    assert installed.consents == {"external": ("fetch.backend https://[HOST].example",)}
    assert b"swordfish" not in (tmp_path / "state.sqlite").read_bytes()


@pytest.mark.parametrize(
    ("events", "on", "hears"),
    [([INSTALLED_EVENT], True, True), ([INSTALLED_EVENT], False, False), ([], True, False)],
)
def test_a_simulation_may_begin_with_it(events: list[str], on: bool, hears: bool) -> None:
    """Where the app listens, and the setting is on."""
    settings = Settings("current", {"lifecycle.installed": on})
    assert hears_installation(hearing(*events), settings) is hears
