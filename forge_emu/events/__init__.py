"""Names of product events, and events made from templates: the folder is the catalogue."""

from __future__ import annotations

from forge_emu.events.catalogue import Template, catalogue, find
from forge_emu.events.factory import Factory
from forge_emu.events.known import Scopes, known_events, scopes_of, short_name
from forge_emu.events.paths import parse_set

__all__ = [
    "Factory",
    "Scopes",
    "Template",
    "catalogue",
    "find",
    "known_events",
    "parse_set",
    "scopes_of",
    "short_name",
]
