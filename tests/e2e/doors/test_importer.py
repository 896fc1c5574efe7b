"""An app that waits for its configuration, then reads the site page by page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.situations import copied_app, of, played, printed


@pytest.mark.node
@pytest.mark.parametrize("configured", [False, True])
def test_a_store_that_is_filled_lets_it_begin(configured: bool, tmp_path: Path) -> None:
    """95 issues of `--site`, 40 a page, into entities by transaction and one by one."""
    app = copied_app("importer", tmp_path, "api8")
    (tmp_path / "kvs.json").write_text(json.dumps({"configuration": {"project": "EMU"}}))
    issues = [f"  - {{summary: Request {n}, labels: [a, b]}}\n" for n in range(94)]
    (tmp_path / "site.yml").write_text("issues:\n" + "".join(issues))
    store = ("--kvs", tmp_path / "kvs.json") if configured else ()

    records, summary = played(app, "issue-created", "--site", tmp_path / "site.yml", *store)

    assert printed(records) == (["read 95 true"] if configured else ["not configured"])
    assert summary["events"]["succeeded"] == (3 if configured else 0)
    searches = of(records, "request.answered", status=200)
    assert len(searches) == (3 if configured else 0)
    assert "kept-from-everybody" not in json.dumps(records)
