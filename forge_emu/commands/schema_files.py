"""Writes the JSON Schemas into an app, where its files name them and editors find them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from forge_emu.errors import UserError
from forge_emu.schemas import SCHEMAS, schema_text

SCHEMA_FOLDER: Final = "schemas"


def schema_path(name: str) -> str:
    """The file of the schema `name` within an app: `schemas/settings.schema.json`."""
    return f"{SCHEMA_FOLDER}/{name}.schema.json"


def write_schemas(root: Path) -> list[str]:
    """Write every schema below `root`; answers their paths there. Raises UserError."""
    try:
        (root / SCHEMA_FOLDER).mkdir(exist_ok=True)
        for name in SCHEMAS:
            (root / schema_path(name)).write_text(schema_text(name), "utf-8")
    except OSError as error:
        raise UserError(
            f"cannot write {str(root / SCHEMA_FOLDER)!r}: {error.strerror or error}",
            "Give the directory of an app that you may write to.",
        ) from None
    return [schema_path(name) for name in SCHEMAS]
