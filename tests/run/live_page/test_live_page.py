"""The page is told everything once, and then what has changed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from forge_emu.control.page.access import PageAccess
from forge_emu.report.page import RunInfo
from forge_emu.run.live_page import live_page
from forge_emu.run.live_page.live_page import LivePage
from tests.emulator.emulator_harness import EmulatorHarness
from tests.emulator.harness import in_event_loop


class OpenPage:
    """A page that follows an emulator."""

    def __init__(self, harness: EmulatorHarness) -> None:
        access = PageAccess("secret-0123456789", lambda: "t" * 32)
        self.page = LivePage(harness.emulator, access, RunInfo("1", "Sample", "ari:1"))
        self.gone = asyncio.Event()
        self._lines: AsyncIterator[bytes] = self.page.follow_changes(self.gone.wait)

    async def next_line(self) -> dict[str, Any]:
        """The next line of the stream."""
        found: dict[str, Any] = json.loads(await anext(self._lines))
        return found

    async def rest(self) -> list[bytes]:
        """All lines until it ends."""
        return [line async for line in self._lines]


@pytest.fixture(autouse=True)
def _fast_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_page, "FRAME_SECONDS", 0.001)


@in_event_loop
async def test_the_first_line_has_all_and_the_next_what_changed() -> None:
    """In the columns of the report; a reader that has gone costs nothing any more."""
    harness = EmulatorHarness()
    harness.push()
    opened = OpenPage(harness)
    first = await opened.next_line()

    assert first["summary"]["events"]["pushed"] == 1
    assert {"usage", "capacity", "over_time", "words", "live"} <= set(first)
    assert len(first["ids"]) == 1
    assert first["events"]["state"] == [0]
    assert first["live"]["clock"]["paused"] is False
    harness.end_invocation()
    while not (line := await opened.next_line()).get("changed_events", {}).get("row"):
        pass
    assert line["ids"] == []
    assert (line["changed_events"]["row"], line["changed_events"]["state"]) == ([0], [1])

    opened.gone.set()
    await opened.rest()
    assert opened.page.readers == 0


@in_event_loop
async def test_what_is_in_use_falls_where_nothing_happens() -> None:
    """With time alone; figures that did not change are not sent again."""
    harness = EmulatorHarness()
    harness.push()
    harness.end_invocation()
    opened = OpenPage(harness)

    async def next_figures() -> dict[str, float]:
        while "summary" not in (line := await opened.next_line()):
            pass
        return {limit["name"]: limit["used"] for limit in line["summary"]["limits"]}

    pushed = "limits.push.events_per_minute"
    assert (await next_figures())[pushed] == 1
    harness.clock.instant += 90_000
    assert (await next_figures())[pushed] == 0
    quiet = [await opened.next_line() for _ in range(12)]
    assert [line for line in quiet if "summary" in line] == []


@in_event_loop
async def test_the_figures_of_a_line_are_of_one_moment() -> None:
    """Where the summary knows of a push, so do the use of its limit and the rows."""
    harness = EmulatorHarness()
    opened = OpenPage(harness)
    await opened.next_line()
    pushed = lines_with_figures = 0
    # Pushes go on between the lines, however many a machine sends without figures.
    while lines_with_figures < 3:
        harness.push()
        pushed += 1
        line = await opened.next_line()
        if "summary" in line:
            lines_with_figures += 1
            assert line["summary"]["events"]["pushed"] == pushed
            used = {each["name"]: max(each["peaks"]) for each in line["usage"]}
            assert used["limits.push.events_per_minute"] == pushed


@in_event_loop
async def test_it_ends_with_the_run() -> None:
    """With what happened last; the page then looks for the next run."""
    harness = EmulatorHarness()
    opened = OpenPage(harness)
    await opened.next_line()
    harness.push()
    harness.emulator.hub.close()

    rest = [json.loads(line) for line in await opened.rest()]
    assert [len(line["ids"]) for line in rest if line.get("ids")] == [1]


@in_event_loop
async def test_links_name_the_emulator() -> None:
    """The one that is shown, and new ones."""
    harness = EmulatorHarness()
    harness.emulator.url = "http://127.0.0.1:4242"
    page = OpenPage(harness).page

    assert page.new_link() == "http://127.0.0.1:4242/?token=tttttttttttttttt"
    assert page.shown_link.startswith("http://127.0.0.1:4242/?token=")


@in_event_loop
async def test_the_page_may_ask_its_emulator_alone() -> None:
    """Its policy says so; the report's page asks nobody."""
    html = OpenPage(EmulatorHarness()).page.html().decode()

    assert "connect-src 'self'" in html
    assert '"live":true' in html
    assert "{{" not in html.partition("<script")[0]
