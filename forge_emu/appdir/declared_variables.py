"""The part of `forge-emu.yml` about variables: which ones handlers see, and which are secret."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from forge_emu.appdir.problem_reports import ReportProblem
from forge_emu.yamlsource import MappingNode, Part, ScalarNode, SequenceNode, describe

SECTIONS: Final = ("variables", "environment", "secrets")
"""Keys of the file that are read here."""

LONGEST_VARIABLE_BYTES: Final = 131_072
"""Bytes of `NAME=value` that Linux passes on to a process (MAX_ARG_STRLEN, execve(2))."""

USER_PREFIX: Final = "FORGE_USER_VAR_"
"""What `forge variables set NAME` stores is taken from `FORGE_USER_VAR_NAME`, as in a tunnel."""

_ALL = "all"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NAMES = "A name has letters, digits and _, and does not begin with a digit."
_FORMS = {
    "variables": "Write a line `NAME: value` for each.",
    "environment": "Write `environment: [STRIPE_KEY]` with names of your environment, or `all`.",
    "secrets": "Write `secrets: [NAME]` with names of variables.",
}


class DeclaredVariables(msgspec.Struct, frozen=True):
    """What `forge-emu.yml` says of variables.

    `variables` have their values there; those named in `from_environment`, or all where
    `whole_environment` is set, come from the developer's environment. `secrets` are the names of
    variables whose values are secret.
    """

    variables: Mapping[str, str] = msgspec.field(default_factory=dict)
    from_environment: tuple[str, ...] = ()
    whole_environment: bool = False
    secrets: frozenset[str] = frozenset()


def manifest_values(
    declared: DeclaredVariables, environment: Mapping[str, str], given: Mapping[str, str]
) -> dict[str, str]:
    """The values that a manifest's variables may have, of the developer's `environment`, of what
    `forge-emu.yml` has `declared`, and of what was `given` on the command line.

    `forge deploy` takes them from the environment alone, by their own names.
    """
    users = {
        name.removeprefix(USER_PREFIX): value
        for name, value in environment.items()
        if name.startswith(USER_PREFIX)
    }
    return {**environment, **declared.variables, **users, **given}


class VariablesReader:
    """Reads the sections one by one; `report_problem` gets the problems, which quote no value."""

    def __init__(self, report_problem: ReportProblem) -> None:
        self._report_problem = report_problem
        self._variables: dict[str, str] = {}
        self._from_environment: tuple[str, ...] = ()
        self._whole_environment = False
        self._secrets: tuple[str, ...] = ()

    def read_section(self, name: str, part: Part) -> None:
        """Read the section `name`, one of SECTIONS."""
        if name == "variables":
            self._read_variables(part)
        elif name == "secrets":
            self._secrets = self._read_names(part)
        elif isinstance(part.node, ScalarNode) and part.node.text == _ALL:
            self._whole_environment = True
        else:
            self._from_environment = self._read_names(part)

    def result(self) -> DeclaredVariables:
        """What has been read."""
        return DeclaredVariables(
            self._variables,
            self._from_environment,
            self._whole_environment,
            frozenset(self._secrets),
        )

    def _read_variables(self, part: Part) -> None:
        if not isinstance(part.node, MappingNode):
            self._report_wrong_form(part, "variables", "a mapping")
        for name, inner in part.properties():
            if not _NAME.fullmatch(name):
                message = f"{_leading_name(name)!r} is no name of a variable"
                self._report_problem(inner, message, _NAMES, inner.key_place)
            elif (value := self._read_value(name, inner)) is not None:
                self._variables[name] = value

    def _read_value(self, name: str, part: Part) -> str | None:
        node = part.node
        if not isinstance(node, ScalarNode) or node.value is None:
            hint = 'Write "" for an empty text.'
            if not isinstance(node, ScalarNode):
                hint = "A variable is one text. For JSON, put it in quotes."
            self._report_problem(
                part,
                f"{part.name} must be a text, found {_describe_without_text(part)}",
                hint,
            )
            return None
        try:
            size = len(node.text.encode())
        except UnicodeEncodeError:
            size = -1
        if size < 0 or "\0" in node.text:
            self._report_problem(part, f"{part.name} holds a character that no variable can", None)
            return None
        if len(name) + size + 2 > LONGEST_VARIABLE_BYTES:
            message = f"{part.name} is {size:,} bytes, too long for a variable"
            hint = f"With its name it has up to {LONGEST_VARIABLE_BYTES - 2:,}."
            self._report_problem(part, message, hint)
            return None
        return node.text

    def _read_names(self, part: Part) -> tuple[str, ...]:
        if not isinstance(part.node, SequenceNode):
            self._report_wrong_form(part, str(part.path[-1]), "a list")
        names: list[str] = []
        for item in part.items():
            node = item.node
            if isinstance(node, ScalarNode) and node.value is not None:
                if isinstance(node.value, str) and _NAME.fullmatch(node.text):
                    names.append(node.text)
                    continue
                found = f"{_leading_name(node.text)!r}"
            else:
                found = _describe_without_text(item)
            self._report_problem(item, f"{item.name}: {found} is no name of a variable", _NAMES)
        return tuple(dict.fromkeys(names))

    def _report_wrong_form(self, part: Part, name: str, wanted: str) -> None:
        self._report_problem(
            part,
            f"{name} must be {wanted}, found {_describe_without_text(part)}",
            _FORMS[name],
        )


def _describe_without_text(part: Part) -> str:
    """What a part is, without its text, which may be a secret in the wrong place."""
    node = part.node
    is_value = isinstance(node, ScalarNode) and node.value not in (None, "")
    return "a single value" if is_value else describe(node)


def _leading_name(text: str) -> str:
    """A name as far as it is one: not what follows an equals sign or a colon."""
    return re.split(r"[=:\s]", text, maxsplit=1)[0][:40]
