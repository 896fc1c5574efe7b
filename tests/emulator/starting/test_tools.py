"""Which tools an app's handlers need, when they are looked for, and who is asked to install."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from forge_emu import appdir
from forge_emu.emulator.starting.tools import AppTools, tools_for
from forge_emu.errors import UserError
from forge_emu.runtime.node.tools import esbuild_package
from tests.emulator.emulator_harness import text_terminal
from tests.python_app import MANIFEST, write_app

PACKAGES = ("left", "right", "up", "down", "back")


def write_file(path: Path, text: str) -> Path:
    """A file, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


@pytest.fixture
def javascript_app(tmp_path: Path) -> Path:
    """An app in JavaScript whose packages are not installed."""
    root = tmp_path / "app"
    write_file(root / "manifest.yml", MANIFEST)
    write_file(root / "src" / "index.js", "export const listen = () => {};\n")
    dependencies = dict.fromkeys(PACKAGES, "1.0.0")
    write_file(root / "package.json", json.dumps({"dependencies": dependencies}))
    return root


def found_tools(
    root: Path,
    *,
    install: bool | None = None,
    answer: bool | None = None,
    asked: list[str] | None = None,
    virtual: bool = False,
) -> AppTools:
    """The tools of an app; `answer` is the user's, None where nobody can be asked."""

    def confirm(question: str) -> bool:
        if asked is not None:
            asked.append(question)
        return bool(answer)

    terminal = text_terminal(None if answer is None else confirm)
    return asyncio.run(tools_for(appdir.load_app(root), install, terminal, virtual=virtual))


def test_an_app_in_python_needs_no_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """None is looked for, nor are packages."""
    monkeypatch.setenv("PATH", str(tmp_path))
    tools = found_tools(write_app(tmp_path / "app"))
    assert tools.node is None
    assert tools.python is not None


@pytest.mark.node
def test_what_is_not_installed_is_named(javascript_app: Path) -> None:
    """The first three, and how to install them."""
    with pytest.raises(UserError) as caught:
        found_tools(javascript_app)
    assert caught.value.message == (
        "the app's packages are not installed: left, right, up and 2 more"
    )
    assert f"`npm install` in {javascript_app}" in (caught.value.hint or "")
    assert "--install" in (caught.value.hint or "")


@pytest.mark.node
@pytest.mark.parametrize(
    ("source", "missing"),
    [
        ("export const listen = () => {};", None),
        ("import up from 'up/sub'; export const listen = () => up;", "up"),
        ("const left = require('left');", "left"),
    ],
)
def test_what_no_source_names_is_not_missed(
    javascript_app: Path, source: str, missing: str | None
) -> None:
    """A monorepo declares the packages of its user interfaces as well."""
    write_file(javascript_app / "node_modules" / "right" / "package.json", "{}")
    write_file(javascript_app / "src" / "index.js", source)
    if missing is None:
        assert found_tools(javascript_app).node is not None
        return
    with pytest.raises(UserError) as caught:
        found_tools(javascript_app)
    assert caught.value.message == f"the app's packages are not installed: {missing}"


@pytest.mark.node
def test_who_can_be_asked_is_asked_before_anything_is_installed(javascript_app: Path) -> None:
    """A no is a no."""
    asked: list[str] = []
    with pytest.raises(UserError, match="not installed"):
        found_tools(javascript_app, answer=False, asked=asked)
    assert asked == [
        "left, right, up and 2 more not installed. Run `npm install --ignore-scripts`?"
    ]
    assert not (javascript_app / "node_modules").exists()


@pytest.mark.node
def test_a_choice_on_the_command_line_is_an_answer(javascript_app: Path) -> None:
    """Nobody is asked again."""
    asked: list[str] = []
    with pytest.raises(UserError, match="not installed"):
        found_tools(javascript_app, install=False, answer=True, asked=asked)
    assert asked == []


@pytest.mark.node
def test_nobody_is_asked_where_everything_is_there(javascript_app: Path) -> None:
    """In a folder above is there too, as for Node.js itself."""
    for name in PACKAGES:
        write_file(javascript_app.parent / "node_modules" / name / "package.json", "{}")
    asked: list[str] = []
    tools = found_tools(javascript_app, answer=False, asked=asked)
    assert (asked, tools.python) == ([], None)
    assert tools.node is not None


@pytest.mark.node
def test_virtual_time_needs_timers_that_can_be_moved(
    javascript_app: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a place to install them, an app with its own esbuild runs in real time alone."""
    monkeypatch.setenv("FORGE_EMU_CACHE", "/dev/null/nowhere")
    for name in PACKAGES:
        write_file(javascript_app / "node_modules" / name / "package.json", "{}")
    write_file(javascript_app / "node_modules" / "esbuild" / "package.json", "{}")
    esbuild = javascript_app / "node_modules" / esbuild_package() / "bin" / "esbuild"
    write_file(esbuild, "#!/bin/sh\necho 0.25.0\n").chmod(0o755)
    tools = found_tools(javascript_app)
    assert tools.node is not None
    assert tools.node.fake_timers is None
    with pytest.raises(UserError, match="virtual time needs @sinonjs/fake-timers"):
        found_tools(javascript_app, virtual=True)
