"""Node.js that is started on a guess, before the app was read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from forge_emu.model import Success
from forge_emu.runtime.host.environment import needed_variables
from forge_emu.runtime.node.building import Builder
from forge_emu.runtime.node.node_versions import NodeChoice
from forge_emu.runtime.node.starting.early_host import EarlyHost, early_host
from forge_emu.runtime.node.starting.early_start import EarlyStart
from forge_emu.runtime.node.starting.host_start import (
    HostStart,
    StartedNode,
    first_threads,
    host_environment,
    host_start,
)
from forge_emu.runtime.node.tools import find_node, installed_fake_timers
from tests.emulator.harness import in_event_loop
from tests.python_app import MANIFEST
from tests.python_app import write_app as write_python_app
from tests.runtime.node.harness import RuntimeHarness, app_of, tools_or_skip, write_app
from tests.runtime.node.starts.test_early_start import is_alive

pytestmark = pytest.mark.node

SOURCE = "export const show = () => console.log(process.pid, process.env.COLOUR);\n"
RUNTIME = "nodejs20.x"
"""Any Node.js is new enough for it."""

START = host_start(installed_fake_timers(), first_threads(virtual=False))
NEEDED = host_environment(needed_variables(os.environ), virtual=False)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An app whose manifest names a runtime."""
    tools_or_skip(tmp_path)
    manifest = MANIFEST.replace("nodejs22.x", RUNTIME)
    return write_app(tmp_path / "app", {"manifest.yml": manifest, "src/index.js": SOURCE})


def take(
    host: EarlyHost, root: Path, environment: Mapping[str, str], start: HostStart = START
) -> StartedNode | None:
    """Ask for the Node.js of the app's runtime."""
    node = find_node(NodeChoice(runtime=RUNTIME)).path
    return host.take(node, start, root, environment)


def test_what_is_asked_for_as_guessed_is_taken_once(root: Path) -> None:
    """It goes on when the block is left; somebody else ends it."""
    with early_host(root, needed_variables(os.environ), virtual=False) as host:
        assert host is not None
        pid = host.pid
        started = take(host, root, NEEDED)
        assert started is not None
        assert (started.spawned.process.pid, dict(started.lacks)) == (pid, {})
        assert (take(host, root, NEEDED), host.pid) == (None, None)
    assert is_alive(pid or 0)
    started.spawned.close()
    assert not is_alive(pid or 0)


@pytest.mark.parametrize(
    ("folder", "environment", "start"),
    [
        ("other", NEEDED, START),
        (".", NEEDED, host_start(None, 1)),
        (".", {**NEEDED, "NODE_EXTRA_CA_CERTS": "other.pem"}, START),
        (".", {**NEEDED, "NODE_OPTIONS": "--no-deprecation"}, START),
        (".", {**NEEDED, "NODE_ENV": "development"}, START),
        (".", {name: NEEDED[name] for name in NEEDED if name != "PATH"}, START),
    ],
)
def test_a_wrong_guess_ends_at_once(
    root: Path, folder: str, environment: Mapping[str, str], start: HostStart
) -> None:
    """Another folder, other threads, and variables that Node.js reads when it starts."""
    with early_host(root, needed_variables(os.environ), virtual=False) as host:
        assert host is not None
        pid = host.pid
        assert take(host, root / folder, environment, start) is None
        assert not is_alive(pid or 0)


def test_another_node_is_another_process(root: Path, tmp_path: Path) -> None:
    """As where the app's own version is elsewhere."""
    with early_host(root, needed_variables(os.environ), virtual=False) as host:
        assert host is not None
        assert host.take(tmp_path / "node", START, root, NEEDED) is None
        assert host.pid is None


def test_a_start_that_fails_ends_it(root: Path) -> None:
    """Whatever it was that failed."""
    block = early_host(root, needed_variables(os.environ), virtual=False)
    host = block.__enter__()
    assert host is not None
    pid = host.pid
    assert not block.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert not is_alive(pid or 0)


def test_what_does_not_look_like_an_app_in_javascript_begins_nothing(tmp_path: Path) -> None:
    """No manifest, one without a runtime, an app in Python, no folder, no such Node.js."""
    bare = write_app(tmp_path / "bare", {"src/index.js": SOURCE})
    plain = write_app(tmp_path / "plain", {"manifest.yml": "modules: {}\n"})
    python = write_python_app(tmp_path / "python")
    full = write_app(tmp_path / "full", {"manifest.yml": MANIFEST})
    for root, major in (
        (bare, None),
        (plain, None),
        (python, None),
        (bare / "no", None),
        (full, 99),
    ):
        with early_host(root, needed_variables(os.environ), virtual=True, major=major) as host:
            assert host is None


@in_event_loop
async def test_variables_of_the_app_are_given_later(root: Path) -> None:
    """In every thread, and the process is the one that was guessed."""
    app = app_of({"show": "src/index.js#show"})
    environment = {**NEEDED, "COLOUR": "green"}
    tools = tools_or_skip(root)
    with early_host(root, needed_variables(os.environ), virtual=False) as host:
        assert host is not None
        pid = host.pid
        early = EarlyStart.begin(
            app, Builder(root, "deploy", tools), root / "built", START, environment, host
        )
        assert early.host_pid == pid
        harness = RuntimeHarness(
            root, threads=first_threads(virtual=False), early=early, environment=environment
        )
        try:
            assert (await harness.runtime.load_app(app, 1)).ok
            assert early.host_pid is None
            printed = []
            for _ in range(3):
                name = harness.invoke("show")
                assert await harness.wait_for_outcome(name) == Success()
                printed += [line.message for line in harness.logs(name)]
        finally:
            await harness.runtime.close()
    assert printed == [f"{pid} green"] * 3
