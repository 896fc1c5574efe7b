"""Changed files: what is built anew, what applies at once, and what goes on when it is broken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from forge_emu import appdir
from forge_emu.errors import Problem
from forge_emu.model import Json
from forge_emu.ports import AppRequest
from forge_emu.records import AppRejected, AppReloaded
from forge_emu.run.reload import Reloader
from tests.emulator.emulator_harness import EmulatorHarness
from tests.emulator.harness import in_event_loop
from tests.engine.world import CREATED
from tests.python_app import MANIFEST, write_app

BROKEN = (Problem("src/index.py", 1, 1, "invalid syntax"),)
MOCKS = "mocks:\n  - request: GET /rest/api/3/myself\n    body: {me: 1}\n"


class ReloadHarness(EmulatorHarness):
    """An emulator of an app on disk, whose files are watched."""

    def __init__(self, root: Path) -> None:
        loaded = appdir.load_app(root)
        super().__init__(the_app=loaded.app)
        self.root = root
        self.reloader = Reloader(loaded, self.emulator, self.runtime)

    def write(self, name: str, text: str) -> None:
        """Save a file as editors do: whole, under its name."""
        part = self.root / f"{name}.part"
        part.write_text(text, "utf-8")
        part.replace(self.root / name)

    async def until(self, type: str, count: int = 1) -> None:
        """Wait for so many records of a type."""
        loop = self.emulator.loop
        there = loop.wait_until(lambda: self.record_types.count(type) >= count)
        await asyncio.wait_for(there, 60)

    def ask(self) -> int:
        """The status of a request that a mock answers."""
        options: dict[str, Json] = {"provider": "app", "remote": "jira"}
        request = AppRequest(1, None, options, "/rest/api/3/myself", "GET", {}, None)
        self.emulator.loop.receive_messages([request])
        return self.runtime.answers.pop()[1].status


@asynccontextmanager
async def watched(folder: Path, settings: str = "") -> AsyncIterator[ReloadHarness]:
    """An app whose files are watched."""
    root = write_app(folder / "app").resolve()
    (root / "forge-emu.yml").write_text(settings)
    harness = ReloadHarness(root)
    harness.reloader.start()
    try:
        yield harness
    finally:
        await harness.reloader.stop()
        harness.stop()


@in_event_loop
async def test_changed_code_is_built_and_used(tmp_path: Path) -> None:
    """From the next invocation on, under a number of its own."""
    async with watched(tmp_path) as harness:
        harness.write("src/index.py", "def listen(event, context):\n    return 2\n")
        await harness.until("app.reloaded")
        (reloaded,) = harness.bodies_of(AppReloaded)
        assert (reloaded.generation, reloaded.triggers) == (2, {"listener": [CREATED]})
        assert (harness.runtime.built, harness.engine.generation) == ([2], 2)


@in_event_loop
async def test_a_changed_manifest_is_the_app_from_now_on(tmp_path: Path) -> None:
    """Its warnings come with the record."""
    async with watched(tmp_path) as harness:
        harness.write("manifest.yml", MANIFEST.replace("key: listener", "key: renamed"))
        await harness.until("app.reloaded")
        (reloaded,) = harness.bodies_of(AppReloaded)
        assert reloaded.triggers == {"renamed": [CREATED]}
        assert reloaded.problems == list(harness.emulator.app.warnings)
        assert [trigger.key for trigger in harness.emulator.app.triggers] == ["renamed"]


@in_event_loop
async def test_broken_code_leaves_the_last_sound_one_running(tmp_path: Path) -> None:
    """What was built of it is retired, and the next sound one has the next number."""
    async with watched(tmp_path) as harness:
        harness.runtime.problems = BROKEN
        harness.write("src/index.py", "def listen(:\n")
        await harness.until("app.rejected")
        assert [body.problems for body in harness.bodies_of(AppRejected)] == [list(BROKEN)]
        assert (harness.engine.generation, harness.runtime.retired) == (1, [2])
        harness.runtime.problems = ()
        harness.write("src/index.py", "def listen(event, context):\n    return 3\n")
        await harness.until("app.reloaded")
        assert harness.engine.generation == 3


@in_event_loop
async def test_a_broken_manifest_is_not_built(tmp_path: Path) -> None:
    """All its problems are told, and the app stays what it was."""
    async with watched(tmp_path) as harness:
        before = harness.emulator.app
        harness.write("manifest.yml", "app: [\n")
        await harness.until("app.rejected")
        (rejected,) = harness.bodies_of(AppRejected)
        assert [problem.line for problem in rejected.problems] == [2]
        assert (harness.runtime.built, harness.emulator.app) == ([], before)


@in_event_loop
async def test_a_missing_manifest_is_a_problem_of_the_app(tmp_path: Path) -> None:
    """As any other, though no line of any file is wrong."""
    async with watched(tmp_path) as harness:
        (harness.root / "manifest.yml").unlink()
        await harness.until("app.rejected")
        (problem,) = harness.bodies_of(AppRejected)[0].problems
        assert "no manifest.yml" in problem.message
        assert (problem.file, problem.line) == ("manifest.yml", 0)


@in_event_loop
async def test_changed_mocks_apply_without_a_build(tmp_path: Path) -> None:
    """From the next request on."""
    async with watched(tmp_path) as harness:
        assert harness.ask() == 501
        harness.write("forge-emu.yml", MOCKS)
        await harness.until("log")
        assert harness.messages == ["forge-emu.yml changed: its mocks apply from now on"]
        assert (harness.ask(), harness.runtime.built) == (200, [])


@in_event_loop
async def test_changed_settings_apply_from_the_next_start(tmp_path: Path) -> None:
    """That is told, and nothing else happens; mocks beside them apply at once."""
    async with watched(tmp_path) as harness:
        harness.write("forge-emu.yml", "limits: off\n")
        await harness.until("log")
        later = "forge-emu.yml changed: its settings and variables apply from the next start"
        assert harness.messages == [later]
        harness.write("forge-emu.yml", "limits: legacy\n" + MOCKS)
        await harness.until("log", 3)
        assert harness.messages[1:] == [
            "forge-emu.yml changed: its mocks apply from now on",
            later,
        ]
        assert harness.runtime.built == []


@in_event_loop
async def test_what_is_new_in_the_content_of_the_site_is_there_at_once(tmp_path: Path) -> None:
    """What was there stays; a mistake is a rejection with its place."""
    async with watched(tmp_path) as harness:
        issue = "issues: [{key: EMU-7, summary: One}]\n"
        harness.write("site.yml", issue)
        await harness.until("log")
        harness.write("site.yml", issue.replace("}]", "}, {key: EMU-8, summary: Two}]"))
        await harness.until("log", 2)
        added = "site.yml changed: 1 things that were not there were put on the site"
        assert harness.messages == [added, added]
        assert {i.key for i in harness.emulator.engine.site.jira.issues} == {"EMU-7", "EMU-8"}
        harness.write("site.yml", "issues: [{key: EMU-9}]\n")
        await harness.until("app.rejected")
        assert harness.runtime.built == []


@in_event_loop
async def test_a_mended_settings_file_ends_a_rejection(tmp_path: Path) -> None:
    """What it kept from running is built then, though no code has changed."""
    async with watched(tmp_path) as harness:
        harness.write("forge-emu.yml", "limits: strong\n")
        await harness.until("app.rejected")
        harness.write("forge-emu.yml", "limits: legacy\n")
        await harness.until("app.reloaded")
        assert harness.runtime.built == [2]
