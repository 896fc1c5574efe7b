"""Apps of `tests/apps/`, each a situation that public apps are in, copied to be run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.e2e import apps
from tests.e2e.emulator_process import RecordJson, run_command
from tests.runtime.node.packages.probe_app import PACKAGE_SETS


def copied_app(name: str, root: Path, packages: str | None = None) -> Path:
    """The app `name` in `root`, with a set of packages by the major version of `@forge/api`."""
    app = root / name
    shutil.copytree(ROOT / "tests" / "apps" / name, app)
    if packages is not None:
        apps.link_packages(app, PACKAGE_SETS[packages])
    return app


def played(app: Path, *arguments: str | Path) -> tuple[list[RecordJson], dict[str, Any]]:
    """The records of a simulation without further runs, and its summary."""
    file = app.parent / "records.jsonl"
    options = ("--no-tries", "--json", "--records", file)
    done = run_command("simulate", app, *arguments, *options)
    assert done.returncode == 0, done.stdout + done.stderr
    summary: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return [json.loads(line) for line in file.read_text().splitlines()], summary


def printed(records: list[RecordJson]) -> list[str]:
    """What handlers printed, in order."""
    return [r["message"] for r in records if r["type"] == "log" and r.get("invocation_id")]


def of(records: list[RecordJson], type: str, **fields: object) -> list[RecordJson]:
    """The records of a type with these fields."""
    return [
        r
        for r in records
        if r["type"] == type and all(r.get(name) == value for name, value in fields.items())
    ]
