"""Work in Python sources that nothing waits for: coroutines without `await`, tasks nobody keeps."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from forge_emu.rules.facts import FloatingCall
from forge_emu.rules.python.names import SDK, ImportedName, Names
from forge_emu.rules.python.store_calls import store_operation

_PROMISES = frozenset({
    "get", "set", "delete", "getSecret", "setSecret", "delete_secret", "batchGet", "batchSet",
    "batchDelete",
})  # fmt: skip
_REQUESTS = ("request_jira", "request_confluence")
_TASKS = ("create_task", "ensure_future")
_MAX_DEPTH = 6


class FloatingCalls:
    """Finds them in one module. Only `async def` functions count: elsewhere a call waits itself."""

    def __init__(self, tree: ast.Module, names: Names) -> None:
        self._names = names
        self._coroutines = {
            node.name: node for node in tree.body if isinstance(node, ast.AsyncFunctionDef)
        }
        self._methods = _methods_of_one_class(tree)

    def read_unit(self, unit: str, node: ast.AST) -> Iterator[FloatingCall]:
        """The findings in one part of the module."""
        for function in ast.walk(node):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            is_async = isinstance(function, ast.AsyncFunctionDef)
            for statement in _own_nodes(function):
                if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
                    yield from self._read_statement(unit, statement.value, is_async=is_async)

    def _read_statement(
        self, unit: str, call: ast.Call, *, is_async: bool
    ) -> Iterator[FloatingCall]:
        at = (call.lineno, call.col_offset + 1)
        name = self._asyncio_name(call.func)
        if name in _TASKS:
            work = self._work_of_arguments(call)
            if work is not None:
                yield FloatingCall(work, "task", unit, *at)
        elif is_async:
            work = self._work_of_arguments(call) if name == "gather" else self._work_of(call)
            if work is not None:
                yield FloatingCall(work, "coroutine", unit, *at)

    def _asyncio_name(self, called: ast.expr) -> str | None:
        found = self._names.resolve(called)
        if isinstance(found, ImportedName) and found.module == "asyncio":
            return found.name
        return None

    def _work_of_arguments(self, call: ast.Call) -> str | None:
        works = (self._work_of(made) for argument in call.args for made in _calls_in(argument))
        return next((work for work in works if work is not None), None)

    def _work_of(self, call: ast.Call, depth: int = 0) -> str | None:
        """What a call asks of the platform once it is awaited; None for other calls."""
        if (direct := self._platform_call(call)) is not None:
            return direct
        called = self._called_coroutine(call.func)
        if called is None or depth > _MAX_DEPTH:
            return None
        inner = (
            self._work_of(node, depth + 1)
            for node in ast.walk(called)
            if isinstance(node, ast.Call)
        )
        return next((work for work in inner if work is not None), None)

    def _called_coroutine(self, called: ast.expr) -> ast.AsyncFunctionDef | None:
        match called:
            # A name that has another meaning somewhere is not judged.
            case ast.Name(id=name) if not self._names.is_assigned(name):
                return self._coroutines.get(name)
            case ast.Attribute(value=ast.Name(id="self"), attr=name) if (
                name not in self._names.fields
            ):
                return self._methods.get(name)
        return None

    def _platform_call(self, call: ast.Call) -> str | None:
        store = store_operation(call.func, self._names)
        if store is not None:
            return f"{store[0]}.{store[1]}" if store[1] in _PROMISES else None
        if not isinstance(call.func, ast.Attribute):
            return None
        made = self._names.resolve(call.func.value)
        if not isinstance(made, ast.Call):
            return None
        if call.func.attr == "push" and self._names.is_sdk(made.func, "Queue"):
            return "queue.push"
        requester = self._names.resolve(made.func)
        is_requester = (
            isinstance(requester, ImportedName)
            and requester.module == SDK
            and requester.name in ("api.as_app", "api.as_user")
        )
        return call.func.attr if is_requester and call.func.attr in _REQUESTS else None


def _methods_of_one_class(tree: ast.Module) -> dict[str, ast.AsyncFunctionDef]:
    """The methods whose name no other has: of which class `self` is does not matter then."""
    found: dict[str, list[ast.stmt]] = {}
    for owner in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
        for node in owner.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found.setdefault(node.name, []).append(node)
    only = {name: nodes[0] for name, nodes in found.items() if len(nodes) == 1}
    return {name: node for name, node in only.items() if isinstance(node, ast.AsyncFunctionDef)}


def _calls_in(argument: ast.expr) -> Iterator[ast.Call]:
    """The call that an argument is, or that makes each item of `*[...]` or `*(... for ...)`."""
    if isinstance(argument, ast.Call):
        yield argument
    elif isinstance(argument, ast.Starred):
        value = argument.value
        if isinstance(value, ast.ListComp | ast.GeneratorExp | ast.SetComp):
            yield from _calls_in(value.elt)
        elif isinstance(value, ast.List | ast.Tuple):
            for item in value.elts:
                yield from _calls_in(item)


def _own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function, without those of functions in it."""
    for child in ast.iter_child_nodes(function):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield child
            yield from _own_nodes(child)
