"""The runtime of each language is made when an app first has a handler for it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from forge_emu import appdir
from forge_emu.emulator.runtimes import runtime_for
from forge_emu.emulator.starting.tools import AppTools
from forge_emu.emulator.startup import load_code
from tests.emulator.emulator_harness import EmulatorHarness
from tests.emulator.harness import in_event_loop
from tests.engine.world import CREATED
from tests.product_events import product_event
from tests.python_app import write_app


@in_event_loop
async def test_a_language_that_is_taken_up_later_gets_its_tools_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its handlers see the environment that is given, and not the machine's."""
    monkeypatch.setenv("MACHINE", "seen")
    root = write_app(
        tmp_path / "app",
        "import os\n\ndef listen(event, context):\n"
        "    print(os.environ.get('GIVEN'), os.environ.get('MACHINE'))\n",
    )
    loaded = appdir.load_app(root)
    harness = EmulatorHarness(the_app=loaded.app, virtual=True, loaded=False)
    loop, build_dir = harness.emulator.loop, tmp_path / "build"
    runtime = runtime_for(
        loaded, AppTools(None, None), harness.emulator, build_dir, {"GIVEN": "seen"}
    )
    loop.attach_runtime(runtime)
    try:
        await load_code(loaded, runtime, harness.emulator)
        harness.engine.enqueue_product_event(product_event("p", CREATED, {}, 1), 0)
        harness.turn()
        await asyncio.wait_for(loop.wait_until(loop.clock_driver.is_settled), 60)
    finally:
        await runtime.close()
    assert harness.messages == ["seen None"]
    harness.stop()
