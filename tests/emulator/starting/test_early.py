"""Node.js and the build begin before there is an emulator, where the app needs them."""

from __future__ import annotations

import os
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from msgspec.structs import replace

from forge_emu import appdir
from forge_emu.emulator.starting.early import begin_early, new_build_folder
from forge_emu.emulator.starting.tools import AppTools, tools_for
from forge_emu.runtime.node.starting.early_start import EarlyStart
from tests.emulator.emulator_harness import text_terminal
from tests.emulator.harness import in_event_loop
from tests.python_app import MANIFEST, write_app
from tests.runtime.node.harness import write_app as write_files


async def begin(root: Path, build_dir: Path, node: Path | None = None) -> EarlyStart | None:
    """Begin with the tools of the app at `root`, and end what has begun; `node` is another one."""
    loaded = appdir.load_app(root)
    tools = await tools_for(loaded, None, text_terminal(), virtual=True)
    if node is not None and tools.node is not None:
        found = replace(tools.node.node, path=node)
        tools = AppTools(replace(tools.node, node=found), tools.python)
    async with AsyncExitStack() as stack:
        early = begin_early(loaded, tools, {}, build_dir, "deploy", stack, virtual=True)
        if early is not None:
            assert early.host_pid is not None
            os.kill(early.host_pid, 0)
    return early


@pytest.fixture
def javascript_app(tmp_path: Path) -> Path:
    """An app in JavaScript without packages."""
    root = tmp_path / "app"
    files = {"manifest.yml": MANIFEST, "src/index.js": "export const listen = () => {};\n"}
    write_files(root, files)
    return root


@in_event_loop
async def test_an_app_in_python_begins_nothing(tmp_path: Path) -> None:
    """It has nothing to build, and needs no Node.js."""
    assert await begin(write_app(tmp_path / "app"), tmp_path / "build") is None


@pytest.mark.node
@in_event_loop
async def test_what_was_begun_ends_with_the_start(javascript_app: Path, tmp_path: Path) -> None:
    """Where no runtime has taken it over."""
    early = await begin(javascript_app, tmp_path / "build")
    assert early is not None
    pid = early.host_pid
    assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.node
@in_event_loop
async def test_a_node_that_does_not_start_is_left_to_the_runtime(
    javascript_app: Path, tmp_path: Path
) -> None:
    """It says why, in the words that it always has."""
    missing = tmp_path / "no-node"
    assert await begin(javascript_app, tmp_path / "build", missing) is None


def test_the_folder_of_a_simulation_has_the_same_name_in_every_run(tmp_path: Path) -> None:
    """What handlers print of their working directory is alike; two at once are apart."""
    first, beside = new_build_folder(tmp_path), new_build_folder(tmp_path)
    assert first != beside
    first.rmdir()
    assert new_build_folder(tmp_path) == first
