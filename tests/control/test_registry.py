"""Emulators that run for other apps are named where none is found."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from forge_emu.control.running.registry import apps_text, registered_apps, registry_folder
from forge_emu.control.session import find_session, lock_app
from forge_emu.errors import NoEmulatorError


def _hint_at(folder: Path) -> str:
    with pytest.raises(NoEmulatorError) as found:
        find_session(folder)
    return found.value.hint or ""


def _app(folder: Path) -> Path:
    folder.mkdir()
    (folder / "manifest.yml").write_text("app: {}")
    return folder


def test_running_emulators_are_named_with_what_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One or several; below the directory one stands in, by its short path."""
    one, two, here = (_app(tmp_path / name) for name in ("one", "two", "here"))
    monkeypatch.chdir(tmp_path)
    with lock_app(one) as first:
        assert "--app" not in _hint_at(here)
        first.write_session("http://127.0.0.1:1", "t", "now")
        assert _hint_at(here).startswith("One runs for another app: --app one. Start one with: ")
        with lock_app(two) as second:
            second.write_session("http://127.0.0.1:2", "t", "now")
            assert "Some run for other apps: --app one, --app two. " in _hint_at(here)
        assert "--app two" not in _hint_at(here)
    assert _hint_at(here) == f"Start one with: forge-emu run {here}"
    assert registered_apps() == []


def test_one_that_was_killed_is_not_named(tmp_path: Path) -> None:
    """Its file is there, and no emulator."""
    one, here = _app(tmp_path / "one"), _app(tmp_path / "here")
    with lock_app(one) as lock:
        lock.write_session("http://127.0.0.1:1", "t", "now")
        (one / ".forge-emu" / "session.json").unlink()
        assert registered_apps() == [one]
        assert "--app" not in _hint_at(here)


def test_many_are_counted() -> None:
    """Five are named."""
    text = apps_text([Path(f"/a/{n}") for n in range(7)]) or ""
    assert text.count("--app") == 5
    assert text.endswith(" and 2 more")


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_a_folder_that_is_a_link_is_not_used(tmp_path: Path) -> None:
    """It may lead anywhere; no run fails for it."""
    other = tmp_path / "other"
    other.mkdir()
    folder = registry_folder()
    folder.parent.mkdir(parents=True)
    folder.symlink_to(other)
    one, here = _app(tmp_path / "one"), _app(tmp_path / "here")
    with lock_app(one) as lock:
        lock.write_session("http://127.0.0.1:1", "t", "now")
        assert "--app" not in _hint_at(here)
    assert list(other.iterdir()) == []
