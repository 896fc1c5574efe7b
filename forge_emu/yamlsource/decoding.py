"""Bytes to text: size, encoding and stray characters, before any YAML is looked at."""

from __future__ import annotations

import codecs
import re
from typing import Final

from forge_emu.errors import Problem
from forge_emu.yamlsource.nodes import SourcePosition

MAX_BYTES: Final = 1_000_000
"""A larger file is refused; the largest manifests of real apps have some 100 kB."""

# Named and not excluded: a set up to the last character takes ten times as long to compile.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class UnreadableYamlError(Exception):
    """The one thing that keeps a file from being read, and its place."""

    def __init__(self, place: SourcePosition, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.place = place
        self.message = message
        self.hint = hint


def decode_text(text: bytes) -> str:
    """`text` as characters that YAML allows. Raises UnreadableYamlError."""
    if text.startswith(_UTF16_MARKS):
        raise UnreadableYamlError(SourcePosition(1, 1), "the file is UTF-16", "Save it as UTF-8.")
    try:
        characters = text.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        before = text[: e.start].decode("utf-8-sig", "replace")
        raise UnreadableYamlError(
            _end_position(before),
            f"the byte 0x{text[e.start]:02x} is not UTF-8",
            "Save the file as UTF-8.",
        ) from None
    if found := _UNPRINTABLE.search(characters):
        name = "a NUL byte" if found[0] == "\0" else f"the control character U+{ord(found[0]):04X}"
        raise UnreadableYamlError(
            _end_position(characters[: found.start()]),
            f"there is {name}, which YAML does not allow",
            "Remove it. Is it a text file?",
        )
    return characters


def _end_position(text: str) -> SourcePosition:
    return SourcePosition(text.count("\n") + 1, len(text) - text.rfind("\n"))


def too_large_problem(file: str, size: int) -> Problem:
    """What to say of a file of `size` bytes, which is more than MAX_BYTES."""
    return Problem(
        file,
        1,
        1,
        f"the file is {size / 1e6:.1f} MB, more than the {MAX_BYTES / 1e6:g} MB that"
        " forge-emu reads",
        "Is it the right file?",
        rule="yaml",
    )


def is_blank(text: bytes) -> bool:
    """Whether there is nothing but comments and white space."""
    if len(text) > MAX_BYTES:
        return False
    lines = text.removeprefix(codecs.BOM_UTF8).splitlines()
    return all(not line.strip() or line.lstrip().startswith(b"#") for line in lines)
