"""Schedules that a remote handles: delivered over HTTP, and never retried."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

from tests.e2e.emulator_process import run_command, running_emulator
from tests.e2e.remotes.backend import APP, backend, free_port, of_type


def test_a_schedule_calls_its_endpoint_and_is_not_retried(tmp_path: Path) -> None:
    """Each run is one request with a token, whatever came of the one before."""
    manifest = (APP / "manifest.yml").read_text()
    trigger = manifest[manifest.index("  trigger:") : manifest.index("\n  endpoint:") + 1]
    schedule = "  scheduledTrigger: [{key: hourly, endpoint: issue-created, interval: hour}]\n"
    (tmp_path / "manifest.yml").write_text(manifest.replace(trigger, schedule))
    port, file = free_port(), tmp_path / "records.jsonl"
    with (
        running_emulator(tmp_path, "--port", str(port), "--no-watch"),
        backend(port, "500", "204") as remote,
    ):
        done = run_command(
            "simulate", tmp_path, "--until", "3h", "--remote", f"backend={remote.url}",
            "--records", file,
        )  # fmt: skip

    assert done.returncode == 0, done.stderr
    records = [json.loads(line) for line in file.read_text().splitlines()]
    finished = of_type(records, "invocation.finished")
    assert [r["outcome"] for r in finished] == ["error", "success", "success"]
    assert {b["at"] - a["at"] for a, b in pairwise(finished)} == {3_600_000}
    assert not of_type(records, "retry.scheduled")
    modules = [request["body"]["payload"]["context"]["moduleKey"] for request in remote.requests]
    assert modules == ["hourly"] * 3
    assert all("x-forge-oauth-user" not in request["headers"] for request in remote.requests)
    assert all("error" not in request["claims"] for request in remote.requests)
