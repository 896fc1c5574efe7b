"""The consoles that a command prints to."""

from __future__ import annotations

import os
from typing import TextIO

from rich.console import Console


class _PipeConsole(Console):
    def on_broken_pipe(self) -> None:
        """Let the command end as it sees fit; rich would exit with 1."""
        raise BrokenPipeError


def console_for(stream: TextIO, color: bool | None) -> Console:
    """A console for `stream`; `color` is what was asked for, None for nothing."""
    if color is None and not os.environ.get("NO_COLOR") and os.environ.get("FORCE_COLOR"):
        color = True
    terminal = stream.isatty()
    return _PipeConsole(
        file=stream,
        # `:cloud:` in an app's id is no picture.
        emoji=False,
        # Colours that were asked for make no terminal: cursor movements stay out of files.
        force_terminal=terminal,
        color_system="256" if color and not terminal else "auto",
        no_color=None if color is None else not color,
    )
