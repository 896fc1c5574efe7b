"""The terminal of a run."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, TextIO

from forge_emu.console.format import escape

if TYPE_CHECKING:
    from rich.console import Console


class Terminal:
    """A run's terminal. Its consoles are made when they are needed: rich takes long to import.

    `confirm` asks a question; None where nobody can answer. Until there is a console for stderr,
    messages go to `plain_stderr`, if that is given.
    """

    def __init__(
        self,
        make_stdout: Callable[[], Console],
        make_stderr: Callable[[], Console],
        confirm: Callable[[str], bool] | None,
        plain_stderr: TextIO | None = None,
    ) -> None:
        self._make_stdout = make_stdout
        self._make_stderr = make_stderr
        self.confirm = confirm
        self._plain_stderr = plain_stderr

    @cached_property
    def stdout(self) -> Console:
        """What is printed for the user, and for programs."""
        return self._make_stdout()

    @cached_property
    def stderr(self) -> Console:
        """What is said beside that."""
        self._plain_stderr = None
        return self._make_stderr()

    def print_message(self, message: str) -> None:
        """Print one line on stderr, with the control characters of an app made visible."""
        shown = "\n".join(escape(line) for line in message.split("\n"))
        if self._plain_stderr is not None:
            self._plain_stderr.write(shown + "\n")
            self._plain_stderr.flush()
        else:
            self.stderr.print(shown, markup=False, highlight=False, soft_wrap=True)
