"""`check --install`: Forge's own bundler from npm, where it is nowhere else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from forge_emu.emulator.starting import tools as starting
from forge_emu.runtime.node.tools import ProgressCallback, Tools
from forge_emu.runtime.tool import Tool
from tests.conftest import Call
from tests.rules.apps import write_example
from tests.rules.examples import Example
from tests.runtime.node.forge_bundler_stub import bundler_files
from tests.runtime.node.harness import write_app

pytestmark = pytest.mark.node

REFUSED = {"message": "refused by Forge's", "moduleName": "./src/index.js"}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An app that esbuild takes and the stub of Forge's bundler refuses."""
    root = write_example(tmp_path / "app", Example())
    handlers = root / "src" / "index.js"
    handlers.write_text(f"// refuse: {json.dumps(REFUSED)}\n{handlers.read_text('utf-8')}", "utf-8")
    return root


@pytest.fixture(autouse=True)
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What has been got from npm; nothing of it is installed on this machine."""
    got: list[str] = []
    place = tmp_path / "tools"

    def install(_: Tools, __: ProgressCallback) -> Tool:
        got.append("@forge/bundler")
        write_app(place, bundler_files())
        return Tool(place / "node_modules/@forge/bundler", "7.3.0", "installed by forge-emu")

    monkeypatch.setattr(starting, "install_forge_bundler", install)
    for module in ("forge_emu.emulator.starting.tools", "forge_emu.commands.check_build"):
        monkeypatch.setattr(f"{module}.find_forge_bundler", lambda *_: None)
    return got


@pytest.mark.parametrize("more", [(), ("--bundler", "forge")])
def test_it_is_got_and_has_the_last_word(
    call: Call, app: Path, npm: list[str], more: tuple[str, ...]
) -> None:
    """Also where no bundler is named."""
    said = call("check", app, "--install", *more)
    assert npm == ["@forge/bundler"]
    assert said.code == 1
    assert "src/index.js error refused by Forge's [bundle]" in said.out
    assert "building with @forge/bundler 7.3.0, installed by forge-emu" in said.err


@pytest.mark.parametrize("more", [(), ("--no-install",)])
def test_nothing_is_got_that_nobody_asked_for(
    call: Call, app: Path, npm: list[str], more: tuple[str, ...]
) -> None:
    """esbuild builds; Forge's is missed where it is named."""
    said = call("check", app, *more)
    assert (said.code, said.out) == (0, "")
    said = call("check", app, "--bundler", "forge", *more)
    assert said.code == 2
    assert "Add --install" in said.err
    assert npm == []


@pytest.mark.parametrize("other", ["--no-load", "--bundler esbuild"])
def test_it_contradicts_what_does_without(call: Call, app: Path, other: str) -> None:
    """One error, before anything is done."""
    said = call("check", app, "--install", *other.split())
    assert said.code == 2
    assert f"--install is for building with Forge's own bundler: not {other}" in said.err
