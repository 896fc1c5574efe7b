"""Calls of the store in Python sources: which operation, and the keys that are always the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from forge_emu.rules.facts import StoreCall
from forge_emu.rules.python.names import SDK, ImportedName, Names
from forge_emu.rules.python.values import UNKNOWN, constant_value

_OPERATIONS = {
    "set_secret": "setSecret",
    "get_secret": "getSecret",
    "batch_set": "batchSet",
    "batch_get": "batchGet",
    "batch_delete": "batchDelete",
}
_TRANSACTION_METHODS = ("set", "delete")


def store_calls(node: ast.Call, names: Names, unit: str, *, discarded: bool) -> Iterator[StoreCall]:
    """The facts of a call; none where it is no call of the store."""
    found = store_operation(node.func, names)
    if found is None:
        return
    api, operation = found
    first = _argument(node, "items" if operation == "batchSet" else "key")
    yield StoreCall(
        api, operation, _constant_text(first, names), unit, *_position_of(node), discarded
    )
    if operation == "batchSet" and first is not None:
        for item, key in _constant_key_items(first, names):
            yield StoreCall(api, operation, key, unit, *_position_of(item))


def store_operation(called: ast.expr, names: Names) -> tuple[str, str] | None:
    """The store and its operation, under the name that it has in JavaScript where it differs."""
    found = names.resolve(called)
    if isinstance(found, ImportedName):
        if found.module != SDK or not found.name:
            return None
        api, _, operation = found.name.partition(".")
        if api not in ("kvs", "storage") or not operation:
            return None
        return api, _OPERATIONS.get(operation, operation)
    if (
        isinstance(called, ast.Attribute)
        and called.attr in _TRANSACTION_METHODS
        and _is_transaction_step(called, names)
    ):
        return "kvs", f"transact.{called.attr}"
    return None


def _is_transaction_step(called: ast.Attribute, names: Names) -> bool:
    """Whether a method belongs to what `kvs.transact()` made, directly or through others."""
    link: ast.expr = called
    while isinstance(link, ast.Attribute):
        made = names.resolve(link.value)
        if not isinstance(made, ast.Call):
            return False
        if names.is_sdk(made.func, "kvs.transact"):
            return True
        link = made.func
    return False


def _constant_key_items(argument: ast.expr, names: Names) -> Iterator[tuple[ast.expr, str]]:
    """The items of a batch whose key is always the same."""
    found = names.resolve(argument)
    if not isinstance(found, ast.List | ast.Tuple):
        return
    for element in found.elts:
        item = names.resolve(element)
        if isinstance(item, ast.Dict):
            for name, value in zip(item.keys, item.values, strict=True):
                is_key = name is not None and constant_value(name, names) == "key"
                if is_key and (key := _constant_text(value, names)) is not None:
                    yield element, key


def _constant_text(node: ast.expr | None, names: Names) -> str | None:
    known = constant_value(node, names) if node is not None else UNKNOWN
    return known if isinstance(known, str) else None


def _argument(node: ast.Call, name: str) -> ast.expr | None:
    if node.args:
        return node.args[0]
    return next((k.value for k in node.keywords if k.arg == name), None)


def _position_of(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", -1) + 1
