"""What Forge's bundler says of an app that runs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from forge_emu.records import Log
from forge_emu.run.bundler_check import BundlerCheck
from forge_emu.runtime.node.forge_bundler import find_forge_bundler
from tests.emulator.emulator_harness import EmulatorHarness
from tests.emulator.harness import in_event_loop
from tests.runtime.node.forge_bundler_stub import bundler_files
from tests.runtime.node.harness import app_of, tools_or_skip, write_app

REFUSED = '// refuse: {"message": "no good", "moduleName": "./src/index.js"}\n'


@pytest.mark.node
@pytest.mark.parametrize(("source", "logged"), [(REFUSED, 1), ("exports.run = () => 1;\n", 0)])
def test_a_disagreement_is_a_record(tmp_path: Path, source: str, logged: int) -> None:
    """It names the place; and when both builds are sound there is none."""
    root = write_app(tmp_path, {**bundler_files(), "src/index.js": source})
    tools = tools_or_skip(root)
    bundler = find_forge_bundler(root, tools)
    assert bundler is not None

    @in_event_loop
    async def whole() -> None:
        harness = EmulatorHarness()
        check = BundlerCheck(root, root / "forge", bundler, tools, harness.emulator)
        check.begin(app_of({"run": "src/index.js#run"}))
        # An older build is given up.
        check.begin(app_of({"run": "src/index.js#run"}))
        assert check.under_way is not None
        await asyncio.wait_for(asyncio.shield(check.under_way), 60)
        await check.stop()
        messages = [log.message for log in harness.bodies_of(Log)]
        harness.stop()
        refusal = "Forge's bundler refuses what esbuild has built: src/index.js no good"
        assert messages == [refusal] * logged
        assert not (root / "forge").exists()

    whole()
