"""An emulator under test: a process, its records, and the disruptions it can be given."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from forge_emu.control.client import Client
from forge_emu.control.session import find_session
from tests.torture.app import EVIDENCE_FILE

TIMEOUT_SECONDS = 600.0
"""Real seconds without a word after which an emulator counts as stuck."""


class EmulatorUnderTest:
    """One run, from its start to its kill."""

    def __init__(self, app: Path, *options: str) -> None:
        self.app = app
        self.seen: Counter[str] = Counter()
        self.ready_seconds = 0.0
        self._began = time.monotonic()
        self._records: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._errors = (app / "stderr.txt").open("ab")
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.torture.emulator",
                "run",
                str(app),
                "--json",
                # Handlers write down in the app's folder what they did.
                "--layout",
                "source",
                *options,
            ],
            env={
                **os.environ,
                "TORTURE_DISK": str(app / "disk"),
                "FORGE_USER_VAR_EVIDENCE": str(app / EVIDENCE_FILE),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with suppress(ValueError, OSError):
            for line in self.process.stdout:
                with suppress(json.JSONDecodeError):
                    self._records.put(json.loads(line))
        self._records.put(None)

    def wait_for(self, *types: str, message: str = "") -> dict[str, Any] | None:
        """The next record of these types; None when the run has ended instead."""
        while (record := self._records.get(timeout=TIMEOUT_SECONDS)) is not None:
            self.seen[record["type"]] += 1
            if record["type"] == "app.loaded":
                self.ready_seconds = time.monotonic() - self._began
            if record["type"] in types and message in record.get("message", ""):
                return record
        return None

    def wait_for_records(self, records: int) -> None:
        """Return when it has said so many more things, or has nothing to say for a while."""
        for _ in range(records):
            try:
                record = self._records.get(timeout=2)
            except queue.Empty:
                return
            if record is None:
                return
            self.seen[record["type"]] += 1

    def client(self) -> Client:
        """Its control API."""
        return Client(find_session(self.app))

    def kill(self) -> None:
        """As the kernel would."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._errors.close()

    def kill_hosts(self) -> int:
        """End the processes that run its handlers, and answer how many."""
        pids = (
            Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        )
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        return len(pids)
