"""`forge-emu` as a user runs it: a process, its records, its exit code."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TIMEOUT_SECONDS = 60.0
"""Real seconds after which a test gives up; no test depends on a shorter time."""

RecordJson = dict[str, Any]


def run_command(
    *arguments: str | Path, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "forge_emu", *map(str, arguments)],
        cwd=cwd,
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
        stdin=subprocess.DEVNULL,
    )


class EmulatorProcess:
    """A `forge-emu run --json` under way."""

    def __init__(self, app: Path, *arguments: str) -> None:
        self.app = app
        self.records: list[RecordJson] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "forge_emu", "run", str(app), "--json", *arguments],
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._lines: queue.Queue[bytes | None] = queue.Queue()
        self._errors: list[bytes] = []
        self._readers = [
            threading.Thread(target=self._read, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @property
    def stderr(self) -> str:
        """What it has said on stderr."""
        return b"".join(self._errors).decode()

    def wait_for(self, wanted: Callable[[RecordJson], bool]) -> RecordJson:
        """The next record that is wanted; every record on the way is in `records`."""
        while True:
            line = self._lines.get(timeout=TIMEOUT_SECONDS)
            assert line is not None, f"it ended: {self.stderr}\n{self.records[-3:]}"
            self.records.append(json.loads(line))
            if wanted(self.records[-1]):
                return self.records[-1]

    def wait_for_type(self, type: str) -> RecordJson:
        """The next record of a type."""
        return self.wait_for(lambda r: r["type"] == type)

    def wait_for_summary(self) -> RecordJson:
        """Wait for its end; answers the summary, which is the last line."""
        self.process.wait(TIMEOUT_SECONDS)
        for reader in self._readers:
            reader.join(TIMEOUT_SECONDS)
        self.close()
        while (line := self._lines.get(timeout=TIMEOUT_SECONDS)) is not None:
            self.records.append(json.loads(line))
        assert self.records[-1]["type"] == "summary", self.stderr
        return self.records[-1]

    def close(self) -> None:
        """End it, if it has not ended, and close its pipes."""
        self.process.kill()
        self.process.wait()
        for reader in self._readers:
            reader.join(TIMEOUT_SECONDS)
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe:
                pipe.close()

    def kill(self) -> None:
        """End it as the kernel would."""
        self.process.kill()
        self.process.wait(TIMEOUT_SECONDS)

    def interrupt(self) -> None:
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    def trigger_until_refused(self, app: Path) -> subprocess.CompletedProcess[str]:
        """Ask for events until they are refused, as they are once a stop has been asked for."""
        while True:
            done = run_command("trigger", "issue-deleted", "--app", app)
            if done.returncode:
                return done

    def records_of(self, type: str) -> list[RecordJson]:
        """The records of a type so far."""
        return [r for r in self.records if r["type"] == type]

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._errors.append(line)


@contextmanager
def running_emulator(app: Path, *arguments: str) -> Iterator[EmulatorProcess]:
    """An emulator that is ready."""
    run = EmulatorProcess(app, *arguments)
    try:
        run.wait_for_type("app.loaded")
        yield run
    finally:
        run.close()


def _environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
