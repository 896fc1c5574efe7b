"""What is known of a Python expression's value without running it."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any, Final

import msgspec

from forge_emu.rules.python.names import ImportedName, Names

UNKNOWN: Final = object()
_LONGEST = 4_000_000
_OPERATORS: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}


def constant_value(node: ast.expr, names: Names, depth: int = 0) -> Any:
    """The value, or UNKNOWN."""
    found = names.resolve(node)
    if isinstance(found, ImportedName) or depth > 30:
        return UNKNOWN
    match found:
        case ast.Constant(value=value) if not isinstance(value, bytes | complex):
            return None if value is ... else value
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            value = constant_value(operand, names, depth + 1)
            return -value if _is_number(value) else UNKNOWN
        case ast.BinOp(left=left, op=op, right=right):
            return _binary_value(
                op, constant_value(left, names, depth + 1), constant_value(right, names, depth + 1)
            )
        case ast.JoinedStr(values=parts):
            texts = [p.value if isinstance(p, ast.Constant) else UNKNOWN for p in parts]
            return UNKNOWN if UNKNOWN in texts else "".join(map(str, texts))
        case ast.List(elts=items) | ast.Tuple(elts=items):
            values = [constant_value(item, names, depth + 1) for item in items]
            return UNKNOWN if UNKNOWN in values else values
        case ast.Dict(keys=keys, values=values):
            return _dict_value(keys, values, names, depth)
    return UNKNOWN


def least_json_bytes(node: ast.expr, names: Names, depth: int = 0) -> int:
    """The least number of bytes of its JSON text."""
    found = names.resolve(node)
    if isinstance(found, ImportedName) or depth > 30:
        return 0
    known = constant_value(found, names, depth)
    if known is not UNKNOWN:
        try:
            return len(msgspec.json.encode(known))
        except (TypeError, ValueError, UnicodeEncodeError):
            return 0
    match found:
        case ast.Dict(keys=keys, values=values):
            size = 1
            for key, value in zip(keys, values, strict=True):
                inner = least_json_bytes(value, names, depth + 1)
                name = constant_value(key, names, depth + 1) if key is not None else UNKNOWN
                size += inner and inner + 4 + (len(name) if isinstance(name, str) else 0)
            return size
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return 1 + sum(least_json_bytes(item, names, depth + 1) + 1 for item in items)
        case ast.JoinedStr(values=parts):
            return 2 + sum(len(str(p.value)) for p in parts if isinstance(p, ast.Constant))
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return max(
                least_json_bytes(left, names, depth + 1), least_json_bytes(right, names, depth + 1)
            )
    return 0


def _dict_value(
    keys: list[ast.expr | None], values: list[ast.expr], names: Names, depth: int
) -> Any:
    made = {}
    for key, value in zip(keys, values, strict=True):
        name = UNKNOWN if key is None else constant_value(key, names, depth + 1)
        inner = constant_value(value, names, depth + 1)
        if not isinstance(name, str) or inner is UNKNOWN:
            return UNKNOWN
        made[name] = inner
    return made


def _binary_value(op: ast.operator, left: Any, right: Any) -> Any:
    if isinstance(op, ast.Mult) and isinstance(left, int) and isinstance(right, str):
        left, right = right, left
    texts = isinstance(left, str) and isinstance(right, str) and isinstance(op, ast.Add)
    repeated = (
        isinstance(left, str)
        and isinstance(op, ast.Mult)
        and isinstance(right, int)
        and len(left) * right <= _LONGEST
    )
    numbers = _is_number(left) and _is_number(right)
    if not (texts or repeated or numbers) or type(op) not in _OPERATORS:
        return UNKNOWN
    try:
        return _OPERATORS[type(op)](left, right)
    except (ArithmeticError, ValueError):
        return UNKNOWN


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
