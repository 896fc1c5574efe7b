"""A page that is open finds the next run of its app."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from forge_emu.run.live_page.address import FILE, PageAddress, read_address, write_address

NEW = "a-new-secret-0123456789"


def test_the_address_is_kept_for_the_user_alone(tmp_path: Path) -> None:
    """The port, and the cookie's secret."""
    kept = PageAddress("an-old-secret-0123456789", 4242)
    write_address(tmp_path, kept)

    assert read_address(tmp_path, lambda: NEW) == kept
    assert os.stat(tmp_path / FILE).st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "{}",
        "[1]",
        '{"secret": "short", "port": 1}',
        '{"secret": "an-old-secret-0123456789", "port": 70000}',
        '{"secret": "an-old-secret-0123456789", "port": -1}',
        '{"secret": "kein-geheimnis-für-cookies", "port": 1}',
        "\x00" * 10,
    ],
)
def test_anything_else_gives_way_to_a_new_one(tmp_path: Path, text: str | None) -> None:
    """A damaged file costs a new link, not the start."""
    if text is not None:
        (tmp_path / FILE).write_text(text, "utf-8")

    assert read_address(tmp_path, lambda: NEW) == PageAddress(NEW)
