"""The package for tests in JavaScript: it comes with forge-emu, and goes into an app."""

from __future__ import annotations

import json
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NamedTuple

from forge_emu import __version__
from forge_emu.errors import UserError

PACKAGE: Final = "forge-emu-testing"
VENDOR: Final = "vendor"
_FILE: Final = f"{VENDOR}/{PACKAGE}-{__version__}.tgz"
TEST_SETTINGS: Final[dict[str, dict[str, Any]]] = {
    "javascript": {"scripts": {"test": "node --test"}},
    "typescript": {"scripts": {"test": "vitest run"}, "devDependencies": {"vitest": "^4.0.0"}},
}
"""What `package.json` of a template says for its tests."""


def packed_package() -> bytes:
    """The packed package. Raises UserError where this installation has none."""
    try:
        return (files("forge_emu") / "testing" / "npm" / f"{PACKAGE}.tgz").read_bytes()
    except FileNotFoundError:
        raise UserError(
            f"this installation of forge-emu has no {PACKAGE}",
            "In a checkout, `make setup` builds it.",
        ) from None


def add_package(root: Path) -> str:
    """Write the packed package into the app, in the place of older ones; answers its name there."""
    content = packed_package()
    target = root / _FILE
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(content)
    for other in target.parent.glob(f"{PACKAGE}-*.tgz"):
        if other != target:
            other.unlink()
    return _FILE


def with_tests(package_json: bytes, template: str) -> bytes:
    """The `package.json` of a template, which has the package and runs the tests."""
    found = json.loads(package_json)
    more = TEST_SETTINGS[template]
    found = {"name": found.pop("name"), "version": found.pop("version"), **found}
    found["scripts"] = more["scripts"]
    found["devDependencies"] = {PACKAGE: f"file:{_FILE}", **more.get("devDependencies", {})}
    return json.dumps(found, indent=2, ensure_ascii=False).encode() + b"\n"


OTHER_MANAGERS: Final = {"yarn.lock": "yarn add --dev", "pnpm-lock.yaml": "pnpm add --save-dev"}
"""Lock files of other managers of packages, to the command that adds one."""


class AddedPackage(NamedTuple):
    """The packed package's name in the app, and the command to run where npm is not the manager."""

    name: str
    next: str | None


def install_package(root: Path) -> AddedPackage:
    """Add the package to an app that there is, with npm, unless the app has another manager.

    Raises UserError, and has changed nothing then.
    """
    if not (root / "package.json").is_file():
        raise UserError(
            f"{str(root)!r} has no package.json",
            "Give the directory of an app in JavaScript or TypeScript; one in Python is tested "
            "with pytest: docs/testing.md.",
        )
    for lock, command in OTHER_MANAGERS.items():
        if (root / lock).is_file():
            name = add_package(root)
            return AddedPackage(name, f"{command} ./{name}")
    npm = shutil.which("npm")
    if npm is None:
        raise UserError("npm was not found", "Install Node.js 20 or newer, which has it.")
    before = {path: path.read_bytes() for path in (root / VENDOR).glob(f"{PACKAGE}-*.tgz")}
    name = add_package(root)
    # fmt: off
    arguments = [
        npm, "install", "--save-dev", f"./{name}", "--ignore-scripts", "--no-audit", "--no-fund",
        "--loglevel=error",
    ]
    # fmt: on
    done = subprocess.run(arguments, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        (root / name).unlink()
        for path, content in before.items():
            path.write_bytes(content)
        said = (done.stderr or done.stdout).strip().splitlines()
        raise UserError(f"npm could not install {PACKAGE}: {' '.join(said[:3])}")
    return AddedPackage(name, None)
