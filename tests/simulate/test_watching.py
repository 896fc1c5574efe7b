"""A simulation that is played again whenever a file changes."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from forge_emu.emulator.starting.terminal import Terminal
from forge_emu.errors import ExitCode, ForgeEmuError, UserError
from forge_emu.simulate.watching import watch
from tests.emulator.emulator_harness import text_of, text_terminal
from tests.emulator.harness import in_event_loop
from tests.python_app import LISTEN, write_app
from tests.simulate.simulations import FAILING, options_for

WAITING = "waiting for a change; Ctrl-C ends it"


class Lines(StringIO):
    """Text that can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._written = asyncio.Event()

    def write(self, text: str) -> int:
        """Add it."""
        self._written.set()
        return super().write(text)

    async def until(self, count: int) -> list[str]:
        """What was printed when it waits for a change for the `count`-th time."""
        while self.getvalue().count(WAITING) < count:
            self._written.clear()
            await asyncio.wait_for(self._written.wait(), 60)
        return self.getvalue().split(WAITING)[count - 1].strip().splitlines()


class Watched:
    """A simulation under way."""

    def __init__(self, root: Path, **more: Any) -> None:
        self.root = root
        self.lines = Lines()
        self.errors: list[ForgeEmuError] = []
        console = Console(file=self.lines, width=200, color_system=None)
        self.terminal = Terminal(lambda: text_terminal(width=80).stdout, lambda: console, None)
        options = options_for(root, fail_on=("invocations.error>0",), **more)
        self.task = asyncio.create_task(watch(options, self.terminal, self.errors.append))

    def write(self, name: str, text: str) -> None:
        """Save a file as editors do: whole, under its name."""
        part = self.root / f"{name}.part"
        part.write_text(text, "utf-8")
        part.replace(self.root / name)

    async def end(self) -> ExitCode:
        """Press Ctrl-C."""
        os.kill(os.getpid(), signal.SIGINT)
        return await asyncio.wait_for(self.task, 60)


@asynccontextmanager
async def watched(folder: Path, source: str = LISTEN, **more: Any) -> AsyncIterator[Watched]:
    """An app that is watched, and has been played once if it is sound."""
    it = Watched(write_app(folder / "app", source).resolve(), **more)
    await it.lines.until(1)
    yield it
    if not it.task.done():
        await it.end()


@in_event_loop
async def test_a_change_plays_again_and_what_differs_is_told(tmp_path: Path) -> None:
    """Figures, conditions and findings; Ctrl-C ends it with the last exit code."""
    async with watched(tmp_path, FAILING) as it:
        it.write("src/index.py", LISTEN)
        told = await it.lines.until(2)
        assert told[0] == "changed: src/index.py"
        changes = [line.strip() for line in told[told.index("changed since the last run:") + 1 :]]
        assert "✗ → ✓  invocations.error == 0" in changes
        assert any(line.startswith("dropped ") and line.endswith("1 → 0") for line in changes)
        assert any(line.startswith("gone: ") for line in changes)
        assert await it.end() is ExitCode.OK
        assert text_of(it.terminal.stdout).count("── Summary") == 2


@in_event_loop
async def test_a_change_without_effect_is_told_as_such(tmp_path: Path) -> None:
    """Nobody has to compare by eye."""
    async with watched(tmp_path, seeds=2) as it:
        it.write("src/index.py", f"{LISTEN}\n# more words\n")
        told = await it.lines.until(2)
        assert told[-2:] == ["changed since the last run:", "  nothing"]


@in_event_loop
async def test_a_broken_app_is_shown_and_waited_out(tmp_path: Path) -> None:
    """What it is compared with later is the last sound one."""
    async with watched(tmp_path) as it:
        manifest = (it.root / "manifest.yml").read_text()
        it.write("manifest.yml", "app: [\n")
        told = await it.lines.until(2)
        assert told == ["changed: manifest.yml"]
        assert len(it.errors) == 1
        it.write("manifest.yml", manifest)
        told = await it.lines.until(3)
        assert told[-2:] == ["changed since the last run:", "  nothing"]
        assert await it.end() is ExitCode.OK


@in_event_loop
async def test_an_app_that_is_broken_from_the_start_is_waited_for(tmp_path: Path) -> None:
    """And is its exit code if nothing better comes."""
    root = write_app(tmp_path / "app").resolve()
    (root / "manifest.yml").write_text("app: [\n")
    it = Watched(root)
    await it.lines.until(1)
    assert len(it.errors) == 1
    assert await it.end() is ExitCode.USER_ERROR


@in_event_loop
async def test_a_run_that_failed_is_the_exit_code(tmp_path: Path) -> None:
    """As without watching."""
    async with watched(tmp_path, FAILING) as it:
        assert await it.end() is ExitCode.CONDITION_FAILED


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"seeds": 2, "shard": "1/2"}, "--watch and --shard exclude each other"),
        ({"data": "-"}, "--watch: what --data - reads is there only once"),
        ({"scenario": Path("none.yml"), "event": ()}, "there is no scenario 'none.yml'"),
    ],
    ids=["shard", "stdin", "scenario"],
)
def test_options_that_make_no_sense_end_it(
    tmp_path: Path, more: dict[str, Any], message: str
) -> None:
    """Before anything is watched."""
    root = write_app(tmp_path / "app").resolve()
    with pytest.raises(UserError) as refusal:
        asyncio.run(watch(options_for(root, **more), text_terminal(), lambda error: None))
    assert refusal.value.message == message
