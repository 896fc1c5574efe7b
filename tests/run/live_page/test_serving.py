"""The next run of an app answers where the last one did, to the same cookie."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from forge_emu.control.addresses import addresses_of
from forge_emu.control.server import serve_api
from forge_emu.errors import UserError
from forge_emu.report.page import RunInfo
from forge_emu.run.live_page.live_page import LivePage
from forge_emu.run.live_page.serving import serve_with_page
from tests.emulator.emulator_harness import EmulatorHarness
from tests.emulator.harness import in_event_loop


def _serve(
    harness: EmulatorHarness, folder: Path | None, port: int = 0
) -> AbstractAsyncContextManager[LivePage]:
    about = RunInfo("1", "Sample", "ari:1")
    return serve_with_page(serve_api, harness.emulator, addresses_of(None), port, about, folder)


@in_event_loop
async def test_the_next_run_has_the_same_port_and_cookie(tmp_path: Path) -> None:
    """So that a page that is open goes on."""
    urls, cookies = [], []
    for _ in range(2):
        harness = EmulatorHarness()
        async with _serve(harness, tmp_path) as page:
            urls.append(harness.emulator.url)
            cookies.append(page.access.set_cookie_header())

    assert urls[0] == urls[1]
    assert cookies[0] == cookies[1]


@in_event_loop
async def test_a_port_that_is_taken_is_left_to_the_other(tmp_path: Path) -> None:
    """Unless it was asked for."""
    one, other = EmulatorHarness(), EmulatorHarness()
    async with _serve(one, tmp_path):
        async with _serve(other, tmp_path):
            assert other.emulator.url != one.emulator.url
        assert one.emulator.url is not None
        with pytest.raises(UserError, match="cannot be used"):
            async with _serve(other, tmp_path, int(one.emulator.url.rpartition(":")[2])):
                pass


@in_event_loop
async def test_without_a_folder_nothing_is_kept(tmp_path: Path) -> None:
    """A run in memory has a cookie of its own."""
    cookies = set()
    for _ in range(2):
        async with _serve(EmulatorHarness(), None) as page:
            cookies.add(page.access.set_cookie_header())

    assert len(cookies) == 2
    assert list(tmp_path.iterdir()) == []
