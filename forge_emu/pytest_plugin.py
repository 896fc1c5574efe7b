"""The pytest plugin: the fixture `forge_emu`, an emulator for one test.

@pytest.mark.forge_emu("my-app", seed=1)
def test_nothing_is_lost(forge_emu):
    forge_emu.trigger("issue-created", count=1000)
    forge_emu.until_idle()
    assert forge_emu.dropped == []
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from forge_emu.testing import Emulator, RunSnapshot

_MARKER: Final = "forge_emu"
_APP_OPTION: Final = "forge_emu_app"
_SCOPE_OPTION: Final = "forge_emu_scope"
_SCOPES: Final = ("function", "module", "session")
_MOST_STORIES: Final = 5
_MOST_FINDINGS: Final = 3
_running = pytest.StashKey["Emulator"]()


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """The ini options that name the app of all tests, and for how long an emulator lives."""
    _keep_asserts(pluginmanager)
    parser.addini(_APP_OPTION, "Directory of the Forge app that is tested.", "string", "")
    parser.addini(
        _SCOPE_OPTION,
        "How long an emulator lives: function, module or session. Every test finds it new.",
        "string",
        "function",
    )


def _keep_asserts(pluginmanager: pytest.PytestPluginManager) -> None:
    """Have pytest leave this package as it is.

    It rewrites every module of a distribution that has a plugin, which took six seconds in an
    environment without bytecode. No assertion of a test is in them. Whatever a pytest lacks of
    this costs that time, and nothing else.
    """
    marked = getattr(getattr(pluginmanager, "rewrite_hook", None), "_must_rewrite", None)
    if isinstance(marked, set):
        marked.discard(__package__)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers",
        f"{_MARKER}(app, scope='function', **options): the Forge app of the fixture forge_emu, how "
        "long its emulator lives, and the options of forge_emu.testing.Emulator",
    )


class EmulatorPool:
    """Emulators that tests have one after the other; each finds its own as it was at its start."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Emulator, RunSnapshot, ExitStack]] = {}

    def take(self, app: os.PathLike[str], options: dict[str, Any]) -> Emulator:
        """An emulator of the app with these options: one that is there, or a new one."""
        from forge_emu.testing import Emulator, UserError

        key = repr((os.fspath(app), sorted(options.items())))
        if key in self._kept:
            emulator, start, stack = self._kept[key]
            try:
                emulator.restore(start)
                return emulator
            except UserError:
                # The last test has left a handler at work.
                del self._kept[key]
                stack.close()
        stack = ExitStack()
        emulator = stack.enter_context(Emulator(app, **options))
        try:
            self._kept[key] = emulator, emulator.snapshot(), stack
        except BaseException:
            stack.close()
            raise
        return emulator

    def close(self) -> None:
        """End all of them."""
        with ExitStack() as every:
            for _, _, stack in self._kept.values():
                every.push(stack)
        self._kept.clear()


def _pool() -> Iterator[EmulatorPool]:
    pool = EmulatorPool()
    yield pool
    pool.close()


_forge_emu_module = pytest.fixture(_pool, scope="module", name="_forge_emu_module")
_forge_emu_session = pytest.fixture(_pool, scope="session", name="_forge_emu_session")


@pytest.fixture
def forge_emu(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """An emulator for the test, in virtual time.

    The marker `forge_emu` has the app and the options; markers of a module or a class hold for
    their tests. A directory is relative to pytest's root. Without one the app is that of the ini
    option `forge_emu_app`, else the root. With the scope `module` or `session`, of the marker or
    of the ini option `forge_emu_scope`, tests with the same options share one, and each finds it
    as it was at its start.
    """
    folder: str = request.config.getini(_APP_OPTION)
    options: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers(_MARKER))):
        folder = str(marker.args[0]) if marker.args else folder
        options |= marker.kwargs
        folder = str(options.pop("app", folder))
    scope = options.pop("scope", request.config.getini(_SCOPE_OPTION))
    if scope not in _SCOPES:
        pytest.fail(
            f"forge_emu: the scope {scope!r} is none of {', '.join(_SCOPES)}", pytrace=False
        )
    app = request.config.rootpath / folder
    if scope == "function":
        from forge_emu.testing import Emulator

        with ExitStack() as stack:
            emulator = _started(lambda: stack.enter_context(Emulator(app, **options)))
            yield from _shown_below_failure(request, emulator)
    else:
        pool: EmulatorPool = request.getfixturevalue(f"_forge_emu_{scope}")
        emulator = _started(lambda: pool.take(app, options))
        yield from _shown_below_failure(request, emulator)


def _started(start: Callable[[], Emulator]) -> Emulator:
    """The emulator; what is wrong with app or options ends the test, without a traceback."""
    from forge_emu.errors import ManifestError, UserError

    try:
        return start()
    except ManifestError as error:
        lines = [f"{p}\nhint: {p.hint}" if p.hint else str(p) for p in error.problems]
        message = "\n".join(lines)
    except UserError as error:
        message = f"{error.message}\nhint: {error.hint}" if error.hint else error.message
    pytest.fail(f"forge_emu: {message}", pytrace=False)


def _shown_below_failure(
    request: pytest.FixtureRequest, emulator: Emulator
) -> Generator[Emulator, None, None]:
    request.node.stash[_running] = emulator
    yield emulator
    del request.node.stash[_running]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under a test that has failed stand the stories of the events that did not succeed, and of
    those that had trouble."""
    report = yield
    emulator = item.stash.get(_running, None)
    if report.failed and call.when == "call" and emulator is not None:
        report.sections.append(("forge-emu", _told(emulator)))
    return report


def _told(emulator: Emulator) -> str:
    every = [*emulator.product_events, *emulator.events]
    unsuccessful = [event for event in every if event.state != "succeeded"]
    struggled = [event for event in every if event.state == "succeeded" and event.had_trouble]
    lines = [
        f"at {emulator.clock.now} ms: {_counted(len(emulator.product_events), 'product event')}, "
        f"{_counted(len(emulator.events), 'event')} of queues, "
        f"{len(unsuccessful)} of all not succeeded, {len(struggled)} only after trouble"
    ]
    for advice in emulator.advice[:_MOST_FINDINGS]:
        places = f" ({', '.join(advice.places[:3])})" if advice.places else ""
        lines.append(f"! {advice.message}{places}")
    told = [*unsuccessful, *struggled]
    lines += map(repr, told[:_MOST_STORIES])
    if len(told) > _MOST_STORIES:
        lines.append(f"… {len(told) - _MOST_STORIES} more")
    return "\n".join(lines)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
