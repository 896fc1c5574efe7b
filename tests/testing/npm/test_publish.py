"""The package as `npm publish` would send it from its folder."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.npm import TEST_RUNNERS, packages_folder
from tests.testing.npm.runners import run

SOURCES = Path(__file__).parents[3] / "packages" / "testing"

pytestmark = pytest.mark.node


def test_npm_builds_the_package_before_it_packs_it(tmp_path: Path) -> None:
    """From sources alone, with both kinds of modules and their types."""
    folder = tmp_path / "testing"
    shutil.copytree(SOURCES, folder, ignore=shutil.ignore_patterns("node_modules", "dist", "*.tgz"))
    modules = packages_folder(TEST_RUNNERS) / "node_modules"
    (folder / "node_modules" / "@types").mkdir(parents=True)
    for name in ("typescript", "undici-types", "@types/node"):
        os.symlink(modules / name, folder / "node_modules" / name)
    done = run(folder, "npm", "pack")

    assert done.returncode == 0, done.stderr
    packed = run(folder, "tar", "-tzf", done.stdout.split()[-1]).stdout.split()
    for kind in ("esm", "cjs"):
        for name in ("index", "vitest", "jest", "node"):
            assert f"package/dist/{kind}/{name}.js" in packed
            assert f"package/dist/{kind}/{name}.d.ts" in packed
