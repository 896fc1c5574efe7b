"""The manifest: its text becomes an App, or every problem in it with line, column and a hint."""

from __future__ import annotations

from forge_emu.manifest.decoding import MAX_BYTES, is_blank, too_large
from forge_emu.manifest.nodes import Mapping, Part, Place, Scalar, Sequence, describe, to_json
from forge_emu.manifest.reader import read
from forge_emu.manifest.yamldoc import read_document

__all__ = [
    "MAX_BYTES",
    "Mapping",
    "Part",
    "Place",
    "Scalar",
    "Sequence",
    "describe",
    "is_blank",
    "read",
    "read_document",
    "to_json",
    "too_large",
]
