"""Facts of Python sources, read with `ast`. Runs none of them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import partial
from math import isfinite

from forge_emu.rules.facts import (
    CodePosition,
    FloatingCall,
    InvocationErrorUse,
    ModuleFacts,
    PushCall,
    PushedEventFacts,
    QueueObject,
    SourceFacts,
    StoreCall,
    Unit,
    UnreadFile,
)
from forge_emu.rules.python.floating import FloatingCalls
from forge_emu.rules.python.names import ImportedName, Names, units_of
from forge_emu.rules.python.store_calls import store_calls
from forge_emu.rules.python.values import UNKNOWN, constant_value, least_json_bytes

ReadFile = Callable[[str], bytes | None]
"""The content of a file of the app; None where there is none."""


def python_facts(entries: Sequence[str], read: ReadFile) -> SourceFacts:
    """The facts of the files `entries` and of those of the app's own that they import."""
    modules: dict[str, ModuleFacts] = {}
    unread: list[UnreadFile] = []
    waiting = list(entries)
    while waiting:
        file = waiting.pop(0)
        if file in modules or any(u.file == file for u in unread):
            continue
        try:
            tree = ast.parse(read(file) or b"")
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            line, column = (
                (error.lineno or 0, error.offset or 0) if isinstance(error, SyntaxError) else (0, 0)
            )
            message = error.msg if isinstance(error, SyntaxError) else str(error)
            unread.append(UnreadFile(file, line, column, message))
            continue
        reader = _ModuleReader(file, tree, partial(_find_file, file, read))
        modules[file] = reader.module_facts()
        waiting += reader.imported_files
    return SourceFacts(list(modules.values()), unread)


def _find_file(importer: str, read: ReadFile, name: str) -> str | None:
    """The file of the app that `name` means in `importer`."""
    if not name:
        return None
    path = name.replace(".", "/")
    folder, _, _ = importer.rpartition("/")
    source = importer.partition("/")[0]
    for base in dict.fromkeys((source, folder, "")):
        for candidate in (f"{path}.py", f"{path}/__init__.py"):
            file = f"{base}/{candidate}" if base else candidate
            if read(file) is not None:
                return file
    return None


