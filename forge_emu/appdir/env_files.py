"""Files of `NAME=value` lines, given with `--env-file`."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from forge_emu.appdir.folder import unreadable_error
from forge_emu.errors import UserError

if TYPE_CHECKING:
    from dotenv.parser import Binding

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_UNCLOSED: Final = re.compile(rf"\s*(?:export\s+)?({_NAME.pattern})\s*=\s*['\"]")
_FORM: Final = "Write NAME=value on each line; lines that begin with # are comments."


def read_env_files(paths: Iterable[Path]) -> dict[str, str]:
    """The variables in the files, later files and lines before earlier ones.

    Read as python-dotenv does, with nothing put in for `${NAME}`. Raises UserError with file and
    line, which quotes no value.
    """
    found: dict[str, str] = {}
    for path in paths:
        from dotenv.parser import parse_stream

        for binding in parse_stream(io.StringIO(_read_text(path))):
            if binding.error or binding.key is not None:
                name, value = _read_binding(path, binding)
                found[name] = value
    return found


def _read_text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{path} is not UTF-8", "Save it as UTF-8.") from None
    except (OSError, ValueError) as error:
        raise unreadable_error(path, error) from None


def _read_binding(path: Path, binding: Binding) -> tuple[str, str]:
    name, value, text = binding.key, binding.value, binding.original.string
    line = binding.original.line + text[: len(text) - len(text.lstrip())].count("\n")
    if unclosed := binding.error and _UNCLOSED.match(text):
        raise UserError(f"{path}:{line}: the quote of {unclosed[1]} is never closed", _FORM)
    if name is None or value is None or not _NAME.fullmatch(name):
        raise UserError(f"{path}:{line} is no variable", _FORM)
    if "\0" in value:
        raise UserError(f"{path}:{line}: {name} holds a NUL byte, which no variable can")
    return name, value
