"""The schemas as files: a name, a title and a text for each."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

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
