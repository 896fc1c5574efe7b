"""`trigger` of files of payloads, and of events that no trigger wants."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e import apps
from tests.e2e.emulator_process import run_command, running_emulator
from tests.python_app import write_app


def test_an_event_that_nobody_wants_is_said_and_sent(tmp_path: Path) -> None:
    """On stderr, with what the app listens to."""
    with running_emulator(write_app(tmp_path)) as run:
        done = run_command("trigger", "page-moved", "--app", tmp_path)
        sent = run.wait_for_type("product_event.sent")

    assert (done.returncode, sent["name"]) == (0, "avi:confluence:moved:page")
    assert done.stderr == (
        "warning: no trigger of the app wants avi:confluence:moved:page; it listens to "
        "avi:jira:created:issue. Sent all the same.\n"
    )


def test_lines_of_payloads_are_sent_once_each(tmp_path: Path) -> None:
    """In virtual time at their own spacing; a bad line sends nothing."""
    write_app(tmp_path)
    created = {"eventType": "avi:jira:created:issue"}
    rows = [
        {"payload": {**created, "issue": {"key": f"EMU-{n}"}}, "time": n * 60_000}
        for n in (1, 2, 3)
    ]
    (tmp_path / "events.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "bad.jsonl").write_text(f"{json.dumps(rows[0])}\n{{}}\n")
    with running_emulator(tmp_path, "--virtual") as run:
        bad = run_command("trigger", "--data", tmp_path / "bad.jsonl", "--app", tmp_path)
        done = run_command(
            "trigger", "--data", tmp_path / "events.jsonl", "--wait", "--app", tmp_path
        )
        run.wait_for(lambda r: r["type"] == "product_event.succeeded" and r["at"] >= 120_000)
        sent = run.records_of("product_event.sent")

    assert (bad.returncode, done.returncode) == (2, 0), done.stderr
    assert "bad.jsonl:2 does not say which event it is" in bad.stderr
    assert [(r["subject"], r["at"]) for r in sent] == [
        ("EMU-1", sent[0]["at"]),
        ("EMU-2", sent[0]["at"] + 60_000),
        ("EMU-3", sent[0]["at"] + 120_000),
    ]


@pytest.mark.node
@pytest.mark.parametrize(
    ("event", "meant"),
    [
        ("avi:jira:issue:created", "avi:jira:created:issue"),
        ("avi:confluence:created:space", "avi:confluence:created:space:V2"),
        ("avi:jira:Created:Issue", "avi:jira:created:issue"),
    ],
)
def test_a_misspelt_event_of_a_manifest_is_said_at_load_and_at_trigger(
    event: str, meant: str, tmp_path: Path
) -> None:
    """It never fires: the manifest's place and what was meant, and nobody hears the right one."""
    app = apps.app_without_packages(
        tmp_path, "exports.created = () => {}; exports.store = () => {};"
    )
    manifest = (app / "manifest.yml").read_text("utf-8")
    (app / "manifest.yml").write_text(manifest.replace("avi:jira:created:issue", event))
    with running_emulator(app) as run:
        (loaded,) = run.records_of("app.loaded")
        done = run_command("trigger", meant, "--app", app)
        sent = run.wait_for_type("product_event.sent")

    (problem,) = [p for p in loaded["problems"] if event in p["message"]]
    assert meant in problem["message"] + (problem["hint"] or "")
    assert sent["name"] == meant
    assert f"no trigger of the app wants {meant}; it listens to {event}" in done.stderr
