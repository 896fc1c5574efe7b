"""An app in Python, tests of it in JavaScript, and the packages that run them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from forge_emu.commands.npm_package import PACKAGE, packed_package
from tests.npm import TEST_RUNNERS, packages_folder
from tests.testing.app import MANIFEST, SOURCE


def write_project(root: Path, tests: dict[str, str]) -> Path:
    """A folder with the app in `my-app`, `tests`, and everything that they import."""
    modules = packages_folder(TEST_RUNNERS) / "node_modules"
    own = root / "node_modules"
    own.mkdir()
    for each in modules.iterdir():
        os.symlink(each, own / each.name)
    unpack(own / PACKAGE)
    (root / "package.json").write_text('{"private": true}', "utf-8")
    (root / "my-app" / "src").mkdir(parents=True)
    (root / "my-app" / "manifest.yml").write_text(MANIFEST, "utf-8")
    (root / "my-app" / "src" / "index.py").write_text(SOURCE, "utf-8")
    for name, text in tests.items():
        (root / name).write_text(text, "utf-8")
    return root


def unpack(target: Path) -> None:
    """The package as npm installs it."""
    packed = target.with_suffix(".tgz")
    packed.write_bytes(packed_package())
    with tarfile.open(packed) as archive:
        archive.extractall(target, filter="data")
    for path in (target / "package").iterdir():
        path.rename(target / path.name)
    packed.unlink()


def run(root: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command of the project, with this forge-emu on the PATH."""
    program, *arguments = command
    found = shutil.which(program, path=f"{root / 'node_modules' / '.bin'}:{os.environ['PATH']}")
    assert found is not None, f"there is no {program}"
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        [found, *arguments],
        cwd=root,
        env={**os.environ, "PATH": path, "CI": "1", "NO_COLOR": "1", **environment},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
