"""stdin, stdout and stderr as every command finds them: open, and able to write every mark."""

from __future__ import annotations

import codecs
import os
import sys
from io import TextIOWrapper
from typing import Final

from forge_emu.cli.output.errors import print_message

_HANDLER: Final = "forge_emu_marks"
# One column each, as the marks: rows keep their width.
_MARKS: Final = dict(
    zip(
        "✓✗↻●◆◇■□▣▶►▸▾☞⊘→↗↙░▒█▁▂▃▄▅▆▇▏│└├─╌━╸╺╾╼·•▪×–‖⏎…ϟ",
        "+xr**o#-E>>>v@/>><:%#._,-=*%||++-_==-=-.**x-=|~!",
        strict=True,
    )
)


def prepare_streams() -> None:
    """Open the standard streams that are closed; write marks in ASCII where they cannot be."""
    codecs.register_error(_HANDLER, write_in_ascii)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            _make_writable(stream)
    _replace_closed_streams()


def _make_writable(stream: TextIOWrapper) -> None:
    """Let `stream` write any text. LC_ALL=C means ASCII, though Python writes UTF-8 then."""
    chosen = os.environ.get("PYTHONIOENCODING") or os.environ.get("PYTHONUTF8")
    if os.environ.get("LC_ALL") in ("C", "POSIX") and not chosen:
        stream.reconfigure(encoding="ascii", errors=_HANDLER)
    elif codecs.lookup(stream.encoding).name != "utf-8":
        stream.reconfigure(errors=_HANDLER)


def write_in_ascii(error: UnicodeError) -> tuple[str, int]:
    """What stands for characters that an encoding has not: marks in ASCII, others as in JSON."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(_MARKS.get(char) or _escaped(char) for char in text), error.end


def _escaped(char: str) -> str:
    """`\\u00e9`, with two of them beyond U+FFFF."""
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2))


def _replace_closed_streams() -> None:
    """Open what was closed before the start: a file of the run would get its descriptor."""
    closed = []
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is not None:
            continue
        closed.append(name)
        opened = os.open(os.devnull, os.O_RDWR)
        if opened != number:
            os.dup2(opened, number)
            os.close(opened)
        mode = "r" if number == 0 else "w"
        setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))
    if "stdout" in closed:
        print_message("warning", "stdout is closed: what is printed there is lost", "yellow")
