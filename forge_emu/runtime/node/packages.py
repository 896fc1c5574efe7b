"""The npm packages that the app's code imports: which are missing, and installing them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from forge_emu.errors import UserError
from forge_emu.runtime.node.package_json import read_package, version_in
from forge_emu.runtime.node.tool_cache import run_npm
from forge_emu.runtime.node.tools import ProgressCallback, Tools

_SCRIPTS: Final = frozenset({".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs"})
_IMPORT: Final = """['"`]{}(?:/[^'"`\n]*)?['"`]"""
"""How a source names a package."""


def missing_packages(root: Path) -> list[str]:
    """Names of the dependencies in the app's package.json that are installed nowhere above it."""
    return [name for name in _dependencies(root) if not _is_installed(root, name)]


def needed_packages(root: Path) -> list[str]:
    """The missing packages without which the app does not run.

    Where some are installed, those that no source names are left out: a monorepo declares the
    packages of its user interfaces, which the platform's bundler never looks for.
    """
    missing = missing_packages(root)
    if not missing or len(missing) == len(_dependencies(root)):
        return missing
    text = "\n".join(_sources(root))
    return [name for name in missing if re.search(_IMPORT.format(re.escape(name)), text)]


def _sources(root: Path) -> Iterator[str]:
    for path in sorted((root / "src").rglob("*")):
        if path.suffix in _SCRIPTS and "node_modules" not in path.parts:
            try:
                yield path.read_text("utf-8", errors="replace")
            except OSError:
                continue


def install_packages(root: Path, tools: Tools, progress: ProgressCallback) -> None:
    """Install the app's packages, running none of their scripts. Raises UserError. Blocks."""
    if tools.npm is None:
        raise UserError(
            "npm was not found, so the app's packages cannot be installed",
            f"Install npm, then run `npm install` in {root}.",
        )
    locked = any((root / name).is_file() for name in ("package-lock.json", "npm-shrinkwrap.json"))
    command = "ci" if locked else "install"
    progress(f"Installing the app's packages: npm {command} --ignore-scripts")
    arguments = ["--ignore-scripts", "--no-audit", "--no-fund"]
    failure = run_npm(tools.npm, tools.node.path, [command, *arguments], root)
    if failure is not None and locked:
        # A lock file that no longer fits package.json.
        failure = run_npm(tools.npm, tools.node.path, ["install", *arguments], root)
    if failure is not None:
        raise UserError(
            f"the app's packages could not be installed: {failure}",
            f"Run `npm install` in {root} and see what it says.",
        )


def package_version(root: Path, name: str) -> str | None:
    """The version of an installed package as the app's code gets it."""
    for folder in (root, *root.parents):
        if (version := version_in(folder / "node_modules" / name)) is not None:
            return version
    return None


def _dependencies(root: Path) -> list[str]:
    declared = read_package(root).get("dependencies")
    return list(declared) if isinstance(declared, dict) else []


def _is_installed(root: Path, name: str) -> bool:
    # Node looks into every folder above as well (workspaces).
    folders = (root, *root.absolute().parents)
    return any((folder / "node_modules" / name / "package.json").is_file() for folder in folders)
