"""The pytest plugin: the fixture `forge_emu`, an emulator for one test.

@pytest.mark.forge_emu("my-app", seed=1)
def test_nothing_is_lost(forge_emu):
    forge_emu.trigger("issue-created", count=1000)
    forge_emu.until_idle()
    assert forge_emu.dropped == []
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from forge_emu.testing import Emulator

_MARKER: Final = "forge_emu"
_APP_OPTION: Final = "forge_emu_app"
_MOST_STORIES: Final = 5
_running = pytest.StashKey["Emulator"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The ini option that names the app of all tests."""
    parser.addini(_APP_OPTION, "Directory of the Forge app that is tested.", "string", "")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers",
        f"{_MARKER}(app, **options): the Forge app of the fixture forge_emu, and the options of "
        "forge_emu.testing.Emulator",
    )


@pytest.fixture
def forge_emu(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """An emulator of its own for the test, in virtual time.

    The marker `forge_emu` has the app and the options; markers of a module or a class hold for
    their tests. A directory is relative to pytest's root. Without one the app is that of the ini
    option `forge_emu_app`, else the root.
    """
    from forge_emu.testing import Emulator

    folder: str = request.config.getini(_APP_OPTION)
    options: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers(_MARKER))):
        folder = str(marker.args[0]) if marker.args else folder
        options |= marker.kwargs
    with Emulator(request.config.rootpath / folder, **options) as emulator:
        request.node.stash[_running] = emulator
        yield emulator
        del request.node.stash[_running]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under a test that has failed stand the stories of the events that did not succeed."""
    report = yield
    emulator = item.stash.get(_running, None)
    if report.failed and call.when == "call" and emulator is not None:
        report.sections.append(("forge-emu", _told(emulator)))
    return report


def _told(emulator: Emulator) -> str:
    every = [*emulator.product_events, *emulator.events]
    unsuccessful = [event for event in every if event.state != "succeeded"]
    lines = [
        f"at {emulator.clock.now} ms: {len(emulator.product_events)} product events, "
        f"{len(emulator.events)} events of queues, {len(unsuccessful)} of all not succeeded"
    ]
    lines += map(repr, unsuccessful[:_MOST_STORIES])
    if len(unsuccessful) > _MOST_STORIES:
        lines.append(f"… {len(unsuccessful) - _MOST_STORIES} more")
    return "\n".join(lines)
