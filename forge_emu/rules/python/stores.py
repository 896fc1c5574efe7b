"""Calls of the store in Python sources: which operation, and the keys that are always the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from forge_emu.rules.facts import StoreCall
from forge_emu.rules.python.names import SDK, Imported, Names
from forge_emu.rules.python.values import UNKNOWN, value_of

_OPERATIONS = {
    "set_secret": "setSecret",
    "get_secret": "getSecret",
    "batch_set": "batchSet",
    "batch_get": "batchGet",
    "batch_delete": "batchDelete",
}
_LINKS = ("set", "delete")


def store_calls(node: ast.Call, names: Names, unit: str, *, discarded: bool) -> Iterator[StoreCall]:
    """The facts of a call; none where it is no call of the store."""
    found = _operation(node.func, names)
    if found is None:
        return
    api, operation = found
    first = _argument(node, "items" if operation == "batchSet" else "key")
    yield StoreCall(api, operation, _text(first, names), unit, *_place(node), discarded)
    if operation == "batchSet" and first is not None:
        for item, key in _items(first, names):
            yield StoreCall(api, operation, key, unit, *_place(item))


def _operation(called: ast.expr, names: Names) -> tuple[str, str] | None:
    found = names.meaning(called)
    if isinstance(found, Imported):
        if found.module != SDK or not found.name:
            return None
        api, _, operation = found.name.partition(".")
        if api not in ("kvs", "storage") or not operation:
            return None
        return api, _OPERATIONS.get(operation, operation)
    if isinstance(called, ast.Attribute) and called.attr in _LINKS and _in_chain(called, names):
        return "kvs", f"transact.{called.attr}"
    return None


def _in_chain(called: ast.Attribute, names: Names) -> bool:
    """Whether a method belongs to what `kvs.transact()` made, directly or through others."""
    link: ast.expr = called
    while isinstance(link, ast.Attribute):
        made = names.meaning(link.value)
        if not isinstance(made, ast.Call):
            return False
        if names.is_sdk(made.func, "kvs.transact"):
            return True
        link = made.func
    return False


def _items(argument: ast.expr, names: Names) -> Iterator[tuple[ast.expr, str]]:
    """The items of a batch whose key is always the same."""
    found = names.meaning(argument)
    if not isinstance(found, ast.List | ast.Tuple):
        return
    for element in found.elts:
        item = names.meaning(element)
        if isinstance(item, ast.Dict):
            for name, value in zip(item.keys, item.values, strict=True):
                is_key = name is not None and value_of(name, names) == "key"
                if is_key and (key := _text(value, names)) is not None:
                    yield element, key


def _text(node: ast.expr | None, names: Names) -> str | None:
    known = value_of(node, names) if node is not None else UNKNOWN
    return known if isinstance(known, str) else None


def _argument(node: ast.Call, name: str) -> ast.expr | None:
    if node.args:
        return node.args[0]
    return next((k.value for k in node.keywords if k.arg == name), None)


def _place(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", -1) + 1
