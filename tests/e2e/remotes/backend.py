"""The backend of `tests/apps/remote_events` as a process, and runs of its app."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.e2e.emulator_process import run_command

APP = ROOT / "tests" / "apps" / "remote_events"
WAYS = ROOT / "tests" / "apps" / "remote_ways"
WAYS_ID = "ari:cloud:ecosystem::app/7e2d1f60-41c8-4c5d-9a53-0f5c1f7e9d21"
APP_ID = "ari:cloud:ecosystem::app/3d0f6c1e-8a57-4b0e-9a9c-5f1f4d6f2b10"


def free_port() -> int:
    """A port that nobody listens at now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


class Backend:
    """A backend under way: its address, and at its end the requests that it got."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        assert process.stdout is not None
        self.url = process.stdout.readline().strip()
        self.requests: list[dict[str, Any]] = []

    def stop(self) -> None:
        """End it, and read what it has said."""
        self._process.terminate()
        said, _ = self._process.communicate()
        self.requests = [json.loads(line) for line in said.splitlines()]


@contextmanager
def backend(jwks_port: int, *answers: str) -> Iterator[Backend]:
    """A backend that verifies tokens with the keys at `jwks_port` of this machine."""
    jwks = f"http://127.0.0.1:{jwks_port}/.well-known/jwks.json"
    with _backend_process(APP / "remote.py", APP_ID, jwks, *answers) as found:
        yield found


@contextmanager
def working_backend(emulator_port: int, failures: int = 0) -> Iterator[Backend]:
    """That of `tests/apps/remote_ways`, which calls the platform's APIs at that port."""
    url = f"http://127.0.0.1:{emulator_port}"
    with _backend_process(WAYS / "remote.py", WAYS_ID, url, str(failures)) as found:
        yield found


@contextmanager
def _backend_process(*arguments: str | Path) -> Iterator[Backend]:
    process = subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    found = Backend(process)
    try:
        yield found
    finally:
        found.stop()


def run_events(
    folder: Path, *options: str, port: int = 0, app: Path = APP, clock: str = "--virtual"
) -> tuple[list[dict[str, Any]], str]:
    """The records of one created issue in virtual time, and what was said on stderr."""
    copy = folder / "app"
    if not copy.exists():
        shutil.copytree(app, copy)
    done = run_command(
        "run", copy, clock, "--until-idle", "--json", "--no-watch", "--seed", "7",
        "--trigger", "issue-created", "--port", str(port), *options,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def of_type(records: list[dict[str, Any]], type: str) -> list[dict[str, Any]]:
    """The records of a type."""
    return [record for record in records if record["type"] == type]
