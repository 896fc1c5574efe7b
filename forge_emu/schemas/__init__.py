"""JSON Schemas of the files that users write, made from what reads them: for editors."""

from __future__ import annotations

from forge_emu.schemas.documents import SCHEMAS, schema_text

__all__ = ["SCHEMAS", "schema_text"]
