"""Lines that the platform's reader wants indented and PyYAML does not: of brackets and quotes.

A list in `[]`, a mapping in `{}` and a text in quotes, over several lines inside of a block, are
indented deeper than that block. Only the closing bracket may stand below it.
"""

from __future__ import annotations

from forge_emu.yamlsource.decoding import UnreadableYamlError
from forge_emu.yamlsource.nodes import SourcePosition


def check_continuation(
    lines: list[str], first: int, last: int, column: int, closing: str = ""
) -> None:
    """The lines after `first` up to `last` (from 0) are indented deeper than `column` (from 0).

    `closing` is the bracket that may stand there on the last line. Raises UnreadableYamlError.
    """
    for number in range(first + 1, min(last + 1, len(lines))):
        line = lines[number]
        text = line.lstrip(" ")
        indentation = len(line) - len(text)
        if not text.strip() or (closing and text.startswith("#")) or indentation > column:
            continue
        if closing and number == last and indentation == column and text.startswith(closing):
            continue
        what = f"the '{'[' if closing == ']' else '{'}'" if closing else "the quotation mark"
        raise UnreadableYamlError(
            SourcePosition(number + 1, indentation + 1),
            f"this line belongs to {what} in line {first + 1} and is not indented deeper than what"
            " that belongs to",
            "Indent it with spaces." if closing else "Indent it, or close the quotation mark.",
        )
