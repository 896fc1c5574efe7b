"""Changed code: old and new side by side, broken changes, loads that are called off."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from forge_emu.model import Success
from forge_emu.ports import AppRequest, AppResponse, BuildResult
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


def test_threads_start_after_a_broken_change(tmp_path: Path) -> None:
    """The folder of the broken code is gone; threads that are started later do not miss it."""
    source = """
    export function run() {}
    export function loop() { while (true); }
    """

    async def scene(harness: RuntimeHarness) -> None:
        write_app(tmp_path, {"src/index.js": "throw 1"})
        app = app_of({"run": "src/index.js#run", "loop": "src/index.js#loop"})
        assert not (await harness.runtime.load_app(app, 2)).ok
        loop = harness.invoke("loop")
        await harness.wait_until(lambda: [m for m in harness.messages if loop in repr(m)])
        harness.runtime.abort_invocation(loop)
        assert await harness.run_invocation("run") == Success()

    run_app(tmp_path, source, scene)


def test_threads_that_cannot_start_are_said_and_not_tried_for_ever(tmp_path: Path) -> None:
    """The host gives up after some in a row, and the load says why."""
    broken = tmp_path / "broken.cjs"
    broken.write_text(
        "if (!require('node:worker_threads').isMainThread) throw new Error('no thread today');"
    )
    write_app(tmp_path, {"src/index.js": "export function run() {}"})

    async def whole() -> BuildResult:
        environment = {**os.environ, "NODE_OPTIONS": f"--require {broken}"}
        harness = RuntimeHarness(tmp_path, environment=environment)
        try:
            return await harness.runtime.load_app(app_of({"run": "src/index.js#run"}), 1)
        finally:
            await harness.runtime.close()

    build = asyncio.run(whole())
    assert "no thread today" in build.problems[0].message, build.problems


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


def test_an_invocation_whose_thread_ends_before_it_starts_runs_in_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The host says only that the thread has ended: the start must not wait for more to be said."""

    async def scene(harness: RuntimeHarness) -> None:
        monkeypatch.setattr("forge_emu.runtime.host.runtime.LOAD_SECONDS", 0.5)
        write_app(tmp_path, {"src/index.js": "while (true); export function run() {}"})
        assert not (await harness.runtime.load_app(app_of({"run": "src/index.js#run"}), 2)).ok
        assert await harness.run_invocation("run") == Success()

    run_app(tmp_path, "export function run() {}", scene)