class _ModuleReader:
    """Reads one module."""

    def __init__(self, file: str, tree: ast.Module, find: Callable[[str], str | None]) -> None:
        package = file.removesuffix("/__init__.py").removesuffix(".py").rpartition("/")[0]
        self._file = file
        self._tree = tree
        self._find = find
        self._names = Names(tree, package.replace("/", "."))
        self._units: dict[str, list[Unit]] = {}
        self._queues: list[QueueObject] = []
        self._pushes: list[PushCall] = []
        self._retries: list[InvocationErrorUse] = []
        self._stores: list[StoreCall] = []
        self._floating: list[FloatingCall] = []
        self._floating_calls = FloatingCalls(tree, self._names)
        self.imported_files: list[str] = []
        for imported in self._names.imports.values():
            for name in (imported.module, f"{imported.module}.{imported.name}"):
                if found := find(name):
                    self.imported_files.append(found)

    def module_facts(self) -> ModuleFacts:
        """The facts of the module."""
        for unit, node in units_of(self._tree):
            self._units.setdefault(unit, [])
            self._walk(node, unit, None)
            self._floating += self._floating_calls.read_unit(unit, node)
        exports: dict[str, Unit] = {name: (self._file, name) for name in self._units}
        for name in self._names.imports:
            if target := self._unit_named(name):
                exports[name] = target
        return ModuleFacts(
            self._file,
            exports,
            self._units,
            queues=self._queues,
            pushes=self._pushes,
            retries=self._retries,
            stores=self._stores,
            floating=self._floating,
        )

    def _walk(self, node: ast.AST, unit: str, parent: ast.AST | None) -> None:
        if isinstance(node, ast.Name) and (target := self._unit_named(node.id)):
            self._units[unit].append(target)
        elif isinstance(node, ast.Attribute):
            self._link_attribute(node, unit)
        elif isinstance(node, ast.Call):
            self._read_call(node, unit, parent)
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Name):
            made = self._names.resolve(node.exc)
            if isinstance(made, ast.Call) and self._names.is_sdk(made.func, "InvocationError"):
                self._retries.append(
                    InvocationErrorUse("thrown", unit, None, 0, *_position_of(node))
                )
        for child in ast.iter_child_nodes(node):
            # An `await` and a choice pass on what they hold.
            through = isinstance(node, ast.Await | ast.IfExp | ast.BoolOp)
            self._walk(child, unit, parent if through else node)

    def _unit_named(self, name: str) -> Unit | None:
        imported = self._names.imports.get(name)
        if imported and imported.name and (file := self._find(imported.module)):
            return file, imported.name
        own = imported is None and (name in self._names.definitions or name in self._names.values)
        return (self._file, name) if own else None

    def _link_attribute(self, node: ast.Attribute, unit: str) -> None:
        found = self._names.resolve(node)
        if isinstance(found, ImportedName) and found.name and (file := self._find(found.module)):
            self._units[unit].append((file, found.name.partition(".")[0]))
        elif isinstance(node.value, ast.Name):
            owner = self._names.imports.get(node.value.id)
            whole = f"{owner.module}.{owner.name}" if owner and owner.name else ""
            if file := self._find(whole):
                self._units[unit].append((file, node.attr))

    # --- calls

    def _read_call(self, node: ast.Call, unit: str, parent: ast.AST | None) -> None:
        if self._names.is_sdk(node.func, "Queue"):
            self._queues.append(QueueObject(self._queue_key(node), unit, *_position_of(node)))
        elif self._names.is_sdk(node.func, "InvocationError"):
            self._read_retry(node, unit, parent)
        elif isinstance(node.func, ast.Attribute):
            made = self._names.resolve(node.func.value)
            is_queue = isinstance(made, ast.Call) and self._names.is_sdk(made.func, "Queue")
            if node.func.attr == "push" and is_queue and isinstance(made, ast.Call):
                self._read_push(node, unit, self._queue_key(made))
        discarded = isinstance(parent, ast.Expr)
        self._stores += store_calls(node, self._names, unit, discarded=discarded)

    def _queue_key(self, node: ast.Call) -> str | None:
        key = _argument(node, 0, "key")
        known = constant_value(key, self._names) if key else UNKNOWN
        return known if isinstance(known, str) else None

    def _read_retry(self, node: ast.Call, unit: str, parent: ast.AST | None) -> None:
        after = _argument(node, None, "retry_after")
        data = _argument(node, None, "retry_data")
        use = {ast.Raise: "thrown", ast.Return: "returned", ast.Expr: "discarded"}.get(
            type(parent), "other"
        )
        self._retries.append(
            InvocationErrorUse(
                use,
                unit,
                _number(constant_value(after, self._names)) if after else None,
                least_json_bytes(data, self._names) if data else 0,
                *_position_of(node),
                CodePosition(*_position_of(after)) if after else None,
            )
        )

    def _read_push(self, node: ast.Call, unit: str, queue: str | None) -> None:
        argument = _argument(node, 0, "events")
        items, count = self._read_events(argument) if argument else ([], None)
        given = len(node.args) + len(node.keywords)
        at = _position_of(argument or node)
        self._pushes.append(PushCall(unit, queue, given, False, items, count, *at))

    def _read_events(self, argument: ast.expr) -> tuple[list[PushedEventFacts], int | None]:
        found = self._names.resolve(argument)
        if isinstance(found, ast.List | ast.Tuple):
            starred = any(isinstance(item, ast.Starred) for item in found.elts)
            items = [self._read_event(e) for e in found.elts if not isinstance(e, ast.Starred)]
            return items, None if starred else len(found.elts)
        if isinstance(found, ast.ListComp):
            return [self._read_event(found.elt)], None
        return [self._read_event(argument)], 1

    def _read_event(self, node: ast.expr) -> PushedEventFacts:
        found = self._names.resolve(node)
        size = least_json_bytes(node, self._names)
        if not isinstance(found, ast.Dict):
            shape = "unknown" if constant_value(node, self._names) is UNKNOWN else "value"
            return PushedEventFacts(shape, [], None, size, *_position_of(node))
        keys = [UNKNOWN if k is None else constant_value(k, self._names) for k in found.keys]
        named = [key for key in keys if isinstance(key, str)]
        delays = [
            value
            for key, value in zip(keys, found.values, strict=True)
            if key in ("delay_in_seconds", "delayInSeconds")
        ]
        delay = _number(constant_value(delays[0], self._names)) if delays else None
        shape = "object" if len(named) == len(keys) else "open"
        at = delays[0] if delays else node
        return PushedEventFacts(shape, named, delay, size, *_position_of(at))


def _argument(node: ast.Call, position: int | None, name: str) -> ast.expr | None:
    if position is not None and len(node.args) > position:
        return node.args[position]
    return next((k.value for k in node.keywords if k.arg == name), None)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return None
    return value


def _position_of(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", -1) + 1
