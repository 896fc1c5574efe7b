"""Every command about an app takes it by `--app`, and as a word of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest

from forge_emu.cli.parsing.app_options import app_of_option
from tests.cli.commandlines import ALL, spoken
from tests.conftest import Call

ABOUT_NO_APP = {
    "init": "makes one",
    "merge": "reads shards, which name theirs",
    "schema": "prints a schema; --write names the app",
    "mcp": "its tool `load` takes the app",
    "completion": "is of the shell",
}
"""Commands that take no app, and why."""

ABOUT_AN_APP = [name for name in ALL if name not in ABOUT_NO_APP]
FORMS = {
    "as an option": ["--app", "my-app"],
    "as an option with =": ["--app=my-app"],
    "as a word": ["./my-app"],
}


def words_of(name: str) -> list[str]:
    """The command's own example without its app; a group without a command."""
    command = ALL[name]
    if isinstance(command, click.Group):
        return ["issue-created"] if name == "trigger" else []
    (first, *_) = spoken((command.epilog or "").removeprefix("Example: "))
    words = [word for word in first[len(name.split()) :] if word != "my-app"]
    return [word for word in words if word != "--app"]


@pytest.fixture
def seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The apps that commands were called for; no command does anything."""
    found: list[Any] = []

    def note(*_: object, **given: Any) -> None:
        context = click.get_current_context()
        word = next((w for w in given.get("arguments", ()) if "my-app" in w), ".")
        found.append(given.get("app_dir") or app_of_option(context) or Path(word))

    for command in ALL.values():
        monkeypatch.setattr(command, "callback", note)
    app = tmp_path / "my-app"
    app.mkdir()
    (app / "manifest.yml").touch()
    monkeypatch.chdir(tmp_path)
    return found


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ABOUT_AN_APP)
def test_a_command_takes_the_app(call: Call, seen: list[Any], name: str, form: str) -> None:
    """After its other words and before them."""
    words, app = words_of(name), FORMS[form]
    for given in ([*words, *app], [*app, *words]):
        said = call(*name.split(), *given)
        if "a command is missing" in said.err:
            assert name in ("state", "testing")
            continue
        assert said.code == 0, (given, said.err)
        assert seen[-1] == Path("my-app"), given


GROUPS = [name for name in ABOUT_AN_APP if isinstance(ALL[name], click.Group)]
INNER = [name for name in ABOUT_AN_APP if " " in name and not name.startswith("trigger ")]


@pytest.mark.parametrize("name", INNER)
def test_a_group_takes_the_app_for_its_commands(call: Call, seen: list[Any], name: str) -> None:
    """`forge-emu clock --app my-app show`, and `forge-emu clock my-app show`."""
    group, inner = name.split()
    for app in (["--app", "my-app"], ["my-app"]):
        said = call(group, *app, inner, *words_of(name))
        assert said.code == 0, (app, said.err)
        assert seen[-1] == Path("my-app"), app


def test_a_group_without_a_command_shows_what_there_is(call: Call, seen: list[Any]) -> None:
    """Or says that a command is missing."""
    for name in GROUPS:
        said = call(name, *words_of(name), "my-app")
        assert said.code == 0 or "command is missing\n  hint: There are " in said.err, (name, said)
