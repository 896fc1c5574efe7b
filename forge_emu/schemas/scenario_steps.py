"""The steps of scenarios as parts of a JSON Schema: one object for each kind."""

from __future__ import annotations

from typing import Final

from forge_emu.arrivals import MAX_EVENTS
from forge_emu.events import all_templates, known_events, short_name, unique_name
from forge_emu.schemas.forms import (
    RATE,
    SPAN,
    Schema,
    described,
    mapping,
    rate,
    span,
    text,
    value,
    whole,
)
from forge_emu.schemas.site_content import seeded_site
from forge_emu.services.web_triggers.messages import METHODS
from forge_emu.simulate.plan.order_step_reader import MOST_SEEDED, ORDER_STEP_KEYS
from forge_emu.simulate.plan.pace_reader import PACE_KEYS
from forge_emu.simulate.plan.step_reader import EVENT_STEP_KEYS
from forge_emu.simulate.plan.steps import ORDER_KINDS

_EVENT: Final = "event"
_FILE: Final[Schema] = {"type": "string", "pattern": "^@."}
_LINES: Final = r"\.([jJ][sS][oO][nN][lL]|[nN][dD][jJ][sS][oO][nN])$"
"""The end of the name of a file of payloads."""
_START_KEYS: Final = ("at", "time")
_EXCLUSIVE: Final = (
    ("at", "time"),
    ("burst", "ramp"),
    ("burst", "rate"),
    ("burst", "spread"),
    ("ramp", "rate"),
    ("ramp", "spread"),
    ("count", "rate", "spread"),
)
"""Keys that do not stand together."""


def step_list() -> Schema:
    """`steps:`"""
    return {
        "type": "array",
        "minItems": 1,
        "items": {"anyOf": [{"$ref": f"#/definitions/step.{kind}"} for kind in _kinds()]},
        "description": "What happens, and when. A step has one of: " + ", ".join(_kinds()) + ".",
    }


def step_definitions() -> dict[str, Schema]:
    """A definition for each kind of step."""
    found = {"step.event": _event_step()}
    for kind in ORDER_KINDS:
        keys = (kind, *ORDER_STEP_KEYS[kind], *_START_KEYS)
        parts = _named(kind) | _own_keys().get(kind, {}) | _start()
        parts |= _pace() if set(PACE_KEYS) <= set(keys) else {}
        required = [kind, "body"] if kind == "push" else [kind]
        found[f"step.{kind}"] = _step(described(keys, parts, kind), _TITLES[kind], required)
    return {
        name: {"title": f"a {name.removeprefix('step.')} step", **part}
        for name, part in found.items()
    }


def _kinds() -> tuple[str, ...]:
    return (_EVENT, *ORDER_KINDS)


_TITLES: Final = {
    "invoke": "Calls of a function or a resolver, as `forge-emu invoke`.",
    "push": "Events pushed to a queue, as `forge-emu queue push`.",
    "schedule": "One more run of a scheduled trigger, as `forge-emu trigger schedule`.",
    "web": "Requests to a web trigger, as `forge-emu trigger web`.",
    "site": "Content that is made up on the site, as `forge-emu site seed`.",
}


def _step(properties: dict[str, Schema], description: str, required: list[str]) -> Schema:
    together = [
        {"required": [*keys]} for keys in _EXCLUSIVE if all(key in properties for key in keys)
    ]
    found = mapping(properties, description, **{"not": {"anyOf": together}})
    if required:
        found["required"] = required
    if "ramp" in properties:
        # A ramp in one text does not say how long it lasts, and others need not.
        lasting = {"type": "object", "required": ["over"]}
        found["dependencies"] = {
            "ramp": {"anyOf": [{"required": ["count"]}, {"properties": {"ramp": lasting}}]}
        }
    return found


def _event_step() -> Schema:
    lines = {"properties": {"data": {"type": "string", "pattern": _LINES}}}
    parts: dict[str, Schema] = {
        "event": {
            "description": "The product event, such as issue-created; `forge-emu events --all` "
            "lists them. An event that no list has needs `data`.",
            "anyOf": [{"enum": _event_names()}, {"type": "string", "minLength": 1}],
        },
        "key": value("What the first event is about: EMU-7, and those after it. Default: new."),
        "from": value("The status that a transition leaves. Default: that of the template."),
        "to": value("The status that a transition leads to. Default: that of the template."),
        "payload": {
            "type": "object",
            "description": "Paths of the payload and their values; {n} is the number of the event.",
            "additionalProperties": {
                "type": ["string", "number", "boolean", "null"],
                "description": "The value at this path.",
            },
        },
        "data": {
            "description": "What is merged over the payload, or the name of a JSON file; a file "
            "of lines (.jsonl) holds payloads that are sent once each.",
            "anyOf": [{"type": "object"}, {"type": "string", "minLength": 1}],
        },
        **_start(),
        **_pace(),
    }
    step = _step(described(EVENT_STEP_KEYS, parts, "steps"), "Product events.", [])
    step["anyOf"] = [{"required": ["event"]}, {"required": ["data"], **lines}]
    return step


