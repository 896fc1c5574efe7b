"""Files of forge-emu's own, checked at load by the schema that editors check them by."""

from __future__ import annotations

from importlib.resources import files
from typing import Any, Final, Literal

import msgspec

from forge_emu.errors import ManifestError, Problem
from forge_emu.yamlsource.json_schema import DocumentSchema, part_at
from forge_emu.yamlsource.nodes import MappingNode, Part

SchemaName = Literal["settings", "scenario"]
_MOST: Final = 20
"""Problems that are told."""


def check_by_schema(name: SchemaName, root: Part, file: str) -> None:
    """Raises ManifestError with what the schema refuses: for files that their reader takes, whose
    own messages say more."""
    found = _schema_for(name, root).findings(root)
    problems = [
        Problem(file, *(part.key_place if at_key else part.place), message, hint, rule="schema")
        for path, message, hint, at_key in found
        for part in (part_at(root, path),)
    ]
    if problems:
        problems.sort(key=lambda problem: (problem.line, problem.column))
        raise ManifestError(problems[:_MOST])


def _schema_for(name: SchemaName, root: Part) -> DocumentSchema:
    """The schema, of which only what this file needs is compiled: that takes the time."""
    text = files(__package__).joinpath(f"{name}.json").read_bytes()
    schema: dict[str, Any] = msgspec.json.decode(text)
    present = root.node.entries if isinstance(root.node, MappingNode) else {}
    properties = schema["properties"].items()
    schema["properties"] = {key: part if key in present else True for key, part in properties}
    return DocumentSchema(schema, "forge-emu")
