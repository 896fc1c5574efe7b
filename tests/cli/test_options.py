"""What a command prints is what was meant."""

from __future__ import annotations

import pytest

from forge_emu.cli.options import consoles


def test_the_id_of_an_app_holds_no_picture(capsys: pytest.CaptureFixture[str]) -> None:
    """`:cloud:` is part of each one."""
    out, talk = consoles(None)
    out.print("ari:cloud:ecosystem", highlight=False)
    talk.print("ari:cloud:ecosystem", highlight=False)
    captured = capsys.readouterr()
    assert captured.out == captured.err == "ari:cloud:ecosystem\n"
