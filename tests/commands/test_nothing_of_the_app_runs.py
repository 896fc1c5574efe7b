"""`check --no-load` and `doctor` run no program that came with the app."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from forge_emu.runtime.node.tools import esbuild_package
from tests.conftest import Call
from tests.rules.apps import write_example
from tests.rules.examples import CLEAN


@pytest.fixture
def booby_trapped(tmp_path: Path) -> Path:
    """An app all of whose programs and modules say that they have run."""
    app = write_example(tmp_path / "app", CLEAN)
    said = tmp_path / "ran"
    script = f"#!/bin/sh\necho $0 >> {said}\necho 0.25.0\n"
    module = f"require('node:fs').appendFileSync({json.dumps(str(said))}, __filename);\n"
    modules = app / "node_modules"
    for program in (
        modules / esbuild_package() / "bin" / "esbuild",
        app / ".venv" / "bin" / "python",
        modules / ".bin" / "esbuild",
    ):
        program.parent.mkdir(parents=True)
        program.write_text(script)
        program.chmod(0o755)
    (modules / esbuild_package() / "package.json").write_text('{"version": "0.25.0"}')
    (app / ".venv" / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.12.4\n")
    for package in ("esbuild", "typescript", "@forge/bundler", "@babel/parser"):
        folder = modules / package
        (folder / "lib").mkdir(parents=True)
        (folder / "package.json").write_text('{"version": "5.4.0", "main": "lib/main.js"}')
        for name in ("main.js", "typescript.js"):
            (folder / "lib" / name).write_text(module)
    for name in ("babel.config.js", ".pnp.cjs", "webpack.config.js"):
        (app / name).write_text(module)
    (app / "src" / "more.ts").write_text("export const more: number = 1;\n")
    index = app / "src" / "index.js"
    index.write_text(f"import './more';\n{index.read_text()}\nglobalThis.process.exit(3);\n")
    return app


@pytest.mark.node
def test_a_check_that_loads_nothing_runs_nothing(call: Call, booby_trapped: Path) -> None:
    """The build is that of forge-emu's own esbuild, and what is left out is said."""
    said = call("check", booby_trapped, "--no-load")
    assert said.code == 0, said.out + said.err
    assert "--no-load runs nothing of it" in said.err
    assert not (booby_trapped.parent / "ran").exists()


@pytest.mark.node
def test_the_doctor_runs_nothing(call: Call, booby_trapped: Path) -> None:
    """Versions are read."""
    found = {
        each["subject"]: each for each in json.loads(call("doctor", booby_trapped, "--json").out)
    }
    assert found["esbuild"]["found"] == "0.25.0"
    assert not (booby_trapped.parent / "ran").exists()


def test_the_doctor_reads_the_version_of_a_virtual_environment(
    call: Call, booby_trapped: Path
) -> None:
    """It is too old, or good enough, by its own file."""
    (booby_trapped / "src" / "index.js").rename(booby_trapped / "src" / "index.py")
    for version, state in (("3.12.4", "ok"), ("3.9.1", "wrong"), ("x", "wrong")):
        (booby_trapped / ".venv" / "pyvenv.cfg").write_text(f"version_info = {version}\n")
        found = {
            each["subject"]: each
            for each in json.loads(call("doctor", booby_trapped, "--json").out)
        }
        assert found["handlers' Python"]["state"] == state
    assert not (booby_trapped.parent / "ran").exists()


def test_forges_bundler_needs_what_is_installed(call: Call, booby_trapped: Path) -> None:
    """Who asks for both is told so."""
    said = call("check", booby_trapped, "--no-load", "--bundler", "forge")
    assert said.code == 2
    assert "not --no-load" in said.err
