"""A name that does not exist gets the one that was meant, whatever it is a name of."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import AppDir, Call
from tests.manifest.sample import MANIFEST


@pytest.fixture
def app(app_dir: AppDir) -> Path:
    """An app of two Python files."""
    files = {"src/index.py": "def push(): pass\n", "src/jobs/worker.py": "def consume(): pass\n"}
    return app_dir({**files, "manifest.yml": MANIFEST.replace("queue/worker", "jobs/worker")})


@pytest.mark.parametrize(
    ("written", "meant"), [("indx.push", "index.push"), ("job/worker.push", "jobs/worker.push")]
)
def test_a_handlers_file(app: Path, call: Call, written: str, meant: str) -> None:
    """Of those that lie in the app."""
    manifest = app / "manifest.yml"
    manifest.write_text(manifest.read_text().replace("index.push", written))
    said = call("check", app, "--no-code")
    assert f"Did you mean {meant}?" in said.out


def test_a_handlers_file_that_is_like_no_other(app: Path, call: Call) -> None:
    """Where it was looked for is said."""
    manifest = app / "manifest.yml"
    manifest.write_text(manifest.read_text().replace("index.push", "zzzzz.push"))
    said = call("check", app, "--no-code")
    assert "Did you mean" not in said.out
    assert "Looked in src/, relative to the app." in said.out


def test_an_outcome(app: Path, call: Call) -> None:
    """Of those that records have."""
    said = call("tail", "--outcome", "erorr", "--app", app)
    assert (said.code, "Did you mean error" in said.err) == (2, True)


def test_a_queue_that_is_followed(app: Path, call: Call) -> None:
    """Nothing would be printed, and nobody would know why."""
    queue = "no-such-queue"
    said = call("tail", "--queue", queue, "--app", app)
    assert f"no consumer of the app has a queue {queue!r}. " in said.err
