"""The JSON Schema of `forge-emu.yml`."""

from __future__ import annotations

from typing import Final

from forge_emu import settings
from forge_emu.appdir.declared_variables import SECTIONS
from forge_emu.appdir.mocks import ANSWER_FIELDS, GRAPHQL_NAME, MOCK_FIELDS
from forge_emu.schemas.forms import (
    VALUE,
    VARIABLE,
    Schema,
    described,
    fault_list,
    mapping,
    text,
    value,
    whole,
)
from forge_emu.schemas.setting_values import (
    ROOT,
    dotted_groups,
    group_properties,
    reference,
    setting_definitions,
)
from forge_emu.schemas.site_content import site_definitions, site_section
from forge_emu.services.mocks.mock import PRODUCTS
from forge_emu.services.mocks.request_pattern import FORM, METHODS
from forge_emu.settings import PRESETS

PRESET_WORDS: Final = (
    "current: those of today, the default; legacy: those before the platform's latest changes; "
    "off: no limits"
)
_REMOTES: Final = "remotes"
_PLACE: Final = r"[{][A-Za-z_][^\s{}]*[}]"
"""What stands for a part of a path: {key}."""


def settings_schema() -> Schema:
    """The schema of the whole file. A list of mocks, settings, and what else stands there."""
    properties = group_properties(ROOT) | {
        "preset": {"enum": [*PRESETS], "description": f"All limits at once. {PRESET_WORDS}."},
        "limits": {
            "description": "Limits one by one, or the name of a preset for all of them. Default: "
            f"current. {PRESET_WORDS}.",
            "anyOf": [{"enum": [*PRESETS]}, reference("limits")],
        },
        "latency": {
            "description": "One word for all latencies, or latencies one by one. Default: "
            f"{settings.LATENCY_PROFILE.default}.",
            "anyOf": [reference(settings.LATENCY_PROFILE.name), reference("latency")],
        },
        "faults": fault_list(),
        "mocks": {
            "type": "array",
            "items": reference("mock"),
            "description": "Answers to requests of the app, the first that fits. Default: none.",
        },
        _REMOTES: _remotes(),
        "site": site_section(),
        **described(SECTIONS, _variables(), "variables"),
    }
    definitions = setting_definitions() | site_definitions()
    definitions |= {"mock": _mock(), "answer": mapping(_answer(), "One of several answers.")}
    del definitions[_REMOTES]
    return {
        "title": "forge-emu.yml",
        **mapping(
            properties, "Settings of forge-emu for the app beside it.", **dotted_groups(ROOT)
        ),
        "definitions": definitions,
    }


def _remotes() -> Schema:
    """Addresses by the keys of remotes; settings stand among them."""
    properties = {
        name: part for name, part in group_properties(_REMOTES).items() if "." not in name
    }
    return {
        "type": "object",
        "description": "Addresses of remotes by their keys, in place of the manifest's. Default: "
        "those of the manifest. Settings of remotes may stand here too.",
        "properties": properties,
        "additionalProperties": {
            "type": "string",
            "minLength": 1,
            "description": "The address of this remote, such as http://localhost:8080, or one of "
            "its regions.",
        },
    }


def _variables() -> dict[str, Schema]:
    names = {"type": "array", "items": {"type": "string", "pattern": VARIABLE}}
    return {
        "variables": {
            "type": "object",
            "description": "Variables that handlers see, as NAME: value. Default: none.",
            "propertyNames": {"pattern": VARIABLE},
            "additionalProperties": {
                "type": [*VALUE],
                "description": "The value of this variable, a text as it is written.",
            },
        },
        "environment": {
            "description": "Names of your environment that handlers see, or `all`. Default: none.",
            "anyOf": [{"const": "all"}, names],
        },
        "secrets": {
            **names,
            "description": "Names of variables whose values are shown nowhere. Default: names "
            "that sound like secrets.",
        },
    }


def _answer() -> dict[str, Schema]:
    """The fields of an answer."""
    parts: dict[str, Schema] = {
        "status": whole("The status of the answer. Default: 200.", 200, 599),
        "headers": {
            "type": "object",
            "description": "Headers of the answer by name. Default: content-type.",
            "propertyNames": {"pattern": "^[A-Za-z0-9_-]+$"},
            "additionalProperties": value("The header's value."),
        },
        "body": {
            "description": "The body: text as it is sent, or what becomes JSON. {key} is what "
            "stands at {key} in `request`. Default: empty.",
        },
        "file": value("The name of a file of the app that holds the body, instead of `body`."),
    }
    return described(ANSWER_FIELDS, parts, "answers")


def _mock() -> Schema:
    methods = "|".join("".join(f"[{c}{c.lower()}]" for c in method) for method in METHODS)
    parts: dict[str, Schema] = {
        **_answer(),
        "request": {
            **text(
                rf"({methods})\s+(/|[hH][tT][tT][pP][sS]?://(?=[^/?#]))({_PLACE}|[^\s{{}}])*(#\S*)?",
                FORM,
            ),
            "description": "Method and path, such as GET /rest/api/3/issue/{key}; outside the "
            "platform the whole address. * at the end stands for all the rest.",
        },
        "operation": {
            "type": "string",
            "pattern": f"^{GRAPHQL_NAME.pattern}$",
            "description": "The name of a GraphQL operation. Default: any request.",
        },
        "product": {
            "enum": [*PRODUCTS],
            "description": "The product that is asked. Default: any service.",
        },
        "request_body": {
            "not": {"enum": [None, ""]},
            "description": "Text that the request's body must have in it, or fields of its JSON. "
            "Default: any body.",
        },
        "answers": {
            "type": "array",
            "items": reference("answer"),
            "minItems": 1,
            "description": "Several answers in turn; the last is repeated.",
        },
    }
    return mapping(
        described(MOCK_FIELDS, parts, "mocks"),
        "An answer to requests of the app.",
        anyOf=[{"required": ["request"]}, {"required": ["operation"]}],
        **{"not": _excluded()},
    )


def _excluded() -> Schema:
    """The fields that cannot stand together."""
    pairs = [("body", "file"), *(("answers", field) for field in ANSWER_FIELDS)]
    return {"anyOf": [{"required": [*pair]} for pair in pairs]}
