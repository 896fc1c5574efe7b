"""Variables that a module reads and that are not set: what a failed load is often about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

from forge_emu.errors import Problem

_IS_EVALUATED = "failed while loading"
_MOST_BYTES = 2_000_000
_MOST_NAMES = 3
_NAME = "([A-Za-z_][A-Za-z0-9_]*)"
_READS = re.compile(
    rf"""process\.env(?:\.{_NAME}|\[\s*['"`]{_NAME}['"`]\s*\])"""
    rf"""|os\.(?:environ(?:\.get\(|\[)|getenv\()\s*['"]{_NAME}['"]"""
)
_NAMED = re.compile(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b")
"""A variable in an error of a package that wants one, such as `OPENAI_API_KEY`."""
_DESTRUCTURED = re.compile(r"\{([^{}]*)\}\s*=\s*process\.env\b")


def with_missing_variables(problem: Problem, root: Path, environment: Mapping[str, str]) -> Problem:
    """`problem` of a module that failed while it was evaluated, with how to set what it lacks."""
    if _IS_EVALUATED not in problem.message or "Cannot find module" in problem.message:
        return problem
    try:
        source = (root / problem.file).read_bytes()[:_MOST_BYTES].decode("utf-8", "replace")
    except (OSError, ValueError):
        return problem
    named = _NAMED.findall(problem.message) if "environment variable" in problem.message else []
    names = dict.fromkeys((*_names_read(source), *named))
    missing = [name for name in names if name not in environment]
    if not missing:
        return problem
    lines = source.split("\n")
    line = lines[problem.line - 1] if 0 < problem.line <= len(lines) else ""
    # What the failing line or the error names comes first.
    missing.sort(key=lambda name: name not in line and name not in problem.message)
    shown = ", ".join(missing[:_MOST_NAMES])
    reads = "A package reads" if missing[0] in named else f"{problem.file} reads"
    hint = (
        f"{reads} {shown}, which {'is' if len(missing) == 1 else 'are'} not set: "
        f"give {'it' if len(missing) == 1 else 'them'} under `variables:` in forge-emu.yml, with "
        f"--env-file, or as FORGE_USER_VAR_{missing[0]}."
    )
    return msgspec.structs.replace(problem, hint=hint)


def _names_read(source: str) -> list[str]:
    """The variables that a source names, each once, in order."""
    names = [name for match in _READS.findall(source) for name in match if name]
    for inner in _DESTRUCTURED.findall(source):
        names += re.findall(rf"(?:^|,)\s*{_NAME}", inner)
    return list(dict.fromkeys(names))