def _event_names() -> list[str]:
    """Every name that a known event has."""
    events = {*known_events(), *(template.event for template in all_templates())}
    return sorted({*map(short_name, events), *map(unique_name, events), *events})


def _named(kind: str) -> dict[str, Schema]:
    """The key that says what a step is."""
    if kind == "site":
        return {kind: seeded_site(MOST_SEEDED)}
    names = {
        "invoke": "A function of the manifest, or RESOLVER.KEY.",
        "push": "The name of a queue.",
        "schedule": "The key of a scheduled trigger.",
        "web": "The key of a web trigger.",
    }
    return {kind: {"type": "string", "minLength": 1, "description": names[kind]}}


def _own_keys() -> dict[str, dict[str, Schema]]:
    """The keys that one kind alone has."""
    body = "The body; {n} is the number of the event"
    return {
        "invoke": {
            "payload": {"description": "The payload: any value, or @ and the name of a JSON file."},
            "context": _object("The context of the call, such as accountId and extension."),
        },
        "push": {
            "body": _object(f"{body}."),
            "delay": span("How long the queue holds it back. Default: 0."),
            "concurrency": _concurrency(),
        },
        "web": {
            "method": {
                "enum": [*METHODS, *(method.lower() for method in METHODS)],
                "description": "The method. Default: POST with a body, GET without.",
            },
            "headers": _headers(),
            "body": {"description": f"{body}; text as it is sent, JSON, or @FILE. Default: none."},
            "path": {
                "type": "string",
                "pattern": "^/",
                "description": "What follows the address of the trigger. Default: nothing.",
            },
            "query": value("The query of the address, such as page=2. Default: none."),
        },
    }


def _object(description: str) -> Schema:
    return {
        "description": f"{description} An object, or @ and the name of a JSON file.",
        "anyOf": [{"type": "object"}, _FILE],
    }


def _concurrency() -> Schema:
    pair = mapping(
        {
            "key": {"type": "string", "description": "The concurrency key."},
            "limit": {
                "type": "integer",
                "description": "How many of its events may be handled at once.",
            },
        },
        "A concurrency key with its limit.",
        required=["key", "limit"],
    )
    return {
        "description": "The concurrency key with its limit: account-7:2. Default: none.",
        "anyOf": [text(r".+:0*[1-9][0-9]{0,8}", "KEY:LIMIT, such as account-7:2"), pair],
    }


def _headers() -> Schema:
    one = {"type": ["string", "number", "boolean"]}
    return {
        "type": "object",
        "description": "Headers by name. Default: none.",
        "propertyNames": {"pattern": "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"},
        "additionalProperties": {
            "description": "The value of this header, or a list of them.",
            "anyOf": [one, {"type": "array", "items": one}],
        },
    }


def _start() -> dict[str, Schema]:
    form = "A span of time: 10s, 5m, or 0."
    words = {
        "at": "When it begins, from the begin of the run. Default: 0.",
        "time": "The same as `at`.",
    }
    return {
        key: {
            **text(f"0|{SPAN}", form, "integer", minimum=0, maximum=0),
            "description": f"{said} {form}",
        }
        for key, said in words.items()
    }


def _pace() -> dict[str, Schema]:
    return {
        "count": whole("How many. Default: 1.", 1, MAX_EVENTS),
        "rate": rate("So many in a time. Default: all at once."),
        "spread": span("All of them, evenly over this time. Default: all at once."),
        "ramp": {
            "description": "From one rate to another: 1/s..50/s with a count, or from, to, over.",
            "anyOf": [
                text(rf"{RATE}\s*\.\.\s*{RATE}", "Two rates: 1/s..50/s."),
                mapping(
                    {
                        "from": rate("The rate at the begin."),
                        "to": rate("The rate at the end."),
                        "over": span("How long it lasts; without it, `count` says how many."),
                    },
                    "A ramp.",
                    required=["from", "to"],
                ),
            ],
        },
        "burst": {
            "description": "So many at once, again and again: 100 every 30s.",
            "anyOf": [
                text(
                    rf"0*[1-9][0-9]{{0,6}}(\s*(every|/)\s*{SPAN})?",
                    "Such as 100 every 30s.",
                    "integer",
                    minimum=1,
                    maximum=9_999_999,
                ),
                mapping(
                    {
                        "size": whole("So many at once.", 1, MAX_EVENTS),
                        "every": span("When the next ones come."),
                    },
                    "A burst.",
                    required=["size"],
                ),
            ],
        },
    }
