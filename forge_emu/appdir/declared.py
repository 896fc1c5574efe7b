"""The part of `forge-emu.yml` about variables: which ones handlers see, and which are secret."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from forge_emu.yamlsource import Mapping as MappingNode
from forge_emu.yamlsource import Part, Place, Scalar, Sequence, describe

PARTS: Final = ("variables", "environment", "secrets")
"""Keys of the file that are read here."""

LONGEST: Final = 131_072
"""Bytes of `NAME=value` that Linux passes on to a process (MAX_ARG_STRLEN, execve(2))."""

_ALL = "all"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NAMES = "A name has letters, digits and _, and does not begin with a digit."
_FORMS = {
    "variables": "Write a line `NAME: value` for each.",
    "environment": "Write `environment: [STRIPE_KEY]` with names of your environment, or `all`.",
    "secrets": "Write `secrets: [NAME]` with names of variables.",
}

Note = Callable[[Part, str, str | None, Place | None], None]
"""Hears of a problem: the part, what is wrong, a hint, and the place if it is not the part's."""


@dataclass(frozen=True)
class Declared:
    """What `forge-emu.yml` says of variables.

    `variables` have their values there; those named in `passed_on`, or all where `everything` is
    set, come from the developer's environment. `secrets` name variables whose values are secret.
    """

    variables: Mapping[str, str] = field(default_factory=dict)
    passed_on: tuple[str, ...] = ()
    everything: bool = False
    secrets: frozenset[str] = frozenset()


class Declaring:
    """Reads the parts one by one; `note` hears of every problem. Values are never quoted."""

    def __init__(self, note: Note) -> None:
        self._note = note
        self._variables: dict[str, str] = {}
        self._passed_on: tuple[str, ...] = ()
        self._everything = False
        self._secrets: tuple[str, ...] = ()

    def read(self, name: str, part: Part) -> None:
        """Take in the part `name`, one of PARTS."""
        if name == "variables":
            self._read_variables(part)
        elif name == "secrets":
            self._secrets = self._names(part)
        elif isinstance(part.node, Scalar) and part.node.text == _ALL:
            self._everything = True
        else:
            self._passed_on = self._names(part)

    def declared(self) -> Declared:
        """What has been read."""
        return Declared(
            self._variables, self._passed_on, self._everything, frozenset(self._secrets)
        )

    def _read_variables(self, part: Part) -> None:
        if not isinstance(part.node, MappingNode):
            self._wrong_form(part, "variables", "a mapping")
        for name, inner in part.properties():
            if not _NAME.fullmatch(name):
                message = f"{_shown(name)!r} is no name of a variable"
                self._note(inner, message, _NAMES, inner.key_place)
            elif (value := self._value(name, inner)) is not None:
                self._variables[name] = value

    def _value(self, name: str, part: Part) -> str | None:
        node = part.node
        if not isinstance(node, Scalar) or node.value is None:
            hint = 'Write "" for an empty text.'
            if not isinstance(node, Scalar):
                hint = "A variable is one text. For JSON, put it in quotes."
            self._note(part, f"{part.name} must be a text, found {_kind(part)}", hint, None)
            return None
        try:
            size = len(node.text.encode())
        except UnicodeEncodeError:
            size = -1
        if size < 0 or "\0" in node.text:
            self._note(part, f"{part.name} holds a character that no variable can", None, None)
            return None
        if len(name) + size + 2 > LONGEST:
            message = f"{part.name} is {size:,} bytes, too long for a variable"
            self._note(part, message, f"With its name it has up to {LONGEST - 2:,}.", None)
            return None
        return node.text

    def _names(self, part: Part) -> tuple[str, ...]:
        if not isinstance(part.node, Sequence):
            self._wrong_form(part, str(part.path[-1]), "a list")
        names: list[str] = []
        for item in part.items():
            node = item.node
            if not isinstance(node, Scalar) or not _NAME.fullmatch(node.text):
                found = f"{_shown(node.text)!r}" if isinstance(node, Scalar) else _kind(item)
                self._note(item, f"{item.name}: {found} is no name of a variable", _NAMES, None)
            else:
                names.append(node.text)
        return tuple(dict.fromkeys(names))

    def _wrong_form(self, part: Part, name: str, wanted: str) -> None:
        self._note(part, f"{name} must be {wanted}, found {_kind(part)}", _FORMS[name], None)


def _kind(part: Part) -> str:
    """What a part is, without its text, which may be a secret in the wrong place."""
    node = part.node
    told = isinstance(node, Scalar) and node.value not in (None, "")
    return "a single value" if told else describe(node)


def _shown(text: str) -> str:
    """A name as far as it is one: not what follows an equals sign or a colon."""
    return re.split(r"[=:\s]", text, maxsplit=1)[0][:40]
