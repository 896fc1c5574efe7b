"""Type errors as the app's own `tsc --noEmit` prints them, where its TypeScript has no interface.

TypeScript 7 is a program: only its command line is left to ask.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from forge_emu.errors import Problem
from forge_emu.runtime.node.programs import run_program
from forge_emu.runtime.node.tools import Tools

_SECONDS: Final = 120.0
_CONFIG: Final = "tsconfig.json"
# What Forge's bundler always sets.
_OPTIONS: Final = ("--noEmit", "--pretty", "false", "--jsx", "react")
_FACTORY: Final = ("--jsxFactory", "ForgeUI.createElement")
_FOUND: Final = re.compile(
    r"(?:(?P<file>.+?)\((?P<line>\d+),(?P<column>\d+)\): )?error (?P<words>TS\d+: .*)"
)


class _Package(msgspec.Struct):
    bin: dict[str, str] = {}


class TscResult(msgspec.Struct, frozen=True):
    """What tsc found; `failed` says why it found nothing out, None where it did."""

    problems: tuple[Problem, ...] = ()
    failed: str | None = None


def find_tsc(typescript: Path) -> Path | None:
    """The program `tsc` of the package in the folder `typescript`."""
    try:
        package = msgspec.json.decode((typescript / "package.json").read_bytes(), type=_Package)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    name = package.bin.get("tsc")
    return typescript / name if name and (typescript / name).is_file() else None


async def run_tsc(
    root: Path, program: Path, sources: Sequence[str], tools: Tools, *, imported: bool
) -> TscResult:
    """Run `tsc --noEmit` with the app's tsconfig.json, or without one on `sources`.

    Errors in other files than `sources` count only where `imported` ones do.
    """
    configured = (root / _CONFIG).is_file()
    what = ("--project", _CONFIG) if configured else sources
    command: list[str | Path] = [tools.node.path, program, *_OPTIONS, *_FACTORY, *what]
    try:
        code, stdout, stderr = await run_program(command, "", root, seconds=_SECONDS)
    except TimeoutError:
        return TscResult((), f"tsc did not end within {_SECONDS:.0f} s")
    text = stdout.decode(errors="replace") + stderr
    found = tuple(read_tsc(text))
    if code and not found:
        said = next((line.strip() for line in text.splitlines() if line.strip()), "it says nothing")
        return TscResult((), f"tsc failed ({code}): {said[:200]}")
    return TscResult(tuple(_own(found, None if imported else set(sources))))


def read_tsc(text: str) -> Iterator[Problem]:
    """The errors that tsc prints: `src/index.ts(2,7): error TS2741: …`; further lines of one are
    indented."""
    found: re.Match[str] | None = None
    words: list[str] = []
    for line in (*text.splitlines(), "error TS0: end"):
        match = _FOUND.fullmatch(line.rstrip())
        if match is None and found is not None and line.startswith(" "):
            words.append(line.strip())
            continue
        if found is not None:
            yield _problem(found, words)
        found, words = match, [match["words"]] if match else []


def _problem(found: re.Match[str], words: list[str]) -> Problem:
    file = (found["file"] or _CONFIG).replace("\\", "/")
    line, column = int(found["line"] or 0), int(found["column"] or 0)
    return Problem(file, line, column, " ".join(words), rule="bundle")


def _own(found: Sequence[Problem], sources: Collection[str] | None) -> Iterator[Problem]:
    """Those of the app's sources and of its configuration; 18003 is an `include` without a file."""
    for problem in dict.fromkeys(found):
        if "node_modules/" in problem.file or problem.message.startswith("TS18003:"):
            continue
        if sources is None or problem.file in sources or problem.file == _CONFIG:
            yield problem
