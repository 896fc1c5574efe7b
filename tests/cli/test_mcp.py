"""`forge-emu mcp` without the extra that it needs."""

from __future__ import annotations

import sys

import pytest

from forge_emu.errors import ExitCode
from tests.conftest import Call


def test_without_the_package_it_says_how_to_install_it(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one sentence, with the command."""
    monkeypatch.setitem(sys.modules, "mcp", None)
    result = call("mcp")
    assert result.code == ExitCode.USER_ERROR
    assert "the package mcp is not installed" in result.err
    assert "pip install 'forge-emu[mcp]'" in result.err
