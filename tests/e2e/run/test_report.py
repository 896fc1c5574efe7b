"""`forge-emu run` with --report and --trace, as a user calls it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.e2e import apps
from tests.e2e.emulator_process import EmulatorProcess, run_command

pytestmark = pytest.mark.node


def _embedded(page: Path) -> dict[str, object]:
    (text,) = re.findall(r'id="run">(.*?)</script>', page.read_text("utf-8"), re.S)
    found: dict[str, object] = json.loads(text)
    return found


def test_a_run_writes_its_report_and_its_trace(tmp_path: Path) -> None:
    """The page holds the summary that was printed, the trace every invocation of the records."""
    page, trace = tmp_path / "out.html", tmp_path / "out.json"
    run = EmulatorProcess(
        apps.queued_app(tmp_path),
        "--trigger",
        "issue-created",
        "--count",
        "50",
        "--until-idle",
        "--virtual",
        "--seed",
        "5",
        "--set",
        "limits.kvs.write_units_per_minute=20",
        "--report",
        str(page),
        "--trace",
        str(trace),
    )
    summary = run.wait_for_summary()

    assert run.process.returncode == 0, run.stderr
    assert f"wrote {page}" in run.stderr
    assert _embedded(page)["summary"] == summary
    events = json.loads(trace.read_text("utf-8"))["traceEvents"]
    assert sum(e["ph"] == "X" for e in events) == len(run.records_of("invocation.finished"))
    (advice,) = (a for a in summary["advice"] if a["rule"] == "kvs_rate")
    assert all(re.fullmatch(r"src/[\w/]+\.[jt]s:\d+", place) for place in advice["places"])
    assert advice["places"]


def test_an_interrupted_run_writes_its_report_too(tmp_path: Path) -> None:
    """Ctrl-C once: what runs is let finish, and the rest is reported as pending."""
    page = tmp_path / "out.html"
    run = EmulatorProcess(
        apps.queued_app(tmp_path),
        "--trigger",
        "issue-created",
        "--count",
        "50",
        "--set",
        "limits.kvs.write_units_per_minute=1",
        "--report",
        str(page),
    )
    run.wait_for_type("retry.scheduled")
    run.interrupt()
    summary = run.wait_for_summary()

    assert summary["events"]["pending"] > 0
    assert _embedded(page)["summary"] == summary


def test_a_report_that_cannot_be_written_stops_the_run_before_it_starts(tmp_path: Path) -> None:
    """One line that names the option."""
    done = run_command(
        "run", apps.queued_app(tmp_path), "--report", tmp_path / "no" / "out.html", "--until-idle"
    )

    assert done.returncode == 2
    assert "--report: there is no directory" in done.stderr
    assert "Traceback" not in done.stderr
