"""Changed code: old and new side by side, broken changes, loads that are called off."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from forge_emu.model import Success
from forge_emu.ports import AppRequest, AppResponse
from tests.runtime.node.harness import RuntimeHarness, app_of, run_app, write_app

pytestmark = pytest.mark.node


def test_a_change_leaves_running_invocations_on_the_old_code(tmp_path: Path) -> None:
    """Old and new run side by side; the old code goes when it is retired."""
    source = """
    export async function run() {
      const response = await __forge_fetch__({}, '/wait', {});
      console.log('WHICH', await response.text());
    }
    """
    held: list[int] = []

    def reply(request: AppRequest) -> AppResponse | None:
        held.append(request.request_id)
        return None

    async def scene(harness: RuntimeHarness) -> None:
        old = harness.invoke("run")
        await harness.wait_until(lambda: held)
        write_app(tmp_path, {"src/index.js": source.replace("WHICH", "new")})
        build = await harness.runtime.load_app(app_of({"run": "src/index.js#run"}), 2)
        assert build.ok
        new = harness.invoke("run", generation=2)
        await harness.wait_until(lambda: len(held) == 2)
        for request in held:
            harness.runtime.respond(request, AppResponse(200, "code"))
        harness.runtime.flush()
        assert (
            await harness.wait_for_outcome(old) == await harness.wait_for_outcome(new) == Success()
        )
        assert [m.message for m in harness.logs(old)] == ["old code"]
        assert [m.message for m in harness.logs(new)] == ["new code"]
        harness.runtime.retire_generation(1)
        assert sorted(p.name for p in (tmp_path / ".forge-emu" / "build").iterdir()) == ["g2"]
        assert await harness.run_invocation("run2", generation=2) != Success()

    run_app(tmp_path, source.replace("WHICH", "old"), scene, reply=reply)


def test_a_broken_change_leaves_the_old_code_running(tmp_path: Path) -> None:
    """Its problems are told, and the generation is gone again."""

    async def scene(harness: RuntimeHarness) -> None:
        for broken in ("export function run( {", "export function walk() {}", "throw 1"):
            write_app(tmp_path, {"src/index.js": broken})
            assert not (await harness.runtime.load_app(app_of({"run": "src/index.js#run"}), 2)).ok
            assert await harness.run_invocation("run") == Success()

    run_app(tmp_path, "export function run() {}", scene)


def test_a_change_may_add_functions_and_memory(tmp_path: Path) -> None:
    """New functions are known at once."""

    async def scene(harness: RuntimeHarness) -> None:
        write_app(tmp_path, {"src/more.js": "export const more = () => console.log('more');"})
        app = app_of({"run": "src/index.js#run", "more": "src/more.js#more"}, memory_mb=512)
        assert (await harness.runtime.load_app(app, 2)).ok
        assert await harness.run_invocation("more", generation=2) == Success()

    run_app(tmp_path, "export function run() {}", scene)


def test_loading_may_be_called_off(tmp_path: Path) -> None:
    """A cancelled load ends its bundler and leaves nothing running."""

    async def scene(harness: RuntimeHarness) -> None:
        task = asyncio.create_task(harness.runtime.load_app(app_of({"run": "src/index.js#run"}), 2))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await harness.run_invocation("run") == Success()

    run_app(tmp_path, "export function run() {}", scene)
