"""The terminal of a run."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from rich.console import Console

from forge_emu.console.format import escape


class Terminal(msgspec.Struct, frozen=True):
    """A run's terminal: consoles for `stdout` and `stderr`; `confirm` asks a question.

    `confirm` is None where nobody can answer.
    """

    stdout: Console
    stderr: Console
    confirm: Callable[[str], bool] | None

    def print_message(self, message: str) -> None:
        """Print one line on stderr, with the control characters of an app made visible."""
        shown = "\n".join(escape(line) for line in message.split("\n"))
        self.stderr.print(shown, markup=False, highlight=False, soft_wrap=True)
