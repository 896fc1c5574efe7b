"""What there is to know of an event: who sends it, which scopes it needs, what it carries."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import msgspec

from forge_emu.errors import UserError
from forge_emu.events.catalogue import Template, all_templates, find_template
from forge_emu.events.event_names import (
    known_events,
    product_of_event,
    scopes_of,
    unique_name,
)
from forge_emu.events.factory import EventFactory
from forge_emu.events.numbering import ThingNumbers
from forge_emu.model import Json, split_app_event

_SITE: Final = "https://developer.atlassian.com/platform/forge/"
_PAGE_BY_PRODUCT: Final = {
    "jira": "events-reference/jira/",
    "jira-software": "events-reference/jira-software/",
    "jira-service-management": "events-reference/jira-service-management/",
    "confluence": "events-reference/confluence/",
    "bitbucket": "events-reference/bitbucket/",
    "compass": "events-reference/compass/",
    "forge": "events-reference/life-cycle/",
    "data-security-policy": "events-reference/data-security-policy-events/",
    "app-events": "events-reference/app-events/",
}
_APP_EVENTS: Final = "app-events"
PRODUCTS: Final = tuple(product for product in _PAGE_BY_PRODUCT if product != _APP_EVENTS)
"""Who sends the events of the platform. Those that apps publish have no list."""
_ORDER: Final = (_APP_EVENTS, *PRODUCTS)
_NEW_YEAR_2026: Final = 1_767_225_600_000


class EventInfo(msgspec.Struct, frozen=True):
    """An event. `ready` says that it has a template; `payload` is None in a list.

    `note` says where the fields are no documented ones; `triggers` are those of the app.

    An app needs all of `scopes`, or all of `granular_scopes`; both are None where no source says.
    """

    event: str
    name: str
    title: str
    product: str
    ready: bool
    scopes: tuple[str, ...] | None
    granular_scopes: tuple[str, ...] | None
    source: str
    command: str
    note: str = ""
    triggers: tuple[str, ...] = ()
    payload: dict[str, Json] | None = None


def event_infos(
    product: str | None = None, triggers: Mapping[str, tuple[str, ...]] | None = None
) -> list[EventInfo]:
    """Every event of `product`, without payloads; those that have `triggers` come first."""
    ready = {template.event: template for template in all_templates()}
    published = {event: find_template(event) for event in triggers or () if split_app_event(event)}
    ready |= published
    names = (*known_events(), *published)
    found = (_build_info(event, ready.get(event), triggers) for event in names)
    wanted = [page for page in found if product in (None, page.product)]
    return sorted(
        wanted, key=lambda page: (not page.triggers, _ORDER.index(page.product), page.name)
    )


def event_info(name: str, triggers: Mapping[str, tuple[str, ...]] | None = None) -> EventInfo:
    """The event called `name`, with its payload. Raises UserError."""
    # With a payload of the user's own any event that exists can be sent.
    template = find_template(name, has_data=True, preferred=triggers or ())
    if template.event not in known_events() and not split_app_event(template.event):
        raise UserError(
            f"{name!r} is an event that no source describes",
            f"It can be sent all the same: forge-emu trigger {name} --data FILE",
        )
    found = _build_info(template.event, template, triggers)
    factory = EventFactory(template, plan=ThingNumbers().plan(template.things, 1))
    payload = factory.build_event(1, _NEW_YEAR_2026, lambda: "").payload
    return msgspec.structs.replace(found, payload=payload)


def _build_info(
    event: str, template: Template | None, triggers: Mapping[str, tuple[str, ...]] | None
) -> EventInfo:
    scopes = scopes_of(event)
    product = product_of_event(event)
    name = unique_name(event)
    return EventInfo(
        event=event,
        name=name,
        title=template.title if template else "",
        product=product,
        ready=template is not None,
        scopes=scopes.classic if scopes else None,
        granular_scopes=scopes.granular if scopes else None,
        source=_SITE
        + (template.source if template and template.source else _PAGE_BY_PRODUCT[product]),
        command=f"forge-emu trigger {name}" + ("" if template else " --data FILE"),
        note=template.note if template else "",
        triggers=(triggers or {}).get(event, ()),
    )


def unheard_warning(heard: Mapping[str, Sequence[str]], names: Collection[str]) -> str | None:
    """A line about those of the events `names` that no trigger wants; None where there is none.

    `heard` are the events that the app listens to, with its triggers.
    """
    unheard = [name for name in names if name not in heard]
    if not unheard:
        return None
    others = _first_of(list(heard)) or "none"
    return (
        f"warning: no trigger of the app wants {_first_of(unheard)}; it listens to {others}. "
        "Sent all the same."
    )


def _first_of(names: Sequence[str], most: int = 5) -> str:
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
