"""Triggers that filter: by an expression, by the license, by who caused the event."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.e2e.situations import copied_app, of, played, printed


@pytest.mark.parametrize(
    ("kind", "license", "heard", "why"),
    [
        ("Epic", "active", ["broken", "epics", "licensed"], {"ignore_self": 3}),
        ("Bug", "active", ["broken", "licensed"], {"ignore_self": 2, "expression": 1}),
        ("Bug", "inactive", ["broken"], {"ignore_self": 1, "expression": 1, "app_is_licensed": 1}),
    ],
)
def test_each_filter_says_why(
    kind: str, license: str, heard: list[str], why: dict[str, int], tmp_path: Path
) -> None:
    """An expression with an error is logged with its place, and the event received all the same."""
    app = copied_app("filters", tmp_path)
    about = ("--payload", f"issue.fields.issuetype.name={kind}")
    records, _ = played(app, "issue-created", *about, "--set", f"app.license={license}")
    warned = [r["message"] for r in of(records, "log") if r["level"] in ("warn", "error")]

    assert sorted(printed(records)) == heard
    assert Counter(r["reason"] for r in of(records, "product_event.filtered")) == why
    assert [text for text in warned if "manifest.yml:20:" in text], warned
