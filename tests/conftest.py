"""What tests of several parts share: app directories, and Node.js where a test needs it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TypeAlias

import pytest

ROOT = Path(__file__).parent.parent

AppDir: TypeAlias = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def app_dir(tmp_path: Path) -> AppDir:
    """Writes files into a fresh app directory and returns it: `app_dir({"manifest.yml": …})`."""

    def write(files: Mapping[str, str]) -> Path:
        directory = tmp_path / "app"
        directory.mkdir(exist_ok=True)
        for name, text in files.items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return directory

    return write


@pytest.fixture(scope="session")
def sample_packages() -> Path:
    """The npm packages of `sample_app`: the real `@forge/events` and `@forge/kvs`."""
    return ROOT / "sample_app" / "node_modules"


@cache
def _missing_for_node_tests() -> str | None:
    node = shutil.which("node")
    if node is None:
        return "there is no Node.js"
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    major = version.stdout.strip().removeprefix("v").partition(".")[0]
    if not major.isdecimal() or int(major) < 20:
        return f"Node.js {version.stdout.strip() or 'that runs'} is too old"
    if not (ROOT / "sample_app" / "node_modules" / "@forge").is_dir():
        return "the npm packages of sample_app are not installed"
    return None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test marked `node` is skipped where Node.js is missing, but never in CI."""
    if item.get_closest_marker("node") is None:
        return
    missing = _missing_for_node_tests()
    if missing is None:
        return
    if os.environ.get("CI") or os.environ.get("FORGE_EMU_REQUIRE_NODE"):
        pytest.fail(f"{missing}; run: make setup", pytrace=False)
    pytest.skip(f"{missing}; run: make setup")
