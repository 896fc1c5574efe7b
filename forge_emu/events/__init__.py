"""Names of product events, and events made from templates: the folder is the catalogue."""

from __future__ import annotations

from forge_emu.events.catalogue import Template, all_templates, find_template, is_ambiguous
from forge_emu.events.event_names import (
    Scopes,
    known_events,
    nearest_events,
    scopes_of,
    short_name,
    unique_name,
)
from forge_emu.events.factory import EventFactory
from forge_emu.events.numbering import ThingNumbers, number_of
from forge_emu.events.payload_paths import parse_set
from forge_emu.events.things import ThingPlan

__all__ = [
    "EventFactory",
    "Scopes",
    "Template",
    "ThingNumbers",
    "ThingPlan",
    "all_templates",
    "find_template",
    "is_ambiguous",
    "known_events",
    "nearest_events",
    "number_of",
    "parse_set",
    "scopes_of",
    "short_name",
    "unique_name",
]
