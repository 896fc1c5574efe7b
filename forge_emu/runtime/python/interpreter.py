"""Which Python runs the app's handlers, and why."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from forge_emu.errors import UserError
from forge_emu.runtime.tool import Tool

OLDEST_PYTHON = (3, 11)
VARIABLE = "FORGE_EMU_PYTHON"
"""The user's choice: a path, or a command on the PATH."""

_FOLDERS = (".venv", "venv")
_ANSWER_SECONDS = 20.0
_MOST_CONFIGURATION = 65_536
"""Bytes of a pyvenv.cfg that are read."""
# venv writes `version`, virtualenv and uv `version_info`.
_VERSION = re.compile(r"^version(?:_info)?\s*=\s*(\d+(?:\.\d+){1,2})", re.MULTILINE)
_OWN_VERSION = ".".join(map(str, sys.version_info[:3]))


def find_python(
    root: Path, environment: Mapping[str, str] = os.environ, *, run_app_tools: bool = True
) -> Tool:
    """The user's choice, else the app's virtual environment, else forge-emu's own interpreter.

    Without `run_app_tools`, the environment's pyvenv.cfg says which version it has. Raises
    UserError where the one that counts does not run or is too old. Blocks.
    """
    if chosen := environment.get(VARIABLE):
        path = shutil.which(chosen)
        if path is None:
            hint = f"Set {VARIABLE} to a Python, or unset it."
            raise UserError(f"{VARIABLE} is {chosen!r}, which is no program", hint)
        return _check_interpreter(Path(path), f"chosen by {VARIABLE}")
    for folder in _FOLDERS:
        path_in_app = root / folder / "bin" / "python"
        if (root / folder / "pyvenv.cfg").is_file():
            why = f"the app's own {folder}"
            if not run_app_tools:
                return _checked_version(path_in_app, why, _configured_version(root / folder))
            return _check_interpreter(path_in_app, why)
    return Tool(Path(sys.executable), _OWN_VERSION, "the one that runs forge-emu")


def _check_interpreter(path: Path, why: str) -> Tool:
    code = "import sys; print(*sys.version_info[:3], sep='.')"
    try:
        answer = subprocess.run(
            [path, "-I", "-c", code], capture_output=True, text=True, timeout=_ANSWER_SECONDS
        )
    except (OSError, subprocess.SubprocessError) as e:
        raise _broken_error(path, why) from e
    return _checked_version(path, why, answer.stdout.strip())


def _configured_version(environment: Path) -> str:
    """The version that a virtual environment says it has."""
    try:
        text = (environment / "pyvenv.cfg").read_bytes()[:_MOST_CONFIGURATION]
    except OSError:
        return ""
    found = _VERSION.search(text.decode("utf-8", "replace"))
    return found[1] if found else ""


def _broken_error(path: Path, why: str) -> UserError:
    hint = f"Make it anew, or set {VARIABLE} to another Python."
    return UserError(f"{path} ({why}) does not run", hint)


def _checked_version(path: Path, why: str, version: str) -> Tool:
    try:
        found = tuple(map(int, version.split(".")))
    except ValueError as e:
        raise _broken_error(path, why) from e
    if found < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        raise UserError(
            f"{path} ({why}) is Python {version}, and handlers need {oldest} or newer",
            f"Make it anew with a newer Python, or set {VARIABLE} to one.",
        )
    return Tool(path, version, why)
