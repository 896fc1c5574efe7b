"""Which files a simulation is played again for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from forge_emu.simulate.file_changes import FileChanges
from tests.emulator.harness import in_event_loop
from tests.python_app import write_app
from tests.simulate.simulations import options_for


@asynccontextmanager
async def watched(folder: Path, **more: Any) -> AsyncIterator[FileChanges]:
    """An app whose files are watched."""
    root = write_app(folder / "app").resolve()
    files = FileChanges(options_for(root, **more))
    files.start()
    try:
        yield files
    finally:
        await files.stop()


async def next_change(files: FileChanges) -> list[Path]:
    """What has changed next."""
    return await asyncio.wait_for(files.next_change(), 30)


@in_event_loop
async def test_code_and_settings_of_the_app_are_watched(tmp_path: Path) -> None:
    """New files too."""
    async with watched(tmp_path) as files:
        (files.root / "src" / "index.py").write_text("def listen(event, context):\n    pass\n")
        assert await next_change(files) == [files.root / "src" / "index.py"]
        (files.root / "forge-emu.yml").write_text("limits: off\n")
        assert await next_change(files) == [files.root / "forge-emu.yml"]


@in_event_loop
async def test_what_the_command_names_is_watched(tmp_path: Path) -> None:
    """Wherever it is; a scenario with what lies beside it, which it may name."""
    plays = tmp_path / "plays"
    plays.mkdir()
    scenario, store, beside = plays / "play.yml", tmp_path / "store.json", plays / "payload.json"
    for file in (scenario, store, beside):
        file.write_text("{}")
    async with watched(tmp_path, event=(), scenario=scenario, kvs=(store,)) as files:
        for file in (scenario, store, beside):
            file.write_text('{"a": 1}')
            assert await next_change(files) == [file.resolve()]


@in_event_loop
async def test_what_the_code_was_made_of_is_watched(tmp_path: Path) -> None:
    """Such as a package that is linked."""
    linked = tmp_path / "linked.js"
    linked.write_text("1")
    async with watched(tmp_path) as files:
        files.add_files([str(linked)])
        linked.write_text("2")
        assert await next_change(files) == [linked]


@in_event_loop
async def test_what_the_command_writes_is_not(tmp_path: Path) -> None:
    """It would play for ever."""
    trace = tmp_path / "app" / "trace.json"
    async with watched(tmp_path, trace=trace) as files:
        trace.write_text("[]")
        (files.root / "src" / "more.py").write_text("")
        assert await next_change(files) == [files.root / "src" / "more.py"]
