"""YAML as the user wrote it: nodes that know their line and column, and problems that quote it."""

from __future__ import annotations

from forge_emu.yamlsource.decoding import MAX_BYTES, is_blank, too_large_problem
from forge_emu.yamlsource.document import read_document
from forge_emu.yamlsource.nodes import (
    MappingNode,
    Part,
    ScalarNode,
    SequenceNode,
    SourcePosition,
    describe,
    to_json,
)

__all__ = [
    "MAX_BYTES",
    "MappingNode",
    "Part",
    "ScalarNode",
    "SequenceNode",
    "SourcePosition",
    "describe",
    "is_blank",
    "read_document",
    "to_json",
    "too_large_problem",
]
