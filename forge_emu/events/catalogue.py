"""The templates: one JSON file per event in `templates/`, found by long or short name.

A folder for each product, in it one for each subject; `parts.py` has what templates share.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import msgspec

from forge_emu.errors import UserError
from forge_emu.events.app_events import ENVIRONMENT, PAGE, SITE, app_event_payload
from forge_emu.events.event_names import (
    events_called,
    known_events,
    nearest_events,
    short_name,
    unique_name,
)
from forge_emu.events.parts import with_parts
from forge_emu.events.things import Role
from forge_emu.model import Json, split_app_event
from forge_emu.nearest import nearest

_PREFIX = re.compile(r"^(avi-)?(jira|confluence|bitbucket|compass|forge)-")
_OTHER_NAMES = {
    "comment-created": "avi:jira:commented:issue",
    "comment-updated": "avi:jira:commented:issue",
}
"""Names that people look for where the platform has another one; an app's own events count."""


class Template(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An event that can be sent.

    `source` is its page under https://developer.atlassian.com/platform/forge/, empty for an event
    whose payload comes from the user alone. `payload` may hold placeholders (`placeholders.py`)
    and parts (`parts.py`). `things` says what the event is about, the main thing first, and what
    it does with it. `note` says where the fields are no documented ones.
    """

    event: str
    name: str
    title: str
    source: str
    payload: dict[str, Json]
    things: dict[str, Role] = msgspec.field(default_factory=lambda: {"issue": "new"})
    note: str = ""

    @property
    def anchor(self) -> str:
        """The kind of thing that the event is about."""
        return next(iter(self.things))


@cache
def all_templates() -> tuple[Template, ...]:
    """Every template, by name."""
    return tuple(map(_template, sorted(_template_files())))


def find_template(name: str, has_data: bool = False, preferred: Collection[str] = ()) -> Template:
    """The template called `name`: `issue-created`, `avi:jira:created:issue`, in any case.

    `has_data` says that the user brings a payload; then an event without a template will do.
    Of several events of that name, one of the `preferred` ones is meant, if it is only one.
    Raises UserError with the nearest names.
    """
    if split_app_event(name.strip()):
        return _app_event_template(name.strip())
    candidates = _events_named(name, preferred)
    if len(candidates) > 1:
        raise UserError(
            f"{name!r} could be several events: {', '.join(candidates)}",
            f"Write {' or '.join(map(unique_name, candidates))}.",
        )
    if candidates:
        return _template(unique_name(candidates[0]))
    nearest = _nearest_names(name)
    if has_data and not nearest and re.fullmatch(r"avi:\S+", name):
        # The platform sends events that no list has; the user knows this one.
        return _bare_template(name)
    hint = f"Nearest: {', '.join(nearest)}. " if nearest else ""
    usual = [unique_name(each) for each in preferred if each in known_events()]
    if usual:
        hint += f"The app listens to {', '.join(usual[:3])}{', …' if len(usual) > 3 else ''}. "
    elif not nearest:
        hint = "Such as issue-created. "
    raise UserError(f"no event is called {name!r}", f"{hint}forge-emu events --all lists them.")


def is_ambiguous(name: str) -> bool:
    """Whether `name` could be several events, one of which an app may listen to."""
    dashed = _dashed(name)
    return dashed in _OTHER_NAMES or len(_events_named(name, ())) > 1


@cache
def _template_files() -> dict[str, Traversable]:
    """By the names of their templates."""
    return {
        file.name.removesuffix(".json"): file
        for product in _folders(files(__package__).joinpath("templates"))
        for subject in _folders(product)
        for file in subject.iterdir()
        if file.name.endswith(".json")
    }


@cache
def _template(name: str) -> Template:
    """The template in the file `name`, with its parts. All of them would take a tenth of a start,
    and most commands need one."""
    found = msgspec.json.decode(_template_files()[name].read_bytes(), type=Template)
    return msgspec.structs.replace(found, payload=_whole_payload(found))


def _folders(folder: Traversable) -> list[Traversable]:
    return [entry for entry in folder.iterdir() if entry.is_dir()]


def _whole_payload(template: Template) -> dict[str, Json]:
    payload = with_parts(template.payload, template.event)
    assert isinstance(payload, dict)
    return payload


def _events_named(name: str, preferred: Collection[str]) -> list[str]:
    wanted = name.strip().lower()
    exact = [event for event in known_events() if event.lower() == wanted]
    if exact:
        return exact
    dashed = _dashed(name)
    named = [event for event in known_events() if unique_name(event) == dashed]
    if not named:
        named = list(events_called(dashed) or events_called(_PREFIX.sub("", dashed)))
    other = _OTHER_NAMES.get(dashed)
    heard = [event for event in (*named, *([other] if other else ())) if event in preferred]
    return heard if len(heard) == 1 else named


def _dashed(name: str) -> str:
    return re.sub(r"[\s_.:]+", "-", name.strip().lower())


def _nearest_names(name: str) -> list[str]:
    """The nearest short names, or the nearest full ones where a full one was meant."""
    wanted = name.strip().lower()
    if ":" in wanted:
        known = list(known_events())
    else:
        wanted = re.sub(r"[\s_.]+", "-", wanted)
        known = [unique_name(event) for event in known_events()]
    if close := nearest(wanted, known, cutoff=0.7):
        return close
    words = nearest_events(name)
    return words if ":" in wanted else [unique_name(event) for event in words]


def _app_event_template(event: str) -> Template:
    """An event that an app publishes itself, this one or another one on the site."""
    _, key = split_app_event(event) or ("", "")
    payload = app_event_payload(event, key, SITE, ENVIRONMENT)
    return Template(
        event, event, "An app publishes its own event", PAGE, payload, {"change": "new"}
    )


def _bare_template(event: str) -> Template:
    """An event that has nothing but its name."""
    # https://developer.atlassian.com/platform/forge/events-reference/life-cycle/ (2026-04-07):
    # lifecycle payloads have no eventType, all others do.
    payload: dict[str, Json] = {} if event.startswith("avi:forge:") else {"eventType": event}
    return Template(event, short_name(event), event, "", payload)
