"""The variables that handlers see, where each comes from, and which of them are secret."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from enum import StrEnum

import msgspec

from forge_emu.appdir import DeclaredVariables
from forge_emu.appdir.declared_variables import USER_PREFIX
from forge_emu.engine.journal.secret_names import is_secret_name
from forge_emu.engine.journal.secrets import Secrets, strings_in
from forge_emu.runtime.host.environment import is_interpreter_variable, needed_variables

_SECRET_LENGTH = 8
"""Characters from which on whatever comes from the developer's environment is secret."""

_PASSWORD = re.compile(r"://[^/\s:@]*:([^/\s@]+)@")
_ASSIGNMENT = re.compile(r"((?:--(?:set|compare)=)?env\.([A-Za-z_]\w*)=).*", re.DOTALL)
_NOT_SECRET = ("PWD", "OLDPWD")
"""Names of the shell's own that only look secret."""


class Origin(StrEnum):
    """Where a variable comes from, the weakest first."""

    NEEDED = "what a process needs"
    EVERYTHING = "environment: all, in forge-emu.yml"
    PASSED_ON = "environment: in forge-emu.yml"
    DECLARED = "variables: in forge-emu.yml"
    USER = f"{USER_PREFIX}NAME"
    FILE = "--env-file"
    GIVEN = "--set env.NAME"


class Variable(msgspec.Struct, frozen=True):
    """A value and where it comes from."""

    value: str
    origin: Origin


class Variables(msgspec.Struct, frozen=True):
    """The variables by the names that handlers see, later origins before earlier ones.

    `missing` are names that the app wants from the developer's environment, which lacks them.
    """

    by_name: Mapping[str, Variable]
    declared: DeclaredVariables
    missing: tuple[str, ...] = ()

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the processes in which handlers run."""
        return {name: variable.value for name, variable in self.by_name.items()}

    @property
    def warning(self) -> str | None:
        """What to tell of missing names, in one line."""
        if not self.missing:
            return None
        return (
            f"environment in forge-emu.yml names {', '.join(self.missing)}, not set where "
            "forge-emu was started: handlers do not see it"
        )

    def names_from(self, origin: Origin) -> list[str]:
        """The variables that come from there, by name."""
        found = (n for n, v in self.by_name.items() if v.origin is origin)
        return sorted({name.removeprefix(USER_PREFIX) for name in found})

    def secrets(self) -> Secrets:
        """The values to keep out of whatever is written or shown."""
        secrets = Secrets()
        for name, variable in sorted(self.by_name.items(), key=lambda item: item[0]):
            for text in self._secret_texts(name.removeprefix(USER_PREFIX), variable):
                secrets.add_variable(name.removeprefix(USER_PREFIX), text)
        return secrets

    def mask_arguments(self, arguments: Sequence[str], secrets: Secrets) -> list[str]:
        """The arguments of a command line with secret values masked."""
        return [secrets.mask(self._mask_argument(word)) for word in arguments]

    def is_secret(self, name: str) -> bool:
        """Whether the values of a variable of this name are secret."""
        return name in self.declared.secrets or is_secret_name(name)

    def _mask_argument(self, argument: str) -> str:
        given = _ASSIGNMENT.fullmatch(argument)
        return f"{given[1]}[{given[2]}]" if given and self.is_secret(given[2]) else argument

    def _secret_texts(self, name: str, variable: Variable) -> Iterator[str]:
        value, origin = variable.value, variable.origin
        ours = origin in (Origin.NEEDED, Origin.EVERYTHING)
        by_name = self.is_secret(name)
        if ours and name in _NOT_SECRET and name not in self.declared.secrets:
            by_name = False
        personal = (
            origin in (Origin.PASSED_ON, Origin.USER, Origin.FILE) and len(value) >= _SECRET_LENGTH
        )
        if by_name or personal:
            yield value
            yield from _json_texts(value)
        # A proxy's address, or a database's, may have its password inside.
        yield from _PASSWORD.findall(value)


def _json_texts(value: str) -> Iterator[str]:
    """The texts in a secret that is JSON, such as the key in a service's account."""
    if value.lstrip()[:1] in ("{", "["):
        with suppress(msgspec.DecodeError, UnicodeError, RecursionError):
            parts = strings_in(msgspec.json.decode(value))
            yield from (part for part in parts if len(part) >= _SECRET_LENGTH)


def variables_of(
    declared: DeclaredVariables,
    environment: Mapping[str, str],
    given: Mapping[str, str] | None = None,
    from_files: Mapping[str, str] | None = None,
    *,
    network: bool = True,
) -> Variables:
    """What handlers see of the developer's `environment`, of what the app has `declared`, and of
    what was `given` on the command line, there or in files. `network`: their requests may go out.
    """
    users = {
        name.removeprefix(USER_PREFIX): value
        for name, value in environment.items()
        if name.startswith(USER_PREFIX) and name != USER_PREFIX
    }
    given = given or {}
    everything = {
        name: value
        for name, value in environment.items()
        if declared.whole_environment
        and not is_interpreter_variable(name)
        and not name.startswith(USER_PREFIX)
    }
    passed_on = {
        name: environment[name] for name in declared.from_environment if name in environment
    }
    layers = (
        (Origin.EVERYTHING, everything),
        (Origin.NEEDED, needed_variables(environment, network=network)),
        (Origin.PASSED_ON, passed_on),
        (Origin.DECLARED, declared.variables),
        (Origin.USER, {USER_PREFIX + name: value for name, value in users.items()}),
        (Origin.USER, users),
        (Origin.FILE, from_files or {}),
        (Origin.GIVEN, given),
    )
    by_name = {n: Variable(value, origin) for origin, layer in layers for n, value in layer.items()}
    missing = tuple(name for name in declared.from_environment if name not in by_name)
    return Variables(by_name, declared, missing)
