"""What a run begins with: the app, its lock and its tools, with Node.js and the build at work."""

from __future__ import annotations

import os
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from forge_emu.control.session import FOLDER
from forge_emu.errors import ManifestError, UserError
from forge_emu.run.beginning import begin_run
from forge_emu.run.options import RunOptions
from tests.emulator.emulator_harness import text_terminal
from tests.emulator.harness import in_event_loop
from tests.python_app import MANIFEST
from tests.runtime.node.harness import write_app

SOURCE = "export const listen = () => {};\n"


@in_event_loop
async def test_a_broken_manifest_begins_nothing(tmp_path: Path) -> None:
    """Nothing is locked, started or written."""
    write_app(tmp_path, {"manifest.yml": "modules: 7\n", "src/index.js": SOURCE})
    async with AsyncExitStack() as stack:
        with pytest.raises(ManifestError):
            await begin_run(RunOptions(tmp_path), text_terminal(), stack)
    assert not (tmp_path / FOLDER).exists()


@pytest.mark.node
@in_event_loop
async def test_an_app_is_begun_once(tmp_path: Path) -> None:
    """The second start fails before it touches the build of the first; the end frees the app."""
    write_app(tmp_path, {"manifest.yml": MANIFEST, "src/index.js": SOURCE})
    async with AsyncExitStack() as stack:
        begun = await begin_run(RunOptions(tmp_path), text_terminal(), stack)
        assert begun.early is not None
        pid = begun.early.host_pid
        async with AsyncExitStack() as second:
            with pytest.raises(UserError, match="already runs"):
                await begin_run(RunOptions(tmp_path), text_terminal(), second)
        assert pid is not None
        os.kill(pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    async with AsyncExitStack() as stack:
        assert (await begin_run(RunOptions(tmp_path), text_terminal(), stack)).loaded.app
