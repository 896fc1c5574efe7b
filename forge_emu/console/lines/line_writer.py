"""Writes lines of records, many at once: what rich would write, without its layout."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from forge_emu.console.lines.row import StyledText


class LineWriter:
    """Writes to the file of `console`, with its colours if it has any.

    A line is as long as it needs to be. rich renders each style once; a line is then a matter of
    joining, a tenth of what its printing takes.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._codes: dict[str, tuple[str, str]] = {"": ("", "")}

    def write(self, lines: Iterable[list[StyledText]]) -> None:
        """Write the lines, and flush. Raises BrokenPipeError where nobody reads them."""
        text = "".join([self._line_text(parts) for parts in lines])
        file = self._console.file
        try:
            file.write(text)
            file.flush()
        except UnicodeEncodeError:
            # rich says what to do about it.
            self._console.print(Text.from_ansi(text), soft_wrap=True)

    def _line_text(self, parts: list[StyledText]) -> str:
        if not self._console.color_system:
            return "".join([text for text, _ in parts]) + "\n"
        written: list[str] = []
        for text, style in parts:
            if text:
                before, after = self._codes.get(style) or self._codes_of(style)
                written += (before, text, after)
        return "".join(written) + "\n"

    def _codes_of(self, style: str) -> tuple[str, str]:
        """What the console writes before and after text of a style."""
        with self._console.capture() as captured:
            self._console.print(Text("x", style, end=""), end="")
        before, _, after = captured.get().partition("x")
        self._codes[style] = before, after
        return before, after
