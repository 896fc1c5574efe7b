"""What the app's modules export against what its manifest names, and modules that do not load."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, TypeAlias

import msgspec

from forge_emu.errors import Problem
from forge_emu.model import App, Function
from forge_emu.nearest import did_you_mean, nearest
from forge_emu.ports import BuildResult
from forge_emu.runtime.host import wire

_WORDS = {"javascript": ("export", "exports"), "python": ("function", "defines")}
_NO_FUNCTION = {
    "javascript": "Export the handler itself; with @forge/resolver, resolver.getDefinitions().",
    "python": "The handler must be a function: `def name(event, context)`, or async.",
}


ProblemOf: TypeAlias = Callable[[wire.LoadFailure], Problem]
"""What to say of a module that fails when it is evaluated."""


def load_result(
    app: App,
    load: wire.Load,
    built: BuildResult,
    answers: Sequence[wire.Loaded] | Problem,
    problem_of: ProblemOf,
) -> BuildResult:
    """The outcome of loading what was `built`; with errors alone if nothing of it loads.

    `answers` are those of the threads, or why there are none.
    """
    if isinstance(answers, Problem):
        return msgspec.structs.replace(built, problems=(*built.problems, answers), unloaded={})
    unloaded = {**built.unloaded, **_unloaded_functions(app, load, answers, problem_of)}
    problems = tuple(dict.fromkeys((*built.problems, *unloaded.values())))
    if all(key in unloaded for key in load.functions):
        errors = {p: msgspec.structs.replace(p, severity="error") for p in unloaded.values()}
        problems = tuple(errors.get(p, p) for p in problems)
        unloaded = {}
    return msgspec.structs.replace(built, problems=problems, unloaded=unloaded)


def _unloaded_functions(
    app: App, load: wire.Load, answers: Sequence[wire.Loaded], problem_of: ProblemOf
) -> dict[str, Problem]:
    """The functions of `load` that have no handler, by key: its module fails, or it is not there.

    A module that fails when it is evaluated is deployed all the same: where nothing that is
    emulated needs it, that is a warning.
    """
    failures = {failure.file: failure for answer in answers for failure in answer.failures}
    unloaded: dict[str, Problem] = {}
    for key in load.functions:
        function = app.functions[key]
        if failure := failures.get(function.file):
            users = (
                app.modules_using(k) for k, f in app.functions.items() if f.file == failure.file
            )
            severity: Literal["error", "warning"] = "error" if any(users) else "warning"
            unloaded[key] = msgspec.structs.replace(problem_of(failure), severity=severity)
        elif problem := _export_problem(app, function, answers[0].modules.get(function.file, {})):
            unloaded[key] = problem
    return unloaded


def unfinished_problem(load: wire.Load, seconds: float) -> Problem:
    """Modules that do not finish loading within `seconds`."""
    names = sorted({f.file for f in load.functions.values()})
    message = f"{', '.join(names)} did not finish loading within {seconds:.0f} s"
    hint = "Look for a loop or a wait at the top level of the module, outside functions."
    return Problem(names[0], 1, 0, message, hint, rule="load")


def load_problem(failure: wire.LoadFailure) -> Problem:
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


def _export_problem(app: App, function: Function, exports: Mapping[str, str]) -> Problem | None:
    """Why a module has no handler of this name; None where it has one."""
    kind = exports.get(function.export)
    if kind == "function":
        return None
    if kind is None:
        return _missing_export(app, function, exports)
    what = "the export " if function.language == "javascript" else ""
    message = f'handler "{function.handler}": {what}{function.export} of '
    message += f"{function.file} is no function but a value of type {kind}"
    return _handler_problem(app, function, message, _NO_FUNCTION[function.language])


def _missing_export(app: App, function: Function, exports: Mapping[str, str]) -> Problem:
    functions = [name for name, kind in exports.items() if kind == "function"]
    near = nearest(function.export, functions, most=max(len(functions), 1), cutoff=0.5)
    ordered = [*near, *sorted(name for name in functions if name not in near)]
    noun, verb = _WORDS[function.language]
    hint = f"It {verb}: {', '.join(ordered)}." if ordered else f"It {verb} no function."
    if near:
        hint = f"{did_you_mean(near[:1])} {hint}"
    elif functions == ["default"]:
        module = function.handler.rpartition(".")[0]
        hint = f"It has a default export: write {module}.default, or export it by name."
    message = f'handler "{function.handler}": {function.file} has no {noun} "{function.export}"'
    return _handler_problem(app, function, message, hint)


def _handler_problem(app: App, function: Function, message: str, hint: str) -> Problem:
    return Problem(app.manifest, function.line, function.column, message, hint, rule="export")
