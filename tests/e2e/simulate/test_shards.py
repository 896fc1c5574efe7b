"""Ten machines play the sample app, each its shard of the seeds; merged they equal one machine."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.e2e.emulator_process import run_command

pytestmark = pytest.mark.node

SAMPLE = Path(__file__).parents[3] / "sample_app"
COMMAND = ("issue-created:12", "--seeds", "10", "--set", "limits.kvs.write_units_per_minute=20")
CONDITIONS = ("--fail-on", "dropped>2,p95>11m", "--fail-on", "retries>99")


def simulate(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Play the sample app."""
    return run_command("simulate", SAMPLE, *COMMAND, *CONDITIONS, *arguments)


def results_of(done: subprocess.CompletedProcess[str]) -> list[str]:
    """What is printed, without what is said of the Node.js of the machine that plays."""
    lines = done.stderr.splitlines()
    return [done.stdout, *(line for line in lines if "it runs here in Node.js" not in line)]


def test_ten_shards_merged_equal_one_run(tmp_path: Path) -> None:
    """Byte for byte, as text, as JSON, as JUnit and as a page."""
    files = [tmp_path / f"{number}.json" for number in range(1, 11)]
    for number, file in enumerate(files, 1):
        done = simulate("--shard", f"{number}/10", "--shard-file", str(file), "--jobs", "1")
        assert f"wrote {file}" in done.stderr
    for form in ((), ("--json",)):
        xml, page = tmp_path / "junit.xml", tmp_path / "page.html"
        options = (*form, "--junit", str(xml), "--report", str(page))
        whole = simulate(*options)
        written = xml.read_bytes(), page.read_bytes()
        merged = run_command("merge", *files, *options)
        assert whole.returncode == merged.returncode == 1
        assert results_of(merged) == results_of(whole)
        assert (xml.read_bytes(), page.read_bytes()) == written
    assert len({file.read_bytes() for file in files}) == 10
