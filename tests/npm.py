"""npm packages for tests: installed once into the user's cache, from the registry alone."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from filelock import FileLock

from forge_emu.runtime.host.environment import NODE_CERTIFICATES
from forge_emu.runtime.node.tools import cache_folder

NEWEST = {
    "@forge/api": "^8",
    "@forge/events": "^3.0.8",
    "@forge/kvs": "^1.6.5",
    "@forge/resolver": "^2",
}
"""What an app of today imports."""

TEST_RUNNERS = {"vitest": "^4.0.0", "jest": "^30", "typescript": "^5.9", "@types/node": "^20"}

_SETS = (NEWEST, TEST_RUNNERS)

_CERTIFICATES = "FORGE_EMU_TEST_CERTIFICATES"


def keep_certificates_for_npm() -> None:
    """Leave them to npm: each start of Node.js reads them, which doubles what a start takes."""
    if (file := os.environ.pop(NODE_CERTIFICATES, None)) is not None:
        os.environ[_CERTIFICATES] = file


def packages_folder(packages: Mapping[str, str]) -> Path:
    """A folder whose `node_modules` holds `packages` (name to version range).

    Installed when it is missing. Where one of the sets above has all of them, it is that set: to
    install one takes up to half a minute.
    """
    enough = (known for known in _SETS if packages.items() <= known.items())
    return _packages_folder(tuple(sorted(next(enough, packages).items())))


@cache
def _packages_folder(packages: tuple[tuple[str, str], ...]) -> Path:
    root = cache_folder() / "tests"
    root.mkdir(parents=True, exist_ok=True)
    wanted = {"private": True, "dependencies": dict(packages)}
    digest = hashlib.sha256(json.dumps(wanted).encode()).hexdigest()[:8]
    folder = root / digest
    with FileLock(f"{folder}.lock"):
        if _installed_manifest(folder) != wanted:
            _install(folder, wanted)
    return folder


def _installed_manifest(folder: Path) -> object:
    try:
        return json.loads((folder / "complete.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None


def _install(folder: Path, wanted: dict[str, object]) -> None:
    npm = shutil.which("npm")
    if npm is None:
        if os.environ.get("CI") or os.environ.get("FORGE_EMU_REQUIRE_NODE"):
            pytest.fail("there is no npm; run: make setup", pytrace=False)
        pytest.skip("there is no npm")
    file = os.environ.get(_CERTIFICATES)
    staging = Path(tempfile.mkdtemp(prefix="installing-", dir=folder.parent))
    (staging / "package.json").write_text(json.dumps(wanted), "utf-8")
    done = subprocess.run(
        [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=staging,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **({NODE_CERTIFICATES: file} if file else {})},
    )
    if done.returncode:
        shutil.rmtree(staging)
        pytest.fail(f"npm install of {wanted} failed: {done.stderr}", pytrace=False)
    (staging / "complete.json").write_text(json.dumps(wanted), "utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    staging.rename(folder)
