"""TypeScript under `"type": "module"`, with imports as Forge's own build resolves them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.situations import copied_app, played, printed


@pytest.mark.node
def test_imports_resolve_as_on_the_platform(tmp_path: Path) -> None:
    """`/src/…` is the app's folder; the default of a CommonJS package is its class."""
    records, _ = played(copied_app("typed", tmp_path, "api8"), "issue-created:2")
    assert sorted(printed(records)) == ["Request EMU-1", "Request EMU-2"]
