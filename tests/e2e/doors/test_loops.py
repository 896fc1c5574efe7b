"""Handlers that write what they hear of: comments, properties, pages."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.e2e.situations import copied_app, of, played

EVENTS = ("issue-commented", "--event", "issue-property-set", "--event", "page-updated")


def test_each_loops_until_the_cyclic_limit(tmp_path: Path) -> None:
    """Advice names the line of the write and that of the trigger, of each."""
    app = copied_app("loops", tmp_path)
    limit = ("--set", "limits.product_events.cyclic_events=4")
    records, summary = played(app, *EVENTS, *limit)
    runs = Counter(r["function"] for r in of(records, "invocation.started"))
    found = [a["places"] for a in summary["advice"] if a["rule"] == "own_events"]

    assert runs == {"comments": 5, "properties": 5, "pages": 5}
    assert [r["reason"] for r in of(records, "product_event.filtered")] == ["cyclic_limit"] * 3
    assert sorted(found) == [
        ["src/index.py:27", "manifest.yml:17"],
        ["src/index.py:32", "manifest.yml:11"],
        ["src/index.py:32", "manifest.yml:14"],
    ]


def test_none_begins_with_ignore_self(tmp_path: Path) -> None:
    """Each event of a write is filtered."""
    app = copied_app("loops", tmp_path)
    manifest = (app / "manifest.yml").read_text()
    filtered = manifest.replace("page]", "page]\n      filter: {ignoreSelf: true}")
    for event in ("commented:issue]", "issue-property]"):
        filtered = filtered.replace(event, f"{event}\n      filter: {{ignoreSelf: true}}")
    (app / "manifest.yml").write_text(filtered)
    records, summary = played(app, *EVENTS)

    assert len(of(records, "invocation.started")) == 3
    assert [r["reason"] for r in of(records, "product_event.filtered")] == ["ignore_self"] * 3
    assert not [a for a in summary["advice"] if a["rule"] == "own_events"]
