"""Values of settings as users write them: in `--set`, in `forge-emu.yml`."""

from __future__ import annotations

from typing import Any, Final

from forge_emu.errors import UserError
from forge_emu.latency import LATENCY_FORMS, parse_latency
from forge_emu.nearest import did_you_mean, nearest
from forge_emu.settings.setting import SETTINGS, Setting, SettingValue

_MOST_NEAR: Final = 3
_CUTOFF: Final = 0.7


def parse_setting(name: str, value: object, where: str) -> SettingValue:
    """`value` (text of `--set`, or from YAML) as a value of setting `name`.

    `where` says where it stands (`--set`, `forge-emu.yml:3`). Raises UserError.
    """
    setting = SETTINGS.find(name)
    if setting is None:
        hint = did_you_mean(near_settings(name)) or "See `forge-emu limits`."
        raise UserError(f"{where}: there is no setting {name!r}", hint)
    text = str(value).strip()
    if setting.nullable and (value is None or text.lower() in {"none", "null", "off"}):
        return None
    if setting.choices:
        # YAML reads a bare `on` and `off` as booleans.
        word = {"True": "on", "False": "off"}.get(text, text) if isinstance(value, bool) else text
        if word in setting.choices:
            return word
        raise UserError(
            f"{where}: {name} cannot be {text!r}", f"It is one of: {', '.join(setting.choices)}."
        )
    if setting.is_latency:
        try:
            parse_latency(text)
        except ValueError:
            raise UserError(
                f"{where}: {name} cannot be {text!r}", f"Write {LATENCY_FORMS}."
            ) from None
        return text
    if isinstance(setting.default, bool):
        flag = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
        if text.lower() in flag:
            return flag[text.lower()]
        raise UserError(f"{where}: {name} cannot be {text!r}", "It is true or false.")
    return _parse_number(setting, value, text, where)


def near_settings(name: str) -> list[str]:
    """Up to three settings whose name, or the end of it from any dot on, `name` looks like."""
    ends: dict[str, list[str]] = {}
    for known in SETTINGS.names:
        parts = known.split(".")
        for i in range(len(parts)):
            ends.setdefault(".".join(parts[i:]), []).append(known)
    near = nearest(name, ends, most=_MOST_NEAR * 2, cutoff=_CUTOFF)
    return list(dict.fromkeys(full for end in near for full in ends[end]))[:_MOST_NEAR]


def _parse_number(setting: Setting[Any], value: object, text: str, where: str) -> int | float:
    kind = "a whole number" if setting.whole else "a number"
    expected = f"{kind} of {setting.unit}" if setting.unit else kind
    if setting.nullable:
        expected += ", or none"
    try:
        if isinstance(value, bool):
            raise ValueError
        share = setting.unit == "share" and text.endswith("%")
        number: int | float = int(text) if setting.whole else float(text.removesuffix("%"))
        if share:
            number /= 100
        elif text.endswith("%"):
            raise ValueError
    except ValueError:
        raise UserError(
            f"{where}: {setting.name} cannot be {text!r}", f"It is {expected}."
        ) from None
    low, high = setting.minimum, setting.maximum
    if not ((low is None or number >= low) and (high is None or number <= high)):
        bounds = f"at least {low:g}" if high is None else f"from {low or 0:g} to {high:g}"
        raise UserError(
            f"{where}: {setting.name} cannot be {text!r}", f"It is {expected}, {bounds}."
        )
    return number
