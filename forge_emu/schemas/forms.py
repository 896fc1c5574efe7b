"""Parts of JSON Schemas: texts of a form, and objects whose keys are known.

Patterns are those of ECMA-262, which editors use, and mean the same in Python.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from forge_emu.arrivals import FASTEST, SLOWEST
from forge_emu.durations import MILLIS_PER_UNIT
from forge_emu.settings.faults import FAULTS, fault_forms

Schema: TypeAlias = dict[str, Any]
"""A JSON Schema, or a part of one."""

_UNITS: Final = "|".join(MILLIS_PER_UNIT)
SPAN: Final = rf"[0-9]{{1,9}}(\.[0-9]{{1,6}})?\s*({_UNITS})"
"""A span of time: `500ms`, `1.5h`."""
RATE: Final = r"[0-9]{1,9}(\.[0-9]{1,6})?\s*(/\s*(s|min|m|h))?"
"""So many in a time: `50/s`, or a number a second."""
LATENCY: Final = (
    rf"0+(\.0+)?|{SPAN}|uniform\(\s*{SPAN}\s*,\s*{SPAN}\s*\)"
    rf"|lognormal\(\s*{SPAN}\s*,\s*[0-9]{{1,2}}(\.[0-9]{{1,6}})?\s*\)"
)
"""A model of a latency."""
VARIABLE: Final = "^[A-Za-z_][A-Za-z0-9_]*$"
"""A name of a variable."""
VALUE: Final[tuple[str, ...]] = ("string", "number", "boolean")
"""The types of what the reader takes as it is written."""

_PERCENT: Final = r"(100(\.0+)?|[0-9]{1,2}(\.[0-9]{1,9})?)\s*%"
_FACTOR: Final = r"[x×]\s*[0-9]{1,6}(\.[0-9]{1,6})?"
_WINDOW: Final = rf"@\s*({SPAN}\s*\.\.(\s*{SPAN})?|\.\.\s*{SPAN})"


def text(pattern: str, form: str, *more: str, **bounds: float) -> Schema:
    """A text that `pattern` describes as a whole; blanks around it do not count.

    `form` is what editors say of another one. `more` are other types that the value may have,
    `bounds` those of a number.
    """
    return {
        "type": [*more, "string"] if more else "string",
        **bounds,
        "pattern": rf"^\s*({pattern})\s*$",
        "patternErrorMessage": form,
    }


def span(description: str) -> Schema:
    """A span of time."""
    form = "A span of time: 500ms, 10s, 5m, 2h."
    return {**text(SPAN, form), "description": f"{description} {form}"}


def rate(description: str) -> Schema:
    """A rate: text, or a number a second."""
    form = "A rate: 50/s, 600/min, or a number a second."
    part = text(RATE, form, "number", minimum=SLOWEST, maximum=FASTEST)
    return {**part, "description": f"{description} {form}"}


def value(description: str, *more: str) -> Schema:
    """A single value, which is read as it is written; `more` are other types that it may have."""
    return {"type": [*VALUE, *more], "minLength": 1, "description": description}


def whole(description: str, minimum: int, maximum: int | None = None) -> Schema:
    """A whole number within bounds."""
    bounds = {"minimum": minimum} | ({} if maximum is None else {"maximum": maximum})
    return {"type": "integer", **bounds, "description": description}


def mapping(properties: Mapping[str, Schema], description: str, **more: Any) -> Schema:
    """An object with these keys and no others."""
    return {
        "type": "object",
        "description": description,
        "properties": dict(properties),
        "additionalProperties": False,
        **more,
    }


def described(keys: Iterable[str], parts: Mapping[str, Schema], what: str) -> dict[str, Schema]:
    """The `parts` in the order of the `keys` that the reader takes.

    Raises ValueError where a key has no part, or a part is no key.
    """
    known = tuple(keys)
    if odd := set(known) ^ set(parts):
        raise ValueError(f"the schema of {what} and its reader differ in: {', '.join(sorted(odd))}")
    return {key: parts[key] for key in known}


def literal(name: str) -> str:
    """A dotted name in a pattern."""
    return name.replace(".", r"\.")


def fault_list() -> Schema:
    """`faults:`, the same in both files."""
    forms = [
        rf"{literal(kind.name)}\s*=\s*{_PERCENT if kind.multiplies is None else _FACTOR}"
        for kind in FAULTS
    ]
    effects = " ".join(f"{kind.name}={kind.example}: {kind.effect}." for kind in FAULTS)
    item = text(rf"({'|'.join(forms)})\s*({_WINDOW})?", fault_forms())
    item["description"] = f"A fault, as with --fault. {effects}"
    item["examples"] = [f"{kind.name}={kind.example}" for kind in FAULTS]
    return {
        "type": "array",
        "items": item,
        "description": "Faults that happen by chance, as with --fault. A share in %, or a factor "
        "such as x10; a window of emulated time may follow: @10m..20m. Default: none.",
    }
