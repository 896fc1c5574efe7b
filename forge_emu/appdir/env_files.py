"""Files of `NAME=value` lines, given with `--env-file`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from forge_emu.appdir.folder import unreadable_error
from forge_emu.errors import UserError

_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)", re.DOTALL)
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t"}
_FORM: Final = "Write NAME=value on each line; lines that begin with # are comments."


def read_env_files(paths: Iterable[Path]) -> dict[str, str]:
    """The variables in the files, later files and lines before earlier ones.

    A value may stand in single or double quotes, over several lines; in double quotes `\\n` is a
    line's end. Raises UserError with file and line, which quotes no value.
    """
    found: dict[str, str] = {}
    for path in paths:
        found.update(_read_env_file(path))
    return found


def _read_env_file(path: Path) -> dict[str, str]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{path} is not UTF-8", "Save it as UTF-8.") from None
    except (OSError, ValueError) as error:
        raise unreadable_error(path, error) from None
    found: dict[str, str] = {}
    lines = text.replace("\r\n", "\n").split("\n")
    number = 0
    while number < len(lines):
        first, line = number + 1, lines[number]
        number += 1
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise UserError(f"{path}:{first} is no variable", _FORM)
        name, rest = match[1], match[2]
        quote = rest[:1]
        if quote in ("'", '"'):
            while (end := _closing_quote(rest, quote)) is None and number < len(lines):
                rest += "\n" + lines[number]
                number += 1
            if end is None:
                raise UserError(f"{path}:{first}: the quote of {name} is never closed", _FORM)
            value = rest[1:end]
            found[name] = _unescaped(value) if quote == '"' else value
        else:
            found[name] = re.split(r"(?:^|\s)#", rest, maxsplit=1)[0].strip()
        if "\0" in found[name]:
            raise UserError(f"{path}:{first}: {name} holds a NUL byte, which no variable can")
    return found


def _closing_quote(text: str, quote: str) -> int | None:
    """Where the quote that `text` begins with is closed; None where it is not."""
    at = 1
    while at < len(text):
        if text[at] == quote:
            return at
        at += 2 if text[at] == "\\" and quote == '"' else 1
    return None


def _unescaped(value: str) -> str:
    return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), value, flags=re.DOTALL)
