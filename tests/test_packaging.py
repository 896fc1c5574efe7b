"""What a user installs: the wheel."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
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
    assert "forge_emu/events/templates/jira/issue/issue-created.json" in present
    assert "forge_emu/events/parts/jira/issue.json" in present
    assert any(name.startswith("forge_emu/runtime/node/program/") for name in present)


def test_the_page_of_the_report_is_in_the_wheel(wheel: Path) -> None:
    """Built, with the licence of what is bundled into it; nobody who installs it needs npm."""
    with zipfile.ZipFile(wheel) as archive:
        built = archive.read("forge_emu/report/page/built.html").decode()

    assert built == (ROOT / "forge_emu/report/page/built.html").read_text("utf-8")
    assert "Permission is hereby granted, free of charge" in built
    assert built.count("{{run}}") == 1


def test_the_package_for_tests_is_in_the_wheel(wheel: Path) -> None:
    """Packed as npm publishes it, with both kinds of modules, types, licence and this version."""
    with zipfile.ZipFile(wheel) as archive:
        packed = archive.read("forge_emu/testing/npm/forge-emu-testing.tgz")
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        names = set(archive.getnames())
        file = archive.extractfile("package/package.json")
        assert file is not None
        about = json.load(file)
    for kind in ("esm", "cjs"):
        assert {f"package/dist/{kind}/index.js", f"package/dist/{kind}/index.d.ts"} <= names
    assert {"package/LICENSE", "package/README.md"} <= names
    assert not any("/src/" in name or "/test/" in name for name in names)
    assert about["version"] == forge_emu.__version__
    assert (about["license"], about.get("dependencies")) == ("MIT", None)
    for targets in about["exports"]["."].values():
        assert {f"package/{target.removeprefix('./')}" for target in targets.values()} <= names


def test_what_is_built_is_never_committed() -> None:
    """Git ignores it, and the hook for wheels knows when it is out of date."""
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()

    assert {"forge_emu/report/page/built.html", "forge_emu/testing/npm/"} <= set(ignored)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What a build needs of a checkout, without the built page; the package for tests is built."""
    names = ("forge_emu", "packages", "pyproject.toml", "README.md", "LICENSE", "hatch_build.py")
    unwanted = shutil.ignore_patterns("built.html", "__pycache__", "node_modules", "dist")
    for name in names:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=unwanted)
        else:
            shutil.copy(source, tmp_path / name)
    return tmp_path


def _build(checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel"],
        cwd=checkout,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_npm_a_wheel_says_what_it_needs(checkout: Path) -> None:
    """Rather than a wheel whose --report fails on its first use."""
    done = _build(checkout, PATH=str(checkout))

    assert done.returncode != 0
    assert "npm was not found" in done.stderr
    assert "Install Node.js 20 or newer" in done.stderr
    assert not list(checkout.glob("dist/*.whl"))


def test_a_page_that_is_up_to_date_is_not_built_again(checkout: Path) -> None:
    """No npm is asked for then."""
    shutil.copy(
        ROOT / "forge_emu/report/page/built.html", checkout / "forge_emu/report/page/built.html"
    )
    done = _build(checkout, PATH=str(checkout))

    assert done.returncode == 0, done.stderr
    (built,) = checkout.glob("dist/*.whl")
    assert "forge_emu/report/page/built.html" in names_in(built)


def test_a_page_of_older_sources_is_out_of_date(checkout: Path) -> None:
    """One changed byte is enough."""
    shutil.copy(
        ROOT / "forge_emu/report/page/built.html", checkout / "forge_emu/report/page/built.html"
    )
    style = checkout / "forge_emu/report/page/web/style.css"
    style.write_text(style.read_text("utf-8") + "\n", "utf-8")

    assert "npm was not found" in _build(checkout, PATH=str(checkout)).stderr


@pytest.mark.node
def test_with_npm_a_clean_checkout_builds_the_same_page(checkout: Path) -> None:
    """esbuild and uPlot are pinned, so the result is the same everywhere."""
    done = _build(checkout)

    assert done.returncode == 0, done.stderr
    (built,) = checkout.glob("dist/*.whl")
    with zipfile.ZipFile(built) as archive:
        page = archive.read("forge_emu/report/page/built.html")
    assert page == (ROOT / "forge_emu/report/page/built.html").read_bytes()


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


@pytest.mark.parametrize("folder", ["sample_app", "forge_emu/report/page/web"])
def test_the_lock_files_name_no_registry(folder: str) -> None:
    """A lock file must work with whatever registry its reader uses."""
    lock = (ROOT / folder / "package-lock.json").read_text("utf-8")

    assert '"resolved"' not in lock
    assert "registry" not in lock
