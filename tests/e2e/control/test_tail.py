"""`tail` against a running emulator: filters, a restart, a reader that does not read."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.e2e import apps
from tests.e2e.emulator_process import TIMEOUT_SECONDS, run_command, running_emulator

pytestmark = pytest.mark.node

QUIET = "exports.created = () => console.log('heard'); exports.store = () => {};"


class Tail:
    """A `forge-emu tail` under way; `line` waits for its next line."""

    def __init__(self, app: Path, *arguments: str, command: str = "tail") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "forge_emu", command, "--app", str(app), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def until(self, word: str) -> str:
        """The next line that holds `word`."""
        while word not in (line := self._lines.get(timeout=TIMEOUT_SECONDS)):
            self.lines.append(line)
        self.lines.append(line)
        return line

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def close(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(TIMEOUT_SECONDS)
        self._reader.join(TIMEOUT_SECONDS)
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextmanager
def tailing(app: Path, *arguments: str) -> Iterator[Tail]:
    """A tail that is ended in any case."""
    tail = Tail(app, *arguments)
    try:
        yield tail
    finally:
        tail.close()


def send(app: Path, *arguments: str) -> None:
    """Trigger an event."""
    done = run_command("trigger", "issue-created", "--app", app, "--wait", *arguments)
    assert done.returncode == 0, done.stderr


def test_filters_choose_lines(tmp_path: Path) -> None:
    """By type, outcome and event, as lines and as records."""
    with running_emulator(apps.app_without_packages(tmp_path, QUIET)):
        send(tmp_path, "--count", "3")
        look = ("tail", "--app", tmp_path, "--no-follow")

        every = run_command(*look, "--json").stdout.splitlines()
        assert [json.loads(line)["seq"] for line in every] == list(range(1, len(every) + 1))

        logs = run_command(*look, "--json", "--type", "log").stdout.splitlines()
        assert [json.loads(line)["message"] for line in logs] == ["heard"] * 3

        one = run_command(*look, "--event", "EMU-2").stdout
        assert "EMU-2" in one
        assert "EMU-1" not in one
        assert "EMU-3" not in one

        done = run_command(*look, "--json", "--outcome", "succeeded").stdout.splitlines()
        assert {json.loads(line)["type"] for line in done} == {"product_event.succeeded"}

        later = run_command(*look, "--json", "--since", "5").stdout.splitlines()
        assert json.loads(later[0])["seq"] == 6


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--type", "event.pused"), "event.pushed"),
        (("--outcome", "fine"), "success"),
        (("--since", "yesterday"), "yesterday"),
        (("--event", "a"), "too short"),
    ],
)
def test_a_wrong_filter_is_an_error(tmp_path: Path, arguments: tuple[str, str], words: str) -> None:
    """It quotes the word and names what there is, before an emulator is looked for."""
    done = run_command("tail", "--app", tmp_path, *arguments)
    if arguments[0] != "--since":
        assert done.returncode == 2
        assert words in done.stderr
    assert arguments[1] in done.stderr or done.returncode == 3


def test_it_survives_a_restart_of_the_emulator(tmp_path: Path) -> None:
    """It waits, says so, and shows the next run from its first record."""
    app = apps.app_without_packages(tmp_path, QUIET)
    with running_emulator(app):
        tail = Tail(app, "--since", "all")
        send(app)
        tail.until("heard")
    try:
        tail.until("waiting for it to come back")
        with running_emulator(app):
            tail.until("the emulator is back")
            tail.until("ready")
            send(app)
            tail.until("heard")
    finally:
        tail.close()


def test_a_tail_that_does_not_read_is_dropped_alone(tmp_path: Path) -> None:
    """The emulator goes on; the notice is the last line of the stream."""
    app = apps.app_without_packages(
        tmp_path, "exports.created = () => console.log('x'.repeat(1500));exports.store = () => {};"
    )
    with running_emulator(app, "--limits", "off") as run:
        session = json.loads((app / ".forge-emu" / "session.json").read_text())
        headers = {"authorization": f"Bearer {session['token']}"}
        url = f"{session['url']}/v1/records?follow=1"
        with httpx.stream(
            "GET", url, headers=headers, timeout=TIMEOUT_SECONDS, trust_env=False
        ) as answer:
            send(app, "--count", "8000")
            run.wait_for(lambda r: r["type"] == "product_event.succeeded")
            last = b"".join(answer.iter_raw()).splitlines()[-1]
        notice = json.loads(last)
        assert notice["type"] == "tail.dropped"
        assert notice["missed"] > 0
        send(app)


PRINTS = """
exports.created = (event) => { console.warn('heard', event.issue.key); console.log('done'); };
exports.store = () => {};
"""


def test_logs_are_what_handlers_print(tmp_path: Path) -> None:
    """Of all, of a function, of an event, of a level; nothing of what is not there."""

    def lines(*arguments: str) -> list[str]:
        done = run_command("logs", "--app", tmp_path, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    with running_emulator(apps.app_without_packages(tmp_path, PRINTS)):
        send(tmp_path, "--count", "2")
        assert len(lines()) == 4
        (line,) = lines("EMU-2", "--level", "warn")
        assert "heard EMU-2" in line
        assert lines("created", "--level", "info", "--json") == lines("--json")
        id = json.loads(lines("EMU-1", "--json")[0])["who"]["product_event_id"]
        assert [line.split("  ")[-1] for line in lines(id[:8])] == ["heard EMU-1", "done"]
        assert lines("store") == []
        assert "no line of 'store' yet" in run_command("logs", "store", "--app", tmp_path).stderr
        with following_logs(tmp_path, "EMU-3") as logs:
            send(tmp_path)
            assert "heard EMU-3" in logs.until("EMU-3")


@contextmanager
def following_logs(app: Path, target: str) -> Iterator[Tail]:
    """A `forge-emu logs --follow` that is ended in any case."""
    logs = Tail(app, target, "--follow", command="logs")
    try:
        yield logs
    finally:
        logs.close()
