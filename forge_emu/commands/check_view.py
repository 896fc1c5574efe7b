"""What `check` found: for a terminal, as JSON, and as SARIF for code hosts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from rich.text import Text

from forge_emu import __version__
from forge_emu.commands.check import CheckResult
from forge_emu.console import palette as p
from forge_emu.console.format import escape, plural
from forge_emu.errors import UserError
from forge_emu.rules import sarif_log


def check_text(found: CheckResult) -> Text:
    """A line for each problem, `file:line:col` first, and how to mend it below."""
    text = Text(end="")
    for problem in found.problems:
        place, _, message = str(problem).partition(" ")
        text.append(escape(place), p.TITLE)
        text.append(f" {problem.severity}", p.ALERT if problem.severity == "error" else p.RETRY)
        text.append(f" {escape(message)}")
        text.append(f" [{problem.rule}]\n", p.DIM)
        if problem.hint:
            text.append(f"    {escape(problem.hint)}\n", p.ACCENT)
    return text


def check_counts_text(found: CheckResult) -> str:
    """The counts of errors and warnings in one line."""
    if not found.problems:
        return "nothing found" + ("" if found.code_seen else " (the code was not looked at)")
    errors, warnings = found.count("error"), found.count("warning")
    words = f"{plural(errors, 'error')}, {plural(warnings, 'warning')}"
    if not found.code_seen:
        words += "; the code was not looked at"
    return words


def check_json(found: CheckResult) -> bytes:
    """The whole result as one JSON object."""
    whole = {
        "app": str(found.root),
        "errors": found.count("error"),
        "warnings": found.count("warning"),
        "code_seen": found.code_seen,
        "problems": found.problems,
    }
    return msgspec.json.format(msgspec.json.encode(whole), indent=2)


def sarif_text(found: CheckResult) -> bytes:
    """The result as a SARIF log."""
    log: dict[str, Any] = sarif_log(found.problems, __version__, _repository_prefix(found.root))
    return msgspec.json.format(msgspec.json.encode(log), indent=2)


def write_sarif(found: CheckResult, path: Path) -> None:
    """Write the SARIF log. Raises UserError."""
    try:
        path.write_bytes(sarif_text(found) + b"\n")
    except OSError as error:
        raise UserError(
            f"cannot write {str(path)!r}: {error.strerror}", "Give --sarif another file."
        ) from None


def _repository_prefix(root: Path) -> str:
    """The app's folder relative to its repository, with a slash; empty where it is the root."""
    for folder in (root, *root.parents):
        if (folder / ".git").exists():
            inner = root.relative_to(folder).as_posix()
            return "" if inner == "." else f"{inner}/"
    return ""
