"""Settings as parts of a JSON Schema: the value of each, and the ways in which names nest."""

from __future__ import annotations

from typing import Any, Final

from forge_emu import settings
from forge_emu.schemas.forms import LATENCY, Schema, mapping, text
from forge_emu.settings import EMULATOR_CHOICE, Setting

_NO_LIMIT: Final = r"[nN][oO][nN][eE]|[nN][uU][lL][lL]|[oO][fF][fF]"
_FLAGS: Final = r"[tT][rR][uU][eE]|[yY][eE][sS]|[oO][nN]|[fF][aA][lL][sS][eE]|[nN][oO]|[oO][fF][fF]"
ROOT: Final = ""
"""The prefix of all names."""


def reference(name: str) -> Schema:
    """A reference to the definition `name`."""
    return {"$ref": f"#/definitions/{name}"}


def setting_definitions() -> dict[str, Schema]:
    """A definition for each setting, and one for each group of them."""
    found = {setting.name: setting_schema(setting) for setting in settings.all_settings()}
    for prefix in sorted(_prefixes()):
        found[prefix] = mapping(group_properties(prefix), f"Settings whose names begin {prefix}.")
    return found


def group_properties(prefix: str) -> dict[str, Schema]:
    """What may stand below the group `prefix`: groups, and settings by the rest of their names."""
    begin = f"{prefix}." if prefix else ""
    keys: dict[str, Schema] = {}
    for name in [*sorted(_prefixes()), *(each.name for each in settings.all_settings())]:
        if name.startswith(begin) and name != prefix:
            keys[name.removeprefix(begin)] = reference(name)
    return keys


def setting_schema(setting: Setting[Any]) -> Schema:
    """The values of a setting, with what it does, its unit, default and source."""
    forms = _forms(setting)
    if setting.nullable:
        forms += [text(_NO_LIMIT), {"type": "null"}]
    form = forms[0] if len(forms) == 1 else {"anyOf": forms}
    return {"description": _description(setting), **form, "default": _shown(setting.default)}


def _forms(setting: Setting[Any]) -> list[Schema]:
    if setting.choices:
        # The reader takes truth values for `on` and `off`.
        words = {"on": True, "off": False}
        flags = [words[choice] for choice in setting.choices if choice in words]
        return [{"enum": [*setting.choices, *flags]}]
    if setting.is_latency:
        return [text(LATENCY), {"const": 0}]
    if isinstance(setting.default, bool):
        return [{"type": "boolean"}, text(_FLAGS)]
    return _number_forms(setting)


def _number_forms(setting: Setting[Any]) -> list[Schema]:
    low, high = setting.minimum, setting.maximum
    number: Schema = {"type": "integer" if setting.whole else "number"}
    number |= {} if low is None else {"minimum": low}
    number |= {} if high is None else {"maximum": high}
    digits = r"0*[1-9][0-9]*(_[0-9]+)*" if low and setting.whole else r"[0-9]+(_[0-9]+)*"
    forms = [number, text(digits if setting.whole else rf"{digits}(\.[0-9]+)?")]
    if setting.unit == "share":
        forms[1:] = [text(r"(100(\.0+)?|[0-9]{1,2}(\.[0-9]+)?)%"), text(r"0*(1(\.0+)?|0?\.[0-9]+)")]
    return forms


def _description(setting: Setting[Any]) -> str:
    unit = f" Unit: {setting.unit}." if setting.unit else ""
    none = " `none`: no limit." if setting.nullable else ""
    source = setting.source
    source = source if source == EMULATOR_CHOICE else f"{source}, {setting.date}"
    shown = _shown(setting.default)
    default = str(shown).lower() if isinstance(shown, bool) else shown
    return f"{setting.doc}{unit} Default: {default}.{none} Source: {source}."


def _shown(value: Any) -> Any:
    return "none" if value is None else value


def _prefixes() -> set[str]:
    """The groups: `limits` and `limits.push` of `limits.push.window`."""
    found = set()
    for setting in settings.all_settings():
        steps = setting.name.split(".")
        found |= {".".join(steps[:n]) for n in range(1, len(steps))}
    return found
