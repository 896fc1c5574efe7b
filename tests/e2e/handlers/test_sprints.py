"""A real app that plans sprints, answered by the site."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e import apps
from tests.e2e.emulator_process import run_command

pytestmark = pytest.mark.node
FILES = ("manifest.yml", "site.yml", "src/index.js")
SOURCE = Path(__file__).parents[2] / "apps" / "sprints"


def test_what_is_left_of_a_sprint_goes_into_the_next_one(tmp_path: Path) -> None:
    """The app's own writes make the events that it hears of."""
    root = apps.write_files(
        tmp_path / "app",
        {name: (SOURCE / name).read_text("utf-8") for name in FILES},
    )
    apps.link_packages(root, {"@forge/events": "^2", "@forge/api": "^7"})
    file = tmp_path / "records.jsonl"
    done = run_command("simulate", root, "sprint-closed", "--json", "--records", file)
    assert done.returncode == 0, done.stderr
    records = [json.loads(line) for line in file.read_text().splitlines()]
    said = [r["message"] for r in records if r["type"] == "log" and r["invocation_id"]]

    assert sorted(said) == [
        "After EMU Sprint 1 begins with 2: 2 found",
        "EMU-1 Sprint After EMU Sprint 1",
        "EMU-2 Sprint After EMU Sprint 1",
        "carried EMU-1,EMU-2 201 204 200 404",
    ]
    made = [
        name for r in records if r["type"] == "request.answered" for name in r.get("events", ())
    ]
    assert made == [
        "avi:jira-software:created:sprint",
        "avi:jira:updated:issue",
        "avi:jira:updated:issue",
        "avi:jira-software:started:sprint",
    ]
