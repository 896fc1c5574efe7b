"""The schemas as files: a name, a title and a text for each."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from forge_emu.schemas.forms import Schema
from forge_emu.schemas.scenario import scenario_schema
from forge_emu.schemas.settings_file import settings_schema

DIALECT: Final = "http://json-schema.org/draft-07/schema#"
"""The newest draft that editors check as a whole."""

SCHEMAS: Final[dict[str, Callable[[], Schema]]] = {
    "settings": settings_schema,
    "scenario": scenario_schema,
}
"""What makes each schema, by its name: that of `forge-emu.yml`, and that of scenarios."""


def schema_text(name: str) -> str:
    """The schema `name` as a JSON file, the same every time."""
    schema = {"$schema": DIALECT, **SCHEMAS[name]()}
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


_NAMED: Final = frozenset({"properties", "patternProperties", "definitions"})
"""What holds schemas by names of its own."""
_WORDS: Final = frozenset({"title", "description", "default", "examples"})
"""What a schema says to people alone."""


def check_text(name: str) -> str:
    """The schema `name` with all that decides, and no words: what files are checked by at load."""
    return json.dumps(_without_words(SCHEMAS[name]()), separators=(",", ":")) + "\n"


def _without_words(part: Any) -> Any:
    if isinstance(part, list):
        return [_without_words(inner) for inner in part]
    if not isinstance(part, dict):
        return part
    kept = {key: inner for key, inner in part.items() if key not in _WORDS}
    return {
        key: {name: _without_words(each) for name, each in inner.items()}
        if key in _NAMED
        else _without_words(inner)
        for key, inner in kept.items()
    }
