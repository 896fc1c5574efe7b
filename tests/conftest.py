"""What tests of several parts share: app directories, commands, Node.js where a test needs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, settings

from forge_emu.cli import main
from forge_emu.reporting import BUILT_PAGE
from forge_emu.simulate.parallel_runs import usable_cores
from tests import browser, npm

ROOT = Path(__file__).parent.parent

# A busy machine is no reason to fail.
settings.register_profile("any_speed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any_speed")

npm.keep_certificates_for_npm()

# Tests that run in a job of GitHub Actions add nothing to its annotations.
for variable in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
    os.environ.pop(variable, None)

_MEMORY_FOLDER = Path("/dev/shm")
_ROOMY_BYTES = 8_000_000_000

_RUNTIME = tempfile.mkdtemp(prefix="forge-emu-tests-")
_NUMBERS = count()


@pytest.fixture(autouse=True)
def own_emulators(monkeypatch: pytest.MonkeyPatch) -> None:
    """Emulators of this machine, and of other tests, are not those of this test."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(Path(_RUNTIME, str(next(_NUMBERS)))))


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


@dataclass(frozen=True)
class CommandResult:
    """What a command ended with."""

    code: int
    out: str
    err: str


Call: TypeAlias = Callable[..., CommandResult]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """Calls `forge-emu` with arguments."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)

    def run(*arguments: object) -> CommandResult:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main.main([str(a) for a in arguments], prog_name="forge-emu")
        said = capsys.readouterr()
        code = ended.value.code
        return CommandResult(code if isinstance(code, int) else 0, said.out, said.err)

    return run


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


@cache
def _missing_for_browser_tests() -> str | None:
    if not BUILT_PAGE.is_file():
        return "the page of --report is not built; run: make setup"
    if browser.find_browser() is None:
        return "there is no Chromium or Chrome; install one, or run as root: make test"
    return None


def pytest_configure() -> None:
    """Folders of tests are in memory where there is enough: they sync thousands of files."""
    if "PYTEST_DEBUG_TEMPROOT" not in os.environ and _is_roomy(_MEMORY_FOLDER):
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(_MEMORY_FOLDER)


def _is_roomy(folder: Path) -> bool:
    """Whether tests fit into it, beside what they need of memory, and may run programs there."""
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        return False
    found = os.statvfs(folder)
    free = min(found.f_bavail * found.f_frsize, _free_memory())
    return free >= _ROOMY_BYTES and not found.f_flag & os.ST_NOEXEC


def _free_memory() -> int:
    lines = Path("/proc/meminfo").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")) * 1024


def pytest_xdist_auto_num_workers() -> int:
    """One more than processors: a test that waits for a process leaves its own to another."""
    return usable_cores() + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those with Node.js first: workers wait for the last tests, which should be short."""
    items.sort(key=lambda item: item.get_closest_marker("node") is None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test is skipped where what its mark names is missing, but never in CI."""
    if item.get_closest_marker("node") and (missing := _missing_for_node_tests()):
        _skip_or_fail(f"{missing}; run: make setup", "FORGE_EMU_REQUIRE_NODE")
    if item.get_closest_marker("browser") and (missing := _missing_for_browser_tests()):
        _skip_or_fail(missing, "FORGE_EMU_REQUIRE_BROWSER")


def _skip_or_fail(missing: str, required: str) -> None:
    if os.environ.get("CI") or os.environ.get(required):
        pytest.fail(missing, pytrace=False)
    pytest.skip(missing)
