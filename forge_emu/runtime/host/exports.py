"""What the app's modules export against what its manifest names, and modules that do not load."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from forge_emu.errors import Problem
from forge_emu.model import App, Function
from forge_emu.runtime.host.wire import LoadFailure

_WORDS = {"javascript": ("export", "exports"), "python": ("function", "defines")}
_NO_FUNCTION = {
    "javascript": "Export the handler itself; with @forge/resolver, resolver.getDefinitions().",
    "python": "The handler must be a function: `def name(event, context)`, or async.",
}


def export_problems(
    app: App, language: str, modules: Mapping[str, Mapping[str, str]]
) -> list[Problem]:
    """Handlers that are not there or no functions. `modules` maps files to exports to kinds."""
    problems: list[Problem] = []
    for function in app.functions.values():
        if function.language != language:
            continue
        exports = modules.get(function.file, {})
        kind = exports.get(function.export)
        if kind is None:
            problems.append(_missing_export(app, function, exports))
        elif kind != "function":
            what = "the export " if language == "javascript" else ""
            message = f'handler "{function.handler}": {what}{function.export} of '
            message += f"{function.file} is no function but a value of type {kind}"
            problems.append(_export_problem(app, function, message, _NO_FUNCTION[language]))
    return problems


def load_problem(failure: LoadFailure) -> Problem:
    """A module whose top level threw."""
    error = failure.error
    return Problem(
        failure.source or failure.file,
        failure.line,
        failure.column,
        f"{failure.file} failed while loading: {error.name}: {error.message}",
        "The code at the top level of a module runs when it is loaded, before any handler.",
        rule="load",
    )


def _missing_export(app: App, function: Function, exports: Mapping[str, str]) -> Problem:
    functions = [name for name, kind in exports.items() if kind == "function"]
    near = difflib.get_close_matches(function.export, functions, max(len(functions), 1), cutoff=0.5)
    ordered = [*near, *sorted(name for name in functions if name not in near)]
    noun, verb = _WORDS[function.language]
    hint = f"It {verb}: {', '.join(ordered)}." if ordered else f"It {verb} no function."
    if near:
        hint = f"Did you mean {near[0]}? {hint}"
    message = f'handler "{function.handler}": {function.file} has no {noun} "{function.export}"'
    return _export_problem(app, function, message, hint)


def _export_problem(app: App, function: Function, message: str, hint: str) -> Problem:
    return Problem(app.manifest, function.line, function.column, message, hint, rule="export")
