"""The YAML parser's errors, reworded to say what to look for."""

from __future__ import annotations

import yaml

from forge_emu.yamlsource.nodes import SourcePosition

_MESSAGES: tuple[tuple[str, str, str | None], ...] = (
    (
        "mapping values are not allowed",
        "a ':' stands where no key can be",
        "Is the line indented like its neighbours? A value with ': ' in it needs quotes.",
    ),
    (
        "did not find expected '-' indicator",
        "this line does not belong to the list above it",
        "Indent it like the list's '-', or like what the list belongs to.",
    ),
    (
        "did not find expected key",
        "this line does not fit the lines above it",
        "Check its indentation, and that the quotes and brackets before it are closed.",
    ),
    (
        "did not find expected <document start>",
        "this line does not fit the lines above it",
        "Check its indentation, and that there is no bracket too many before it.",
    ),
    (
        "did not find expected node content",
        "a value is missing here, or a '[' or '{' above is not closed",
        None,
    ),
    ("maximum nesting depth", "the nesting is too deep", None),
    (
        "expected <block end>",
        "this line does not fit the lines above it",
        "Check its indentation, and that the quotes and brackets before it are closed.",
    ),
    (
        "could not find expected ':'",
        "a key without ':'",
        "Write `key: value`; a text over several lines needs quotes or '|'.",
    ),
    (
        "did not find expected ',' or",
        "a '[' or '{' is not closed, or a ',' is missing",
        "Close the bracket, or quote a value that starts with it.",
    ),
    (
        "expected ',' or",
        "a '[' or '{' is not closed, or a ',' is missing",
        "Close the bracket, or quote a value that starts with it.",
    ),
    (
        "sequence entries are not allowed",
        "a '- ' stands where no list can begin",
        "Put it on a line of its own, below its key.",
    ),
    (
        "unknown escape character",
        "this backslash escape is not one of YAML's",
        "Use single quotes, or double the backslash.",
    ),
)
_UNCLOSED = {
    "while scanning a quoted scalar": "this quotation mark is never closed",
    "while parsing a flow sequence": "this '[' is never closed",
    "while parsing a flow mapping": "this '{' is never closed",
}


def explain(error: yaml.MarkedYAMLError, text: str) -> tuple[SourcePosition, str, str | None]:
    """Where `error` is, what it means and what to do."""
    problem = error.problem or error.context or "unreadable"
    mark = error.problem_mark or error.context_mark
    place = SourcePosition(mark.line + 1, mark.column + 1) if mark else SourcePosition(1, 1)
    if tab := _tab_at(place, text):
        return tab, "a tab is used as indentation, which YAML does not allow", "Use spaces."
    context = next((w for c, w in _UNCLOSED.items() if (error.context or "").startswith(c)), None)
    at_end = place.line >= len(text.splitlines()) or "end of stream" in problem
    if context and at_end and error.context_mark:
        opened = error.context_mark
        return SourcePosition(opened.line + 1, opened.column + 1), f"broken YAML: {context}", None
    if "could not find expected ':'" in problem and error.context_mark:
        # Noticed in a later line than the one that lacks it.
        place = SourcePosition(error.context_mark.line + 1, error.context_mark.column + 1)
    if "cannot start any token" in problem:
        return _bad_start_message(place, text)
    for start, message, hint in _MESSAGES:
        if start in problem:
            return place, f"broken YAML: {message}", hint
    return place, f"broken YAML: {problem}", None


def _tab_at(place: SourcePosition, text: str) -> SourcePosition | None:
    """Where the indentation of the line at `place`, or of the one before, has a tab."""
    lines = text.splitlines()
    for number in (place.line, place.line - 1):
        if 1 <= number <= len(lines):
            line = lines[number - 1]
            indentation = line[: len(line) - len(line.lstrip())]
            if "\t" in indentation and line.strip():
                return SourcePosition(number, indentation.index("\t") + 1)
    return None


def _bad_start_message(place: SourcePosition, text: str) -> tuple[SourcePosition, str, str | None]:
    lines = text.splitlines()
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    found = line[place.column - 1 : place.column]
    if found == "\t":
        return place, "a tab is used as indentation, which YAML does not allow", "Use spaces."
    return (
        place,
        f"broken YAML: a value cannot start with '{found}'",
        "Put the value in quotes.",
    )
