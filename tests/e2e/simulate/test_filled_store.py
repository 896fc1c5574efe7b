"""Simulations that begin with a filled store, or with a whole exported state."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.apps import MANIFEST, write_files
from tests.e2e.emulator_process import EmulatorProcess, run_command

MANIFEST_WITH_ENTITY = MANIFEST.replace(
    "  runtime:\n",
    "  storage:\n    entities:\n      - {name: person, attributes: {age: {type: integer}},"
    " indexes: [age]}\n  runtime:\n",
)
READS = """\
from forge_emu.sdk import Queue, kvs

async def created(event):
    person = await kvs.entity("person").get("p")
    token = await kvs.get_secret("token")
    print(await kvs.get("settings"), len(token or ""), person, await kvs.get("seen"))
    await kvs.set("seen", event["issue"]["key"])
    await Queue(key="store-later").push({"body": {}, "delay_in_seconds": 600})

async def store(event):
    print("stored")
"""
STORE = [
    {"key": "settings", "value": {"on": True}},
    {"key": "token", "value": "hush-hush", "secret": True},
    {"key": "p", "entity": "person", "value": {"age": 40}},
]


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An app that prints what its store holds, and a file with values beside it."""
    write_files(
        tmp_path,
        {
            "app/manifest.yml": MANIFEST_WITH_ENTITY,
            "app/src/index.py": READS,
            "store.json": json.dumps(STORE),
        },
    )
    return tmp_path / "app"


def printed(app: Path, *arguments: str | Path) -> list[str]:
    """What the handlers of a simulation print."""
    records = app.parent / "records.jsonl"
    done = run_command("simulate", app, *arguments, "--records", records)
    assert done.returncode == 0, done.stderr
    lines: list[dict[str, Any]] = [json.loads(line) for line in records.read_text().splitlines()]
    return [r["message"] for r in lines if r["type"] == "log" and r["invocation_id"]]


FILLED = "{'on': True} 9 {'age': 40} None"


def test_the_values_of_a_file_are_there(app: Path) -> None:
    """Values, secrets and entities; without the file, nothing."""
    assert printed(app, "issue-created", "--kvs", app.parent / "store.json")[0] == FILLED
    assert printed(app, "issue-created")[0] == "None 0 None None"


def test_a_scenario_has_values_or_names_a_file(app: Path) -> None:
    """The command line comes last."""
    steps = "steps: [{event: issue-created}]\n"
    write_files(
        app.parent,
        {
            "inline.yml": f"kvs: {{settings: 1, seen: x}}\n{steps}",
            "named.yml": f"kvs: store.json\n{steps}",
            "more.json": '{"settings": 2}',
        },
    )
    more = app.parent / "more.json"

    assert printed(app, app.parent / "inline.yml")[0] == "1 0 None x"
    assert printed(app, app.parent / "named.yml")[0] == FILLED
    assert printed(app, app.parent / "inline.yml", "--kvs", more)[0] == "2 0 None x"


@pytest.mark.parametrize(
    "options", [("--seeds", "3"), ("--compare", "delivery.order=fifo,shuffle")]
)
def test_every_run_begins_with_the_same(app: Path, options: tuple[str, str]) -> None:
    """What one run has stored is not there in the next: `seen` would fail them."""
    source = READS.replace("print(", "assert await kvs.get('seen') is None; print(", 1)
    write_files(app, {"src/index.py": source})
    arguments = ("issue-created", "--kvs", app.parent / "store.json", *options)

    done = run_command("simulate", app, *arguments, "--fail-on", "retries>0")

    assert done.returncode == 0, done.stderr


def test_an_error_in_a_scenario_names_its_line(app: Path) -> None:
    """The place of the key, not of the list."""
    scenario = app.parent / "bad.yml"
    scenario.write_text("steps: [{event: issue-created}]\nkvs:\n  fine: 1\n  'no/good': 2\n")

    done = run_command("simulate", app, scenario)

    assert done.returncode == 2
    assert "bad.yml:4:3 the store cannot hold 'no/good'" in done.stderr


def test_an_exported_state_goes_on(app: Path) -> None:
    """Its pending event comes at its time, its values are there, and the file stays as it was."""
    running = EmulatorProcess(app, "--trigger", "issue-created")
    running.wait_for_type("event.pushed")
    running.interrupt()
    running.wait_for_summary()
    state = app.parent / "monday.state"
    assert run_command("state", "export", state, "--app", app).returncode == 0
    before = state.read_bytes()

    first = printed(app, "issue-created", "--state", state)
    again = printed(app, "issue-created", "--state", state, "--kvs", app.parent / "store.json")

    assert printed(app, "--state", state) == ["stored"]  # what waits is enough to simulate
    assert first == ["None 0 None EMU-1", "stored", "stored"]
    assert again == [FILLED.replace("None", "EMU-1"), "stored", "stored"]
    assert state.read_bytes() == before


def test_a_run_in_memory_begins_with_a_filled_store_too(app: Path) -> None:
    """`run --virtual`; a run whose state is kept refuses, and says what to do instead."""
    arguments = ("--trigger", "issue-created", "--until-idle", "--kvs", app.parent / "store.json")
    shutil.rmtree(app / ".forge-emu", ignore_errors=True)

    virtual = run_command("run", app, "--virtual", "--plain", *arguments)
    kept = run_command("run", app, *arguments)

    assert FILLED in virtual.stdout
    assert kept.returncode == 2
    assert "forge-emu kvs import FILE" in kept.stderr
