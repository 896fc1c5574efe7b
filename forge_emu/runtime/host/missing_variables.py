"""Variables that an app reads and that are not set: what a failure is often about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
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
_CHECKED = re.compile(
    r"\|\||\?\?|&&|\?\.|[=!]==?|\bif\b|\?\s|^\s*(?://|\*|#)|\bor\b|get(?:env)?\([^)]*,"
)
"""A line that does without the value, or asks whether there is one."""
_OF_THE_PLATFORM = ("FORGE_", "NODE_", "PYTHON", "npm_")
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


def unset_variables(
    root: Path, sources: Iterable[str], environment: Mapping[str, str]
) -> Problem | None:
    """One warning for the variables that `sources` read without a check, and that are not set."""
    found: dict[str, tuple[str, int]] = {}
    for name in sorted(sources):
        try:
            text = (root / name).read_bytes()[:_MOST_BYTES].decode("utf-8", "replace")
        except (OSError, ValueError):
            continue
        for number, line in enumerate(text.split("\n"), 1):
            if _CHECKED.search(line):
                continue
            for variable in _names_read(line):
                if variable not in environment and not variable.startswith(_OF_THE_PLATFORM):
                    found.setdefault(variable, (name, number))
    if not found:
        return None
    names = list(found)
    shown = ", ".join(names[:_MOST_NAMES])
    if len(names) > _MOST_NAMES:
        shown += f" and {len(names) - _MOST_NAMES} more"
    it = "it" if len(names) == 1 else "them"
    file, number = found[names[0]]
    return Problem(
        file,
        number,
        0,
        f"the app reads {shown}, which {'is' if len(names) == 1 else 'are'} not set",
        f"Give {it} under `variables:` in forge-emu.yml, with --env-file, or as "
        f"FORGE_USER_VAR_{names[0]}.",
        "warning",
        "variable-unset",
    )


def _names_read(source: str) -> list[str]:
    """The variables that a source names, each once, in order."""
    names = [name for match in _READS.findall(source) for name in match if name]
    for inner in _DESTRUCTURED.findall(source):
        names += re.findall(rf"(?:^|,)\s*{_NAME}", inner)
    return list(dict.fromkeys(names))
