"""The exceptions, in two separate hierarchies.

ForgeEmuError                 the emulator or its user; ends a command with `exit_code`
├── UserError                 the user can mend it (2)
│   └── ManifestError         every problem of a manifest or its code at once (2)
└── NoEmulatorError           nothing to talk to (3)
Fault                         what Forge would answer the app; travels over the wire and into the
                              records, and never reaches the command line
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, Literal

import msgspec


class ExitCode(IntEnum):
    """Exit codes of every command."""

    OK = 0
    """All went well."""
    CONDITION_FAILED = 1
    """A condition the user asked for did not hold."""
    USER_ERROR = 2
    """Something the user can mend: bad input, a broken manifest, a missing file."""
    NO_EMULATOR = 3
    """No emulator is running for this app."""
    INTERNAL = 70
    """A defect of forge-emu itself."""
    INTERRUPTED = 130
    """Stopped by the user (Ctrl-C twice)."""


class ForgeEmuError(Exception):
    """Something went wrong with the emulator or its use.

    `message` quotes the user's own words; `hint` says what to do next.
    """

    exit_code: ExitCode = ExitCode.INTERNAL

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if hint is not None:
            # Shown below the error where a test or a program does not catch it.
            self.add_note(f"hint: {hint}")


class UserError(ForgeEmuError):
    """The user can mend it."""

    exit_code = ExitCode.USER_ERROR


class NotFoundError(UserError):
    """What the user asked for is not there."""


class RefusedError(UserError):
    """What the user asked for was done, and refused as it would be if the app had asked."""

    exit_code = ExitCode.CONDITION_FAILED


class NoEmulatorError(ForgeEmuError):
    """No emulator is running for this app."""

    exit_code = ExitCode.NO_EMULATOR


class Problem(msgspec.Struct, frozen=True):
    """One finding about a manifest, a settings file or the app's code."""

    file: str
    """File, relative to the app."""
    line: int
    """Line, from 1. 0 if the finding has no place in the file."""
    column: int
    """Column, from 1. 0 if not known."""
    message: str
    """What is wrong."""
    hint: str | None = None
    """What to do about it."""
    severity: Literal["error", "warning"] = "error"
    """How bad it is: what has an error, the app or one function of it, is not run."""
    rule: str = "manifest"
    """Name of the rule, as docs/rules.md lists them."""

    def __str__(self) -> str:
        """`manifest.yml:12:5 message`, as editors and terminals recognise it."""
        place = self.file
        if self.line:
            place += f":{self.line}"
            if self.column:
                place += f":{self.column}"
        return f"{place} {self.message}"


class ManifestError(UserError):
    """Everything that is wrong with an app, at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        errors = [p for p in self.problems if p.severity == "error"]
        super().__init__("\n".join(str(p) for p in errors))

    def __reduce__(self) -> tuple[object, ...]:
        """In another process it is made of the same problems."""
        return ManifestError, (self.problems,), self.__dict__


class Fault(Exception):
    """What Forge would answer an app that broke a rule.

    `body` is the JSON body of the answer; `limit` names the setting or rule that refused.
    """

    def __init__(
        self,
        status: int,
        body: Mapping[str, Any],
        limit: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = dict(body)
        self.limit = limit
        self.headers = dict(headers or {})
