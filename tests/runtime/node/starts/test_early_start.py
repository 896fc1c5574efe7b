"""Node.js and a build that are at work before their runtime, which takes them over."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from forge_emu.model import App, Success
from forge_emu.runtime.host.environment import needed_variables
from forge_emu.runtime.node.building import Builder
from forge_emu.runtime.node.starting.early_start import EarlyStart
from forge_emu.runtime.node.starting.host_start import host_environment, host_start
from tests.emulator.harness import in_event_loop
from tests.runtime.node.harness import RuntimeHarness, app_of, tools_or_skip, write_app

pytestmark = pytest.mark.node

SOURCE = "export function pid() { console.log(process.pid); }\n"
ENVIRONMENT = host_environment(needed_variables(os.environ), virtual=False)


@pytest.fixture
def app(tmp_path: Path) -> App:
    """An app that prints the process it runs in."""
    write_app(tmp_path, {"src/index.js": SOURCE})
    return app_of({"pid": "src/index.js#pid"})


def begin(root: Path, app: App, folder: Path) -> EarlyStart:
    """Begin with two threads, as a run does."""
    tools = tools_or_skip(root)
    assert tools.fake_timers is not None
    start = host_start(tools.fake_timers.path, 2)
    return EarlyStart.begin(app, Builder(root, "deploy", tools), folder, start, ENVIRONMENT)


async def pid_of_generation(harness: RuntimeHarness, generation: int) -> int:
    """The process that the handlers of a generation run in."""
    name = harness.invoke("pid", generation=generation)
    assert await harness.wait_for_outcome(name) == Success()
    return int(harness.logs(name)[0].message)


def is_alive(pid: int) -> bool:
    """Whether there is such a process, which has been waited for if it has ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@in_event_loop
async def test_a_runtime_goes_on_with_what_was_begun(tmp_path: Path, app: App) -> None:
    """The process and the build; nothing is left for `close` to end."""
    early = begin(tmp_path, app, folder := tmp_path / "built")
    started = early.host_pid
    harness = RuntimeHarness(tmp_path, threads=2, early=early)
    try:
        assert (await harness.runtime.load_app(app, 7)).ok
        assert await pid_of_generation(harness, 7) == started
        await early.close()
        assert is_alive(started or 0)
        assert folder.exists()
        harness.runtime.retire_generation(7)
        assert not folder.exists()
    finally:
        await harness.runtime.close()


@in_event_loop
async def test_another_environment_takes_another_process(tmp_path: Path, app: App) -> None:
    """Handlers never see variables that are not theirs."""
    early = begin(tmp_path, app, tmp_path / "built")
    started = early.host_pid
    harness = RuntimeHarness(tmp_path, threads=2, early=early, environment={"OTHER": "one"})
    try:
        assert (await harness.runtime.load_app(app, 1)).ok
        assert await pid_of_generation(harness, 1) != started
        assert is_alive(started or 0)
        await early.close()
        assert not is_alive(started or 0)
    finally:
        await harness.runtime.close()


@in_event_loop
async def test_another_app_is_built_anew(tmp_path: Path, app: App) -> None:
    """What has been built of the app before it goes away unused."""
    early = begin(tmp_path, app, folder := tmp_path / "built")
    harness = RuntimeHarness(tmp_path, threads=2, early=early)
    try:
        assert (await harness.runtime.load_app(app_of({"pid": "src/index.js#pid"}), 1)).ok
        await early.close()
        assert not folder.exists()
        assert await pid_of_generation(harness, 1) > 0
    finally:
        await harness.runtime.close()


@in_event_loop
async def test_a_start_that_is_given_up_leaves_nothing(tmp_path: Path, app: App) -> None:
    """Neither a process nor what was built so far."""
    early = begin(tmp_path, app, folder := tmp_path / "built")
    started = early.host_pid or 0
    # The build has begun, and is at work.
    await asyncio.sleep(0)
    await early.close()
    assert (is_alive(started), folder.exists()) == (False, False)


@in_event_loop
async def test_a_process_that_has_ended_is_started_again(tmp_path: Path, app: App) -> None:
    """As one that ends while it loads."""
    early = begin(tmp_path, app, tmp_path / "built")
    os.kill(early.host_pid or 0, 9)
    harness = RuntimeHarness(tmp_path, threads=2, early=early)
    try:
        assert (await harness.runtime.load_app(app, 1)).ok
        assert any("started again" in notice.message for notice in harness.notices())
    finally:
        await harness.runtime.close()
