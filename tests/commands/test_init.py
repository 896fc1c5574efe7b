"""`forge-emu init`: a new app, or a reason why there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from forge_emu.commands.init import package_name
from tests.conftest import Call


@pytest.mark.parametrize("template", ["javascript", "typescript"])
def test_a_new_app_is_written(call: Call, tmp_path: Path, template: str) -> None:
    """The next commands on stdout, each a line; the directory's name within."""
    said = call("init", tmp_path / "My App", "--template", template)
    assert said.code == 0
    assert said.out.splitlines()[0] == f"cd '{tmp_path / 'My App'}'"
    assert "npm install" in said.out
    assert "forge-emu run" in said.out.splitlines()
    app = tmp_path / "My App"
    assert (app / "README.md").read_text("utf-8").startswith("# my-app\n")
    assert (app / ".gitignore").is_file()
    assert "{name}" not in "".join(p.read_text("utf-8") for p in app.rglob("*") if p.is_file())


def test_a_directory_that_is_not_empty_is_refused(call: Call, tmp_path: Path) -> None:
    """And left as it was; a file as well; an empty one will do."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("")
    for name in ("full", "full/x"):
        said = call("init", tmp_path / name)
        assert said.code == 2
        assert name in said.err
    assert [p.name for p in (tmp_path / "full").iterdir()] == ["x"]
    (tmp_path / "empty").mkdir()
    assert call("init", tmp_path / "empty").code == 0


def test_a_directory_that_cannot_be_made(call: Call, tmp_path: Path) -> None:
    """One message."""
    (tmp_path / "file").write_text("")
    said = call("init", tmp_path / "file" / "app")
    assert said.code == 2
    assert "Traceback" not in said.err
    assert call("init", tmp_path / "x", "--template", "cobol").code == 2


@pytest.mark.parametrize(
    ("folder", "name"),
    [("demo", "demo"), ("My App!", "my-app"), ("...", "forge-app"), ("äöü", "forge-app")],
)
def test_package_names(folder: str, name: str) -> None:
    """What npm accepts."""
    assert package_name(folder) == name
