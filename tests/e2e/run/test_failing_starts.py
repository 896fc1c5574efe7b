"""Starts that fail leave no process behind, wherever they fail."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from forge_emu.runtime.node.tools import find_node
from tests.e2e.emulator_process import TIMEOUT_SECONDS
from tests.python_app import MANIFEST
from tests.runtime.node.harness import tools_or_skip, write_app

pytestmark = pytest.mark.node

SOURCE = "export const listen = () => {};\n"
BROKEN = MANIFEST.replace("function: listen", "function: nobody")
PACKAGES = '{"dependencies": {"not-installed": "1.0.0"}}'


class Hosts:
    """The processes of the host program: each has the pipe open, and says so when it starts."""

    def __init__(self, pipe: Path) -> None:
        self._descriptor = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    def wait_for_start(self) -> None:
        """Wait until one has started."""
        assert select.select([self._descriptor], [], [], TIMEOUT_SECONDS)[0]

    def read_to_end(self) -> list[str]:
        """The ids of all that have started, once the last one has ended."""
        told = b""
        while True:
            try:
                read = os.read(self._descriptor, 4096)
            except BlockingIOError:
                if not select.select([self._descriptor], [], [], TIMEOUT_SECONDS)[0]:
                    raise TimeoutError(f"still there, of these: {told!r}") from None
                continue
            if not read:
                return told.decode().split()
            told += read

    def close(self) -> None:
        """Look at them no more."""
        os.close(self._descriptor)


@pytest.fixture
def hosts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hosts]:
    """What is started of the `node` on the PATH, which is a script that holds the pipe open."""
    tools_or_skip(tmp_path)
    pipe, folder = tmp_path / "started", tmp_path / "bin"
    os.mkfifo(pipe)
    folder.mkdir()
    script = folder / "node"
    host = f"*host.cjs*) exec 9>'{pipe}'; echo $$ >&9;;"
    script.write_text(
        f'#!/bin/sh\ncase "$*" in {host} esac\nexec \'{find_node().path.resolve()}\' "$@"\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    # What is missing cannot be installed.
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    hosts = Hosts(pipe)
    yield hosts
    hosts.close()


def write_files(root: Path, manifest: str, package: str) -> Path:
    """An app for the node on the PATH, whatever its version is."""
    manifest = manifest.replace("nodejs22.x", "nodejs20.x")
    files = {"manifest.yml": manifest, "package.json": package, "src/index.js": SOURCE}
    return write_app(root, files)


def begin(*arguments: str | Path) -> subprocess.Popen[bytes]:
    """A command under way."""
    command = [sys.executable, "-m", "forge_emu", *map(str, arguments)]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(
        command, stdin=quiet, stdout=quiet, stderr=quiet, preexec_fn=_hear_interrupts
    )


def _hear_interrupts() -> None:
    # What a shell runs in the background ignores them, and so do its children.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("command", ["run", "simulate"])
@pytest.mark.parametrize(
    ("manifest", "package", "options", "begun"),
    [
        (BROKEN, "{}", ["--limits", "off"], 1),
        (MANIFEST, PACKAGES, ["--no-install"], 1),
        (MANIFEST, "{}", ["--fault", "nonsense"], 1),
        (MANIFEST, "{}", ["--node", "99"], 0),
    ],
    ids=["bad manifest", "missing packages", "bad option", "unknown node"],
)
def test_a_start_that_fails_leaves_no_process(
    tmp_path: Path,
    hosts: Hosts,
    command: str,
    manifest: str,
    package: str,
    options: list[str],
    begun: int,
) -> None:
    """Node.js had begun before it failed, where its version was known; it may not have got far."""
    root = write_files(tmp_path / "app", manifest, package)
    event = ["issue-created"] if command == "simulate" else []
    assert begin(command, root, *event, *options).wait(TIMEOUT_SECONDS) == 2
    assert len(hosts.read_to_end()) <= begun


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("command", ["run", "simulate"])
def test_an_end_at_once_leaves_no_process(
    tmp_path: Path, hosts: Hosts, command: str, number: signal.Signals
) -> None:
    """As soon as Node.js has begun."""
    root = write_files(tmp_path / "app", MANIFEST, "{}")
    event = ["issue-created:100000"] if command == "simulate" else []
    process = begin(command, root, *event)
    hosts.wait_for_start()
    process.send_signal(number)
    assert process.wait(TIMEOUT_SECONDS) != 0
    assert len(hosts.read_to_end()) == 1


def test_a_run_has_one_process(tmp_path: Path, hosts: Hosts) -> None:
    """The one that began before the app was read."""
    root = write_files(tmp_path / "app", MANIFEST, "{}")
    assert begin("run", root, "--until-idle", "--ephemeral").wait(TIMEOUT_SECONDS) == 0
    assert len(hosts.read_to_end()) == 1
