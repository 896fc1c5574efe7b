"""Apps on the packages of some years ago: no runtime, resolvers, `storage` of `@forge/api`."""

from __future__ import annotations

from pathlib import Path

import pytest

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
