"""What a user installs: the wheel."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

import forge_emu

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from this checkout, without the network."""
    directory = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(directory)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = directory.glob("*.whl")
    return built


def names_in(wheel: Path) -> set[str]:
    """The files of the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_every_file_of_the_package_is_in_the_wheel(wheel: Path) -> None:
    """Templates, host programs and py.typed travel with the code."""
    wanted = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "forge_emu").rglob("*")
        if path.is_file()
        and not {"__pycache__", "node_modules"} & set(path.parts)
        and not path.name.startswith(".")
    }
    present = names_in(wheel)

    assert wanted - present == set()
    assert "forge_emu/py.typed" in present
    assert "forge_emu/events/known.json" in present
    assert "forge_emu/events/templates/issue-created.json" in present
    assert any(name.startswith("forge_emu/runtime/js/") for name in present)


def test_nothing_else_is_in_the_wheel(wheel: Path) -> None:
    """No tests, no sample, no npm package of anybody."""
    foreign = {
        name for name in names_in(wheel) if not re.match(r"forge_emu(-[^/]+\.dist-info)?/", name)
    }

    assert foreign == set()
    assert not any("node_modules" in name for name in names_in(wheel))


def test_the_version_is_said_once(wheel: Path) -> None:
    """The package, its metadata and the wheel's name agree."""
    assert wheel.name.startswith(f"forge_emu-{forge_emu.__version__}-")
    assert version("forge-emu") == forge_emu.__version__


def test_the_command_is_installed(wheel: Path) -> None:
    """`forge-emu` leads to the command line, and the licence is included."""
    with zipfile.ZipFile(wheel) as archive:
        (entry_points,) = (n for n in archive.namelist() if n.endswith("/entry_points.txt"))
        text = archive.read(entry_points).decode()
        assert any(name.endswith("/licenses/LICENSE") for name in archive.namelist())

    assert "forge-emu = forge_emu.cli:main" in text


def test_the_lock_file_names_no_registry() -> None:
    """A lock file must work with whatever registry its reader uses."""
    lock = (ROOT / "sample_app" / "package-lock.json").read_text("utf-8")

    assert '"resolved"' not in lock
    assert "registry" not in lock
