"""Addresses of remotes that are given for a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from forge_emu.appdir import load_settings
from forge_emu.appdir.remote_addresses import parse_remotes, with_addresses
from forge_emu.errors import ManifestError, UserError
from forge_emu.model import App, Remote

APP = App(
    "id", None, "manifest.yml", None, {}, (), (),
    remotes={"r": Remote("r", "https://r.example", 1, {"EU": "https://eu.example"})},
    services={"s": Remote("s", None, 2, is_service=True)},
)  # fmt: skip


def test_a_remote_and_a_service_get_their_addresses() -> None:
    """A URL, or the name of a region."""
    app = with_addresses(APP, parse_remotes(["r=EU", "s=http://localhost:1/a=b"]), "--remote")

    assert app.remotes["r"].base_url == "https://eu.example"
    assert app.services["s"].base_url == "http://localhost:1/a=b"
    assert app.overridden_remotes == {"r", "s"}


@pytest.mark.parametrize(
    ("texts", "message", "hint"),
    [
        (["r"], "--remote: 'r' is not KEY=URL", "backend=http://localhost:8080"),
        (["q=http://x"], "--remote: there is no remote 'q'", "There is: r, s."),
        (["r=x"], "--remote: the address of 'r', 'x', is no address", "Its regions are: EU."),
    ],
)
def test_what_is_wrong_is_said_in_the_users_words(
    texts: list[str], message: str, hint: str
) -> None:
    """With what to write instead."""
    with pytest.raises(UserError) as caught:
        with_addresses(APP, parse_remotes(texts), "--remote")

    assert message in caught.value.message
    assert hint in (caught.value.hint or "")


def test_the_settings_file_has_addresses_beside_settings(tmp_path: Path) -> None:
    """`remotes` holds both."""
    file = tmp_path / "forge-emu.yml"
    file.write_text("remotes:\n  backend: http://localhost:1\n  max_retries: 1\n")
    found = load_settings(tmp_path)

    assert found.remotes == {"backend": "http://localhost:1"}
    assert found.overrides == {"remotes.max_retries": 1}

    file.write_text("remotes:\n  backend: {a: b}\n")
    with pytest.raises(ManifestError) as caught:
        load_settings(tmp_path)
    assert str(caught.value.problems[0]).startswith(
        "forge-emu.yml:2:12 remotes.backend must be an address"
    )
