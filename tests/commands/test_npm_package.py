"""The package for tests goes into an app, or nothing is changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import forge_emu
from forge_emu.commands import npm_package
from tests.conftest import Call

FILE = f"vendor/forge-emu-testing-{forge_emu.__version__}.tgz"


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An app that has nothing but a package.json, with an older package."""
    (tmp_path / "package.json").write_text('{\n    "name": "mine",\n    "private": true\n}\n')
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "forge-emu-testing-0.0.1.tgz").write_text("old")
    return tmp_path


@pytest.mark.node
def test_it_is_installed_with_one_command(call: Call, app: Path) -> None:
    """In the place of an older one; package.json keeps its style."""
    said = call("testing", "install", app)
    assert (said.code, said.out) == (0, "")
    assert FILE in said.err
    assert [path.name for path in (app / "vendor").iterdir()] == [Path(FILE).name]
    text = (app / "package.json").read_text()
    assert json.loads(text)["devDependencies"] == {"forge-emu-testing": f"file:{FILE}"}
    assert text.startswith('{\n    "name": "mine"')
    assert (app / "node_modules" / "forge-emu-testing" / "dist" / "esm" / "index.js").is_file()


@pytest.mark.node
def test_where_npm_fails_nothing_is_changed(call: Call, app: Path) -> None:
    """One error has npm's reason."""
    (app / "package.json").write_text("{ no json")
    said = call("testing", "install", app)
    assert said.code == 2
    assert "npm could not install forge-emu-testing" in said.err
    assert "Traceback" not in said.err
    (left,) = (app / "vendor").iterdir()
    assert (left.name, left.read_text()) == ("forge-emu-testing-0.0.1.tgz", "old")


@pytest.mark.parametrize(
    ("lock", "command"),
    [("yarn.lock", "yarn add --dev"), ("pnpm-lock.yaml", "pnpm add --save-dev")],
)
def test_another_manager_of_packages_is_left_to_the_user(
    call: Call, app: Path, lock: str, command: str
) -> None:
    """With the command to run on stdout; npm would write a second lock."""
    (app / lock).write_text("")
    said = call("testing", "install", app)
    assert (said.code, said.out) == (0, f"{command} ./{FILE}\n")
    assert {path.name for path in app.iterdir()} == {"package.json", "vendor", lock}
    assert (app / FILE).is_file()


def test_an_app_without_package_json_is_told_of_pytest(call: Call, tmp_path: Path) -> None:
    """And left alone."""
    said = call("testing", "install", tmp_path)
    assert said.code == 2
    assert "has no package.json" in said.err
    assert "pytest" in said.err
    assert list(tmp_path.iterdir()) == []


def test_without_npm_it_says_so(call: Call, app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what has it."""
    monkeypatch.setenv("PATH", "/nonexistent")
    said = call("testing", "install", app)
    assert said.code == 2
    assert "npm was not found" in said.err


def test_an_installation_without_the_package_says_so_first(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written then."""
    monkeypatch.setattr(npm_package, "files", lambda name: tmp_path / "none")
    said = call("init", tmp_path / "new", "--with-tests")
    assert said.code == 2
    assert "has no forge-emu-testing" in said.err
    assert not (tmp_path / "new").exists()
