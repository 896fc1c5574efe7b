"""Apps on the packages of some years ago: no runtime, resolvers, `storage` of `@forge/api`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.emulator_process import run_command
from tests.e2e.situations import copied_app, of, played, printed


@pytest.mark.node
@pytest.mark.parametrize("packages", ["api2", "api3", "api4"])
def test_each_version_reaches_queue_store_and_site(packages: str, tmp_path: Path) -> None:
    """An event pushes, its consumer asks for a retry, reads the issue and stores; time tidies."""
    app = copied_app("older", tmp_path, packages)
    records, summary = played(app, "issue-created:2", "--until", "26h")
    said = printed(records)
    assert sorted(line for line in said if line.startswith("queued")) == [
        "queued EMU-1 201",
        "queued EMU-2 201",
    ]
    assert sorted(line for line in said if line.startswith("imported")) == [
        "imported EMU-1 string",
        "imported EMU-2 string",
    ]
    assert [line for line in said if line.startswith("tidied")] == ["tidied 2", "tidied 0"]
    assert (summary["events"]["succeeded"], len(of(records, "retry.scheduled"))) == (2, 2)
    assert not of(records, "request.unsupported")


@pytest.mark.node
def test_check_takes_the_old_forms_as_what_they_are(tmp_path: Path) -> None:
    """Nothing of `@forge/events` 2 or 3 is asked of version 0; the old store is named once."""
    done = run_command("check", copied_app("older", tmp_path, "api3"), "--json")
    found = [(p["rule"], p["severity"]) for p in json.loads(done.stdout)["problems"]]
    assert found == [
        ("runtime-refused", "error"),
        ("unknown-property", "warning"),
        ("resource-missing", "warning"),
        ("package-json", "warning"),
        ("storage-deprecated", "warning"),
    ]
