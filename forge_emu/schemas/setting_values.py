"""Settings as parts of a JSON Schema: the value of each, and the ways in which names nest."""

from __future__ import annotations

from typing import Any, Final

from forge_emu import settings
from forge_emu.latency import LATENCY_FORMS
from forge_emu.schemas.forms import LATENCY, Schema, literal, mapping, text
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
        description = f"Settings whose names begin {prefix}."
        found[prefix] = mapping(group_properties(prefix), description, **dotted_groups(prefix))
    return found


def group_properties(prefix: str) -> dict[str, Schema]:
    """What editors offer below the group `prefix`: groups, and settings by the rest of their
    names."""
    names = [each.name for each in settings.all_settings()]
    rests = {rest: name for name in names if (rest := _rest(name, prefix))}
    groups = {rest: name for name in sorted(_prefixes()) if (rest := _rest(name, prefix))}
    plain = {rest: name for rest, name in groups.items() if "." not in rest}
    return {rest: reference(name) for rest, name in (plain | rests).items()}


def dotted_groups(prefix: str) -> Schema:
    """What may stand there too, but is not offered: groups by dotted names, `limits.kvs: {...}`."""
    names = {rest: name for name in sorted(_prefixes()) if "." in (rest := _rest(name, prefix))}
    if not names:
        return {}
    parts = {f"^{literal(rest)}$": reference(name) for rest, name in names.items()}
    return {"patternProperties": parts}


def _rest(name: str, prefix: str) -> str:
    """What follows the group `prefix` in `name`; empty where it is not of this group."""
    begin = f"{prefix}." if prefix else ""
    return name.removeprefix(begin) if name.startswith(begin) and name != prefix else ""


def setting_schema(setting: Setting[Any]) -> Schema:
    """The values of a setting, with what it does, its unit, default and source."""
    return {
        "title": setting.name,
        "description": _description(setting),
        **_form(setting),
        "default": _shown(setting.default),
    }


def _form(setting: Setting[Any]) -> Schema:
    if setting.choices:
        # The reader takes truth values for `on` and `off`.
        words = {"on": True, "off": False}
        flags = [words[choice] for choice in setting.choices if choice in words]
        words_around = text("|".join(map(literal, setting.choices)), "one of these words")
        return {"anyOf": [{"enum": [*setting.choices, *flags]}, words_around]}
    if setting.is_latency:
        return text(LATENCY, f"{LATENCY_FORMS}.", "integer", minimum=0, maximum=0)
    if isinstance(setting.default, bool):
        return text(_FLAGS, "true or false", "boolean")
    return _number_form(setting)


def _number_form(setting: Setting[Any]) -> Schema:
    """A number, or the same as text: bounds hold for numbers, the pattern for text."""
    low, high = setting.minimum, setting.maximum
    bounds = ({} if low is None else {"minimum": low}) | ({} if high is None else {"maximum": high})
    kind = "integer" if setting.whole else "number"
    digits = r"0*[1-9][0-9]*(_[0-9]+)*" if low and setting.whole else r"[0-9]+(_[0-9]+)*"
    pattern = digits if setting.whole else rf"{digits}(\.[0-9]+)?"
    form = "a whole number" if setting.whole else "a number"
    if setting.unit == "share":
        pattern = r"(100(\.0+)?|[0-9]{1,2}(\.[0-9]+)?)%|0*(1(\.0+)?|0?\.[0-9]+)"
        form = "a share: 0.05 or 5%"
    if setting.nullable:
        return text(f"{pattern}|{_NO_LIMIT}", f"{form}, or none", kind, "null", **bounds)
    return text(pattern, form, kind, **bounds)


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
