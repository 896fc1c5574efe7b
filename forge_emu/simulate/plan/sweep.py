"""`--compare NAME=A,B`: the same simulation under several values of a setting or a variable."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from forge_emu import settings
from forge_emu.errors import UserError
from forge_emu.settings import SettingValue

ENV: Final = "env."
"""What a variable of the app is called by: `env.BASE_DELAY` is seen as `BASE_DELAY`."""

MOST_VALUES: Final = 50
_FORM: Final = "Write limits.kvs.write_units_per_minute=4000,1000 or env.BASE_DELAY=5,20,60."
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Change:
    """What one value changes: settings, and variables that handlers see."""

    settings: Mapping[str, SettingValue] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sweep:
    """A name and the values it takes in turn, as the user wrote them."""

    name: str
    values: tuple[str, ...]
    behind: Mapping[str, str] = field(default_factory=dict)
    """What stands behind those of `values` that are not to be shown."""

    @property
    def variable(self) -> str | None:
        """The variable that it changes; None where it changes a setting."""
        return self.name.removeprefix(ENV) if self.name.startswith(ENV) else None

    def change(self, value: str) -> Change:
        """What `value` changes."""
        return read_change(self.name, self.behind.get(value, value), "--compare")

    def hidden(self) -> Sweep:
        """The same with numbers in the place of its values, which are secret."""
        shown = tuple(f"[{self.variable} {n}]" for n in range(1, len(self.values) + 1))
        return Sweep(self.name, shown, dict(zip(shown, self.values, strict=True)))


def read_change(name: str, value: str, where: str) -> Change:
    """The change that `name=value` makes: a setting, or `env.NAME`. Raises UserError."""
    if not name.startswith(ENV):
        return Change(settings={name: settings.parse(name, value, where)})
    variable = name.removeprefix(ENV)
    if not _VARIABLE.fullmatch(variable):
        raise UserError(
            f"{where}: {variable!r} is no name of a variable", "Write env.BASE_DELAY=5."
        )
    return Change(variables={variable: value})


def changes_of(
    assignments: Sequence[str], unknown: Callable[[str], str | None] = lambda name: None
) -> Change:
    """The `--set NAME=VALUE` options: settings, and variables as `env.NAME`. Raises UserError.

    `unknown` gives a better hint for some names that are neither.
    """
    changed: dict[str, SettingValue] = {}
    variables: dict[str, str] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        name = name.strip()
        if not equals:
            raise UserError(
                f"--set: {assignment!r} has no value",
                "Write it as --set limits.kvs.write_units_per_minute=100.",
            )
        try:
            change = read_change(name, value if name.startswith(ENV) else value.strip(), "--set")
        except UserError as error:
            if "there is no setting" not in error.message or (hint := unknown(name)) is None:
                raise
            raise UserError(error.message, hint) from None
        changed.update(change.settings)
        variables.update(change.variables)
    return Change(changed, variables)


def parse_sweep(text: str) -> Sweep:
    """The sweep that `--compare` describes. Raises UserError."""
    name, equals, rest = text.partition("=")
    name = name.strip()
    values = tuple(dict.fromkeys(part.strip() for part in rest.split(",") if part.strip()))
    if not equals or not name:
        raise UserError(f"--compare: {text!r} names nothing to compare", _FORM)
    sweep = Sweep(name, values)
    for value in values or ("",):
        sweep.change(value)
    if not 2 <= len(values) <= MOST_VALUES:
        raise UserError(
            f"--compare: {text!r} has {len(values)} different values",
            f"Give from 2 to {MOST_VALUES}. {_FORM}",
        )
    return sweep
