"""The templates: one JSON file per event in `templates/`, found by long or short name.

Adding an event is adding a file. There is no other list of what can be triggered.
"""

from __future__ import annotations

import difflib
import re
from functools import cache
from importlib.resources import files

import msgspec

from forge_emu.errors import UserError
from forge_emu.events.event_names import known_events, short_name
from forge_emu.model import Json

_PREFIX = re.compile(r"^(avi-)?(jira|confluence)-")


class Template(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An event that can be sent.

    `source` is its page under https://developer.atlassian.com/platform/forge/, empty for an event
    whose payload comes from the user alone. `payload` may hold placeholders
    (`placeholders.py`).
    """

    event: str
    name: str
    title: str
    source: str
    payload: dict[str, Json]


@cache
def all_templates() -> tuple[Template, ...]:
    """Every template, by name."""
    folder = files(__package__).joinpath("templates")
    found = [
        msgspec.json.decode(entry.read_bytes(), type=Template)
        for entry in folder.iterdir()
        if entry.name.endswith(".json")
    ]
    return tuple(sorted(found, key=lambda template: template.name))


def find_template(name: str, has_data: bool = False) -> Template:
    """The template called `name`: `issue-created`, `avi:jira:created:issue`, in any case.

    `has_data` says that the user brings a payload; then an event without a template will do.
    Raises UserError with the nearest names.
    """
    by_event = {template.event: template for template in all_templates()}
    candidates = _events_named(name)
    for event in candidates:
        if event in by_event:
            return by_event[event]
    if len(candidates) > 1:
        raise UserError(
            f"{name!r} could be several events: {', '.join(candidates)}",
            "Give one of these names in full.",
        )
    if candidates:
        return _bare_template(candidates[0], has_data)
    nearest = _nearest_names(name)
    if has_data and not nearest and re.fullmatch(r"avi:\S+", name):
        # The platform sends events that no list has; the user knows this one.
        return _bare_template(name, has_data)
    offered = ", ".join(template.name for template in all_templates())
    hint = f"Nearest: {', '.join(nearest)}. " if nearest else ""
    raise UserError(f"no event is called {name!r}", f"{hint}Ready to send: {offered}.")


def _events_named(name: str) -> list[str]:
    wanted = name.strip().lower()
    exact = [event for event in known_events() if event.lower() == wanted]
    if exact:
        return exact
    dashed = re.sub(r"[\s_.:]+", "-", wanted)
    spellings = {dashed, _PREFIX.sub("", dashed)}
    return sorted(event for event in known_events() if short_name(event) in spellings)


def _nearest_names(name: str) -> list[str]:
    """Ready templates first: they are what the user most likely wants."""
    wanted = name.strip().lower()
    if ":" in wanted:
        by_spelling = {event.lower(): event for event in known_events()}
    else:
        wanted = re.sub(r"[\s_.]+", "-", wanted)
        by_spelling = {short_name(event): short_name(event) for event in known_events()}
    ready = {template.event for template in all_templates()}
    ready |= {template.name for template in all_templates()}
    close = difflib.get_close_matches(wanted, by_spelling, n=4, cutoff=0.7)
    return sorted((by_spelling[spelling] for spelling in close), key=lambda n: n not in ready)[:3]


def _bare_template(event: str, has_data: bool) -> Template:
    if not has_data:
        raise UserError(
            f"{event} is a platform event, but forge-emu has no template for it yet",
            "Send it with a payload of your own: --data FILE, or --data - for standard input.",
        )
    # https://developer.atlassian.com/platform/forge/events-reference/life-cycle/ (2026-04-07):
    # lifecycle payloads have no eventType, all others do.
    payload = {} if event.startswith("avi:forge:") else {"eventType": event}
    return Template(event, short_name(event), event, "", payload)
