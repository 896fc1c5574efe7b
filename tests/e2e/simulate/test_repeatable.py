"""A seed repeats a run, whatever of the machine handlers look at, and however busy that is."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.e2e import apps
from tests.e2e.emulator_process import RecordJson, run_command
from tests.e2e.simulate import javascript_snippets, snippets

BUSY = "while True: pass"


@pytest.fixture
def busy_machine() -> Iterator[None]:
    """Another process that takes all it can get."""
    other = subprocess.Popen([sys.executable, "-c", BUSY])
    yield
    other.kill()
    other.wait()


def simulate(app: Path, records: Path) -> list[RecordJson]:
    """The records of a run with two events."""
    done = run_command(
        *("simulate", app, "issue-created", "--count", "2", "--records", records),
        *("--set", "product_events.max_retries=0", "--seed", "7"),
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in records.read_text().splitlines()]


def said_by(records: list[RecordJson], names: list[str]) -> dict[str, list[tuple[int, str]]]:
    """By the name of a snippet: when it printed what, and how it ended."""
    functions = {
        r["invocation_id"]: names[int(r["function"][1:])]
        for r in records
        if r["type"] == "invocation.started"
    }
    said: dict[str, list[tuple[int, str]]] = {name: [] for name in names}
    for r in records:
        if r["type"] in ("log", "invocation.finished"):
            text = r["message"] if r["type"] == "log" else f"{r['outcome']} {r['error']}"
            said[functions[r["invocation_id"]]].append((r["at"], text))
    return said


@pytest.mark.node
@pytest.mark.usefixtures("busy_machine")
def test_javascript_handlers_say_the_same_again(tmp_path: Path) -> None:
    """Every snippet succeeds, and prints the same at the same time."""
    source = javascript_snippets.javascript_source()
    check_repeats(tmp_path, javascript_snippets.JAVASCRIPT, "src/index.js", source)


@pytest.mark.usefixtures("busy_machine")
def test_python_handlers_say_the_same_again(tmp_path: Path) -> None:
    """Every snippet succeeds, and prints the same at the same time."""
    check_repeats(tmp_path, snippets.PYTHON, "src/index.py", snippets.python_source())


def check_repeats(folder: Path, table: Mapping[str, str], file: str, source: str) -> None:
    """Run an app of a table of snippets twice."""
    files = {"manifest.yml": snippets.manifest(len(table)), file: source}
    app = apps.write_files(folder / "app", files)
    first, second = (simulate(app, folder / f"{n}.jsonl") for n in range(2))
    again = said_by(second, list(table))
    for name, said in said_by(first, list(table)).items():
        assert said == again[name], name
        ends = [text for _, text in said if text.startswith(("success", "error", "timeout"))]
        assert ends == ["success None"] * 2, name
    assert first == second


@pytest.mark.node
def test_what_no_seed_repeats_is_named_once(tmp_path: Path) -> None:
    """As a warning of the invocation that uses it."""
    source = """\
const crypto = require('crypto');
exports.f0 = async () => {
  const { privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
  crypto.sign('sha256', Buffer.from('x'), privateKey);
  crypto.createSign('sha256').update('x').sign(privateKey);
  const { Worker } = require('worker_threads');
  await new Promise((resolve) => new Worker('', { eval: true }).on('exit', resolve));
};
"""
    files = {"manifest.yml": snippets.manifest(1), "src/index.js": source}
    records = simulate(apps.write_files(tmp_path / "app", files), tmp_path / "records.jsonl")
    logs = [r for r in records if r["type"] == "log"]
    assert [r["level"] for r in logs] == ["warn"] * 2
    assert [r["message"].split(":")[0] for r in logs] == [
        "what a signature adds by chance of OpenSSL's own",
        "a worker thread has a clock, chance and speed of its own",
    ]


def test_a_handler_that_waits_for_ever_ends_at_its_timeout(tmp_path: Path) -> None:
    """Nothing of it can ever run again, so that time does not wait for it."""
    source = """\
import queue
from concurrent.futures import ThreadPoolExecutor

def f0(event):
    pool = ThreadPoolExecutor(2)
    print(pool.submit(sum, [1, 2]).result())
    queue.Queue().get()
"""
    files = {"manifest.yml": snippets.manifest(1), "src/index.py": source}
    records = simulate(apps.write_files(tmp_path / "app", files), tmp_path / "records.jsonl")
    ended = [r for r in records if r["type"] == "invocation.finished"]
    assert [(r["outcome"], r["at"]) for r in ended] == [("timeout", 25_000)] * 2
    assert [r["message"] for r in records if r["type"] == "log"] == ["3"] * 2
