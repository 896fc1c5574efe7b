"""`forge-emu init --with-tests`: the tests of each template run, pass, and can fail."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from forge_emu.commands.npm_package import PACKAGE
from tests.conftest import Call
from tests.npm import NEWEST, packages_folder
from tests.testing.npm.runners import run, unpack

LOST = "await kvs.set(`note:${key}`"


def make_quick(app: Path) -> None:
    """A test that fails has no need of a thousand issues."""
    (test,) = (path for path in app.glob("test*/*") if path.is_file())
    text = test.read_text("utf-8")
    assert "1000" in text
    test.write_text(text.replace("1000", "20"), "utf-8")


def install(app: Path) -> None:
    """What `npm install` would do there, out of the cache of these tests."""
    about = json.loads((app / "package.json").read_text("utf-8"))
    wanted = {**about["dependencies"], **about["devDependencies"]}
    assert wanted.pop(PACKAGE).startswith("file:vendor/")
    assert (app / about["devDependencies"][PACKAGE].removeprefix("file:")).is_file()
    modules = app / "node_modules"
    modules.mkdir()
    for part in (wanted.keys() - NEWEST.keys(), wanted.keys() & NEWEST.keys()):
        installed = packages_folder({name: wanted[name] for name in part})
        for each in (installed / "node_modules").iterdir():
            if not (modules / each.name).exists():
                os.symlink(each, modules / each.name)
    unpack(modules / PACKAGE)


@pytest.mark.node
@pytest.mark.parametrize(
    ("template", "passed", "failed"),
    [("javascript", "# pass 2", "# fail 2"), ("typescript", "2 passed", "2 failed")],
)
def test_npm_test(call: Call, tmp_path: Path, template: str, passed: str, failed: str) -> None:
    """Of an app as it is, and of one that stores nothing any more."""
    app = tmp_path / "app"
    said = call("init", app, "--template", template, "--with-tests")
    assert "npm test" in said.out.splitlines()
    assert "`npm test`" in (app / "README.md").read_text("utf-8")
    install(app)
    done = run(app, "npm", "test")
    assert done.returncode == 0, done.stdout + done.stderr
    assert passed in done.stdout
    (source,) = (app / "src").iterdir()
    text = source.read_text("utf-8")
    assert LOST in text
    source.write_text(text.replace(LOST, "await kvs.get(`note:${key}`"), "utf-8")
    make_quick(app)
    done = run(app, "npm", "test")
    assert done.returncode != 0
    assert failed in done.stdout


def test_pytest(call: Call, tmp_path: Path) -> None:
    """The same of the template in Python."""
    app = tmp_path / "app"
    said = call("init", app, "--template", "python", "--with-tests")
    assert "pytest" in said.out.splitlines()
    assert "`pytest`" in (app / "README.md").read_text("utf-8")
    assert not (app / "vendor").exists()
    done = run(app, sys.executable, "-m", "pytest", "-q")
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout
    source = app / "src" / "index.py"
    source.write_text(source.read_text("utf-8").replace("kvs.set(", "kvs.get("), "utf-8")
    make_quick(app)
    done = run(app, sys.executable, "-m", "pytest", "-q")
    assert done.returncode == 1
    assert "2 failed" in done.stdout
