"""How an app begins: which settings count, what keeps it from running, what is told first."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest
from msgspec import UNSET

from forge_emu import appdir
from forge_emu.appdir import DeclaredVariables, LoadedApp
from forge_emu.control.contract import ClockOrder
from forge_emu.emulator.startup import (
    announce_ready,
    load_code,
    loaded_fields,
    unloaded_warnings,
)
from forge_emu.emulator.variables import Variables, variables_of
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.errors import ManifestError, Problem
from forge_emu.model import UnloadedFunction
from forge_emu.records import AppLoaded
from tests.emulator.emulator_harness import EmulatorHarness
from tests.emulator.harness import in_event_loop
from tests.engine.world import CREATED, app
from tests.python_app import write_app

SETTINGS = "limits: legacy\ndelivery.order: fifo\nasync_events.max_retries: 3\n"
NO_VARIABLES = variables_of(DeclaredVariables(), {})


@pytest.fixture
def loaded(tmp_path: Path) -> LoadedApp:
    """An app with settings of its own."""
    root = write_app(tmp_path / "app")
    (root / "forge-emu.yml").write_text(SETTINGS)
    return appdir.load_app(root)


@in_event_loop
async def test_sound_code_starts_and_its_warnings_are_handed_on(loaded: LoadedApp) -> None:
    """Those of the manifest, and those of the build."""
    harness = EmulatorHarness(loaded=False)
    warning = Problem("src/index.py", 1, 1, "careful", severity="warning")
    harness.runtime.problems = (warning,)
    problems = await load_code(loaded, harness.runtime, harness.emulator)
    assert problems == (*loaded.app.warnings, warning)
    assert harness.runtime.built == [1]
    harness.push()
    assert len(harness.runtime.invoked) == 1
    harness.stop()


@in_event_loop
async def test_a_function_that_does_not_load_is_left_out(loaded: LoadedApp) -> None:
    """The app begins without it; what is missing is told with the reason."""
    harness = EmulatorHarness(loaded=False)
    (key, function), *_ = loaded.app.functions.items()
    broken = Problem("src/index.py", 3, 1, "broken", "Mend it.", rule="load")
    harness.runtime.problems, harness.runtime.unloaded = (broken,), {key: broken}
    await load_code(loaded, harness.runtime, harness.emulator)
    assert key not in harness.emulator.app.functions
    (message,) = unloaded_warnings(harness.emulator.app)
    assert message.startswith(
        f"{function.handler} (function {key!r}) does not load: src/index.py:3:1 broken; the "
    )
    assert message.endswith("needs it: its events are dropped (not_loaded). Mend it.")
    harness.stop()


def test_what_nothing_needs_is_not_missed() -> None:
    """A function of a UI module that is not emulated, or of none."""
    unloaded = {"panel": UnloadedFunction("panel.run", "src/panel.js:1:1 no window")}
    assert unloaded_warnings(msgspec.structs.replace(app(), unloaded=unloaded)) == [
        "panel.run (function 'panel') does not load: src/panel.js:1:1 no window; "
        "nothing that can be triggered here needs it"
    ]


def test_broken_code_does_not_start(loaded: LoadedApp) -> None:
    """What is said of it holds no secret: a module may print one while it loads."""
    secrets = Secrets()
    secrets.add_variable("TOKEN", "swordfish")
    harness = EmulatorHarness(loaded=False, secrets=secrets)
    harness.runtime.problems = (Problem("src/index.py", 1, 1, "no swordfish"),)
    with pytest.raises(ManifestError) as caught:
        asyncio.run(load_code(loaded, harness.runtime, harness.emulator))
    assert [str(p) for p in caught.value.problems] == ["src/index.py:1:1 no [TOKEN]"]
    harness.push()
    assert harness.runtime.invoked == []


def ready_record(harness: EmulatorHarness, variables: Variables = NO_VARIABLES) -> AppLoaded:
    """The record that the app is ready."""
    harness.emulator.url = "http://127.0.0.1:1234"
    announce_ready(harness.emulator, (), variables)
    (body,) = harness.bodies_of(AppLoaded)
    return body


@in_event_loop
async def test_the_first_record_says_what_runs_and_how() -> None:
    """With what repeats it: seed, limits, faults."""
    body = ready_record(EmulatorHarness(faults=["kvs.error=5%"], seed=7))
    assert (body.app_id, body.generation) == (app().id, 1)
    assert (body.functions, body.consumers) == (["trigger", "work"], {"work": "consumer"})
    assert body.triggers == {"listen": [CREATED]}
    assert (body.seed, body.limits, body.faults) == (7, "off", ["kvs.error=5%"])
    assert body.url == "http://127.0.0.1:1234"


@in_event_loop
async def test_in_virtual_time_the_first_record_names_no_port() -> None:
    """The same run has the same records, whatever port it got."""
    assert ready_record(EmulatorHarness(virtual=True)).url is None


@in_event_loop
async def test_nothing_is_warned_of_in_a_plain_run() -> None:
    """The record that all is ready is the only one."""
    harness = EmulatorHarness()
    ready_record(harness)
    assert harness.record_types == ["app.loaded"]


@in_event_loop
async def test_what_keeps_events_from_coming_is_warned_of() -> None:
    """A pause or a stopped clock from the last run, a fault and a variable without effect."""
    harness = EmulatorHarness(faults=["kvs.latency=x10"])
    harness.engine.queue_admin.pause_queue("work", 0)
    harness.emulator.set_clock(ClockOrder("pause"))
    seen = len(harness.messages)
    ready_record(harness, variables_of(DeclaredVariables(from_environment=("TOKEN",)), {}))
    queue, clock, fault, variable = harness.messages[seen:]
    assert queue.startswith("work still paused since the last run")
    assert clock.startswith("time stands still since the last run")
    assert fault.startswith("the fault kvs.latency=x10 has no effect")
    assert "names TOKEN, not set" in variable


@in_event_loop
async def test_a_pause_of_all_delivery_is_named_so() -> None:
    """Whatever queues are paused besides."""
    harness = EmulatorHarness()
    harness.engine.queue_admin.pause_queue("work", 0)
    harness.engine.queue_admin.pause_delivery(persistent=True)
    ready_record(harness)
    (message,) = harness.messages
    assert message.startswith("all delivery still paused since the last run")


def test_a_reload_tells_the_same_of_the_app_as_a_start() -> None:
    """Functions in a fixed order, whatever the manifest's."""
    assert loaded_fields(app()) == {
        "app_id": app().id,
        "functions": ["trigger", "work"],
        "consumers": {"work": "consumer"},
        "triggers": {"listen": [CREATED]},
        "memory_mb": UNSET,
    }
