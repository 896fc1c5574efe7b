"""Schemas in an app: where its files name them, and what `forge-emu schema` prints."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from forge_emu.schemas import SCHEMAS, schema_text
from tests.conftest import Call


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_command_prints_a_schema(call: Call, name: str) -> None:
    """On stdout, and nothing else."""
    said = call("schema", name)

    assert (said.code, said.err) == (0, "")
    assert json.loads(said.out) == json.loads(schema_text(name))


def test_without_a_name_it_is_that_of_the_settings(call: Call) -> None:
    """And an unknown name is refused, with those there are."""
    assert call("schema").out == schema_text("settings")
    said = call("schema", "manifest")
    assert said.code == 2
    assert "is none of settings, scenario" in said.err


@pytest.mark.parametrize("template", ["javascript", "typescript", "python"])
def test_files_of_a_new_app_name_their_schemas(call: Call, tmp_path: Path, template: str) -> None:
    """In the first line, by a path that leads to the schema without a network."""
    app = tmp_path / "app"
    assert call("init", app, "--template", template).code == 0
    for file, name in (("forge-emu.yml", "settings"), ("burst.yml", "scenario")):
        first = (app / file).read_text("utf-8").splitlines()[0]
        named = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
        assert named is not None
        assert (app / named[1]).read_text("utf-8") == schema_text(name)


def test_old_schemas_are_renewed(call: Call, tmp_path: Path) -> None:
    """Those of an app alone, and nothing is written where there is none."""
    app = tmp_path / "app"
    call("init", app)
    old = app / "schemas" / "settings.schema.json"
    old.write_text("{}")
    said = call("schema", "--write", app)
    assert said.code == 0
    assert str(old) in said.err
    assert old.read_text("utf-8") == schema_text("settings")

    (tmp_path / "empty").mkdir()
    assert call("schema", "--write", tmp_path / "empty").code == 2
    assert list((tmp_path / "empty").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_one_message(call: Call, tmp_path: Path) -> None:
    """A file is in its place."""
    app = tmp_path / "app"
    call("init", app)
    for path in (app / "schemas").iterdir():
        path.unlink()
    (app / "schemas").rmdir()
    (app / "schemas").write_text("")
    said = call("schema", "--write", app)
    assert said.code == 2
    assert "schemas" in said.err
    assert "Traceback" not in said.err
