"""What the names in a Python module mean: definitions, imports, and what is assigned once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

SDK = "forge_emu.sdk"
MODULE = "<module>"


class ImportedName(NamedTuple):
    """A name taken from another module; `name` None is the module itself."""

    module: str
    name: str | None


class Names:
    """The names at the top of a module, and in a function those of its own."""

    def __init__(self, tree: ast.Module, package: str) -> None:
        self.package = package
        self.imports: dict[str, ImportedName] = {}
        self.values: dict[str, ast.expr] = {}
        self.fields: dict[str, ast.expr] = {}
        self.definitions: set[str] = set()
        self._assigned: dict[str, int] = {}
        for node in ast.walk(tree):
            self._record_binding(node)
        for name in [name for name, times in self._assigned.items() if times > 1]:
            self.values.pop(name, None)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                self.definitions.add(node.name)

    def resolve(self, node: ast.expr) -> ast.expr | ImportedName:
        """The expression behind a name, or what was imported under it."""
        for _ in range(12):
            found = self._resolve_once(node)
            if found is node or isinstance(found, ImportedName):
                return found
            node = found
        return node

    def is_sdk(self, node: ast.expr, *names: str) -> bool:
        """Whether `node` means one of the SDK's `names`."""
        found = self.resolve(node)
        return isinstance(found, ImportedName) and found.module == SDK and found.name in names

    def is_assigned(self, name: str) -> bool:
        """Whether a name is a variable or a parameter somewhere in the module."""
        return name in self._assigned

    def _resolve_once(self, node: ast.expr) -> ast.expr | ImportedName:
        if isinstance(node, ast.Await):
            return node.value
        if isinstance(node, ast.Name):
            return self.imports.get(node.id) or self.values.get(node.id) or node
        if isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Name) and node.value.id == "self":
                return self.fields.get(node.attr) or node
            owner = self.resolve(node.value)
            if isinstance(owner, ImportedName):
                path = node.attr if owner.name is None else f"{owner.name}.{node.attr}"
                if owner.name is None and f"{owner.module}.{node.attr}" == SDK:
                    return ImportedName(SDK, None)
                return ImportedName(owner.module, path)
        return node

    def _record_binding(self, node: ast.AST) -> None:
        match node:
            case ast.Import(names=names):
                for name in names:
                    module = name.name if name.asname else name.name.partition(".")[0]
                    self.imports[name.asname or module] = ImportedName(module, None)
            case ast.ImportFrom(module=module, names=names, level=level):
                source = absolute_module(self.package, module, level)
                for name in names:
                    whole = f"{source}.{name.name}" if source else name.name
                    taken = ImportedName(source, name.name)
                    self.imports[name.asname or name.name] = (
                        ImportedName(SDK, None) if whole == SDK else taken
                    )
            case ast.Assign(targets=[ast.Name(id=id)], value=value):
                self.values[id] = value
            case ast.AnnAssign(target=ast.Name(id=id), value=ast.expr() as value):
                self.values[id] = value
            case ast.Assign(
                targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=value
            ):
                self.fields[name] = value
            case ast.Name(id=id, ctx=ast.Store()):
                self._assigned[id] = self._assigned.get(id, 0) + 1
            case ast.AugAssign(target=ast.Name(id=id)) | ast.comprehension(target=ast.Name(id=id)):
                self._assigned[id] = 2
            case ast.arg(arg=id):
                # The same name elsewhere may be a parameter: nothing is known of it then.
                self._assigned[id] = 2


def absolute_module(package: str, module: str | None, level: int) -> str:
    """The full name of what `from ..module import x` in `package` means."""
    if not level:
        return module or ""
    parts = package.split(".") if package else []
    kept = parts[: len(parts) - (level - 1)] if level > 1 else parts
    return ".".join([*kept, *([module] if module else [])])


def units_of(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """The parts of a module that can be reached for themselves, by name."""
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name, node
            case ast.ClassDef(name=name):
                yield name, node
            case ast.Assign(targets=[ast.Name(id=name)]):
                yield name, node
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name, node
            case ast.Import() | ast.ImportFrom():
                pass
            case _:
                yield MODULE, node
