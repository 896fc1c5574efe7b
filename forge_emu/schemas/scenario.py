"""The JSON Schema of scenarios, but for their steps."""

from __future__ import annotations

from typing import Final

from forge_emu import settings
from forge_emu.schemas.forms import (
    SPAN,
    Schema,
    described,
    fault_list,
    literal,
    mapping,
    span,
    text,
    whole,
)
from forge_emu.schemas.scenario_steps import step_definitions, step_list
from forge_emu.schemas.setting_values import (
    ROOT,
    dotted_groups,
    group_properties,
    setting_definitions,
)
from forge_emu.schemas.settings_file import PRESET_WORDS
from forge_emu.settings import PRESETS
from forge_emu.simulate.plan.conditions import OPERATORS
from forge_emu.simulate.plan.figures import Figure, all_figures
from forge_emu.simulate.plan.scenario import SCENARIO_KEYS

_NUMBER: Final = r"[0-9]{1,15}(\.[0-9]{1,9})?"
_LIMITS: Final = "refused.limits."


def scenario_schema() -> Schema:
    """The schema of the whole file."""
    parts: dict[str, Schema] = {
        "description": {"description": "What it is for; nothing reads it."},
        "fail_on": {
            "type": "array",
            "items": _condition(),
            "description": "Conditions of which none may hold at the end, as with --fail-on. "
            "Default: none.",
        },
        "faults": fault_list(),
        "kvs": _store(),
        "latency": {
            "enum": [*settings.LATENCY_PROFILE.choices],
            "description": "One word for all latencies. Default: that of forge-emu.yml, or "
            f"{settings.LATENCY_PROFILE.default}.",
        },
        "limits": {
            "enum": [*PRESETS],
            "description": f"The preset of all limits. {PRESET_WORDS}. Default: that of "
            "forge-emu.yml, or current.",
        },
        "seed": whole("All chance of the run follows it. Default: 1.", 0),
        "set": mapping(
            group_properties(ROOT),
            "Settings for this run, nested or by dotted names, as with --set. Default: those of "
            "forge-emu.yml.",
            **dotted_groups(ROOT),
        ),
        "steps": step_list(),
        "until": span("The run ends then at the latest. Default: 720h."),
    }
    return {
        "title": "A scenario of forge-emu simulate",
        **mapping(
            described(SCENARIO_KEYS, parts, "scenarios"),
            "What `forge-emu simulate APP FILE` plays.",
            required=["steps"],
        ),
        "definitions": setting_definitions() | step_definitions(),
    }


def _condition() -> Schema:
    """A figure, a comparison and a value that this figure can have."""
    figures = all_figures().values()
    kinds = [
        ([f for f in figures if f.kind == "span"], rf"0|{SPAN}"),
        ([f for f in figures if f.kind != "span" and f.whole], rf"{_NUMBER}(\s*%)?"),
        ([f for f in figures if f.kind != "span" and not f.whole], _NUMBER),
    ]
    signs = "|".join(OPERATORS)
    forms = [rf"({_names(of_kind)})\s*({signs})\s*({form})" for of_kind, form in kinds]
    form = "A figure, one of > >= < <= == !=, and a value: dropped>0, p95>5m, dropped>1%."
    return {
        **text("|".join(forms), form),
        "description": f"{form} forge-emu fails where it holds at the end.",
        "examples": ["dropped>0", "p95>5m", "dropped>1%"],
    }


def _names(figures: list[Figure]) -> str:
    """The figures' names as alternatives; those of limits without `limits.` too."""
    names = [figure.name for figure in figures]
    names += [n.replace(_LIMITS, "refused.", 1) for n in names if n.startswith(_LIMITS)]
    return "|".join(map(literal, names))


def _store() -> Schema:
    entry = mapping(
        {
            "key": {"type": "string", "description": "The key."},
            "value": {"description": "The value, any JSON."},
            "secret": {"type": "boolean", "description": "Whether it is a secret. Default: false."},
            "ttl_seconds": {
                "type": ["number", "null"],
                "exclusiveMinimum": 0,
                "description": "How long it lives, in seconds. Default: for ever.",
            },
            "entity": {
                "type": ["string", "null"],
                "description": "The custom entity that it belongs to. Default: none.",
            },
        },
        "An entry, as `kvs export` writes it.",
        required=["key", "value"],
    )
    return {
        "description": "What the store begins with: keys and values, a list of entries, or the "
        "name of a JSON file. Default: nothing.",
        "anyOf": [
            {"type": "object"},
            {"type": "array", "items": entry},
            {"type": "string", "minLength": 1},
        ],
    }
