"""`--compare NAME=A,B`: the same simulation under several values of a setting or a variable."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from forge_emu import settings
from forge_emu.errors import UserError
from forge_emu.settings import SettingValue

ENV: Final = "env."
"""What a variable of the app is called by: `env.BASE_DELAY` is seen as `BASE_DELAY`."""

MOST_VALUES: Final = 50
_FORM: Final = "Write limits.kvs.write_units_per_minute=4000,1000 or env.BASE_DELAY=5,20,60."
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Assignments(msgspec.Struct, frozen=True):
    """What `NAME=VALUE` assigns: settings, and variables that handlers see."""

    settings: Mapping[str, SettingValue] = msgspec.field(default_factory=dict)
    variables: Mapping[str, str] = msgspec.field(default_factory=dict)


class Sweep(msgspec.Struct, frozen=True):
    """A name and the values it takes in turn, as the user wrote them."""

    name: str
    values: tuple[str, ...]
    hidden_values: Mapping[str, str] = msgspec.field(default_factory=dict)
    """The real values behind labels among `values`, for secrets."""

    @property
    def variable(self) -> str | None:
        """The variable that it changes; None where it changes a setting."""
        return self.name.removeprefix(ENV) if self.name.startswith(ENV) else None

    def assignments_for(self, value: str) -> Assignments:
        """The assignments that `value` makes."""
        return read_assignment(self.name, self.hidden_values.get(value, value), "--compare")

    def with_hidden_values(self) -> Sweep:
        """The same with numbered labels for its values, which are secret."""
        labels = tuple(f"[{self.variable} {n}]" for n in range(1, len(self.values) + 1))
        return Sweep(self.name, labels, dict(zip(labels, self.values, strict=True)))


def read_assignment(name: str, value: str, where: str) -> Assignments:
    """What `name=value` assigns: a setting, or `env.NAME`. Raises UserError."""
    if not name.startswith(ENV):
        return Assignments(settings={name: settings.parse_setting(name, value, where)})
    variable = name.removeprefix(ENV)
    if not _VARIABLE.fullmatch(variable):
        raise UserError(
            f"{where}: {variable!r} is no name of a variable", "Write env.BASE_DELAY=5."
        )
    return Assignments(variables={variable: value})


def read_assignments(
    assignments: Sequence[str], hint_for: Callable[[str], str | None] = lambda name: None
) -> Assignments:
    """The `--set NAME=VALUE` options: settings, and variables as `env.NAME`. Raises UserError.

    `hint_for` gives a better hint for some names that are neither.
    """
    changed_settings: dict[str, SettingValue] = {}
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
            assigned = read_assignment(
                name, value if name.startswith(ENV) else value.strip(), "--set"
            )
        except UserError as error:
            if "there is no setting" not in error.message or (hint := hint_for(name)) is None:
                raise
            raise UserError(error.message, hint) from None
        changed_settings.update(assigned.settings)
        variables.update(assigned.variables)
    return Assignments(changed_settings, variables)


def parse_sweep(text: str) -> Sweep:
    """The sweep that `--compare` describes. Raises UserError."""
    name, equals, rest = text.partition("=")
    name = name.strip()
    values = tuple(dict.fromkeys(part.strip() for part in rest.split(",") if part.strip()))
    if not equals or not name:
        raise UserError(f"--compare: {text!r} names nothing to compare", _FORM)
    sweep = Sweep(name, values)
    for value in values or ("",):
        sweep.assignments_for(value)
    if not 2 <= len(values) <= MOST_VALUES:
        raise UserError(
            f"--compare: {text!r} has {len(values)} different values",
            f"Give from 2 to {MOST_VALUES}. {_FORM}",
        )
    return sweep
