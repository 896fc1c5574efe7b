"""JSON Schemas of the files that users write, made from what reads them: for editors, and for the
check at load."""

from __future__ import annotations

from forge_emu.schemas.documents import SCHEMAS, check_text, schema_text

__all__ = ["SCHEMAS", "check_text", "schema_text"]
