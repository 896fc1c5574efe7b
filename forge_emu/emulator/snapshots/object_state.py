"""The state of all objects that one object reaches, and putting it back into the same objects.

Values are shared: texts, numbers, tuples, frozen structs and what these hold never change. Objects
stay the ones that they are, so that whoever holds one of them sees the state that was put back.
"""

from __future__ import annotations

import functools
import types
from array import array
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from enum import Enum
from pathlib import PurePath
from typing import Any, Final, TypeAlias

import msgspec

from forge_emu.clock.chance import RandomSource


@dataclass(frozen=True)
class NotState:
    """What is no state and is not entered: some attributes of a class, such as its timers, and all
    objects whose class is of one of the `modules` or packages."""

    attributes: Mapping[type, frozenset[str]] = field(default_factory=dict)
    modules: tuple[str, ...] = ()


_Put: TypeAlias = Callable[[Any, Any], None]
_Parts: TypeAlias = Iterable[Any]
_Capture: TypeAlias = Callable[[Any], tuple[Any, _Put | None, _Parts]]
"""For an object: a copy of its own state, what puts that back, and the objects it reaches."""

# fmt: off
_VALUES: Final = frozenset({
    type(None), bool, int, float, complex, str, bytes, range, type, object, types.ModuleType,
    types.CodeType, types.EllipsisType, types.NotImplementedType, functools._lru_cache_wrapper,
    msgspec.Raw, msgspec.UnsetType, msgspec.json.Decoder, msgspec.json.Encoder,
})
# fmt: on

_VALUE_BASES: Final = (PurePath, Enum, str, int, type, AsyncExitStack)
_VALUE_MODULES: Final = ("asyncio", "_asyncio", "re", "msgspec._core")
"""What never changes, and what belongs to this process and not to emulated time."""


class ObjectState:
    """What `root` and all that it reaches are now. `not_state` says what is left alone.

    Raises TypeError for an object of which it is not known how its state is read.
    """

    def __init__(self, root: object, not_state: NotState) -> None:
        captures = _Captures(not_state)
        self._saved: list[tuple[Any, _Put, Any]] = []
        # Objects by identity; kept, so that no later object has the identity of one that is gone.
        seen: dict[int, Any] = {id(root): root}
        todo = [root]
        while todo:
            found = todo.pop()
            capture = captures[type(found)]
            if capture is None:
                continue
            state, put, parts = capture(found)
            if put is not None:
                self._saved.append((found, put, state))
            for part in parts:
                if captures[type(part)] is not None and id(part) not in seen:
                    seen[id(part)] = part
                    todo.append(part)
        self._seen = seen

    @property
    def size(self) -> int:
        """How many objects have a state of their own."""
        return len(self._saved)

    def restore(self) -> None:
        """Give every object the state that it had. Can be called again and again."""
        for found, put, state in self._saved:
            put(found, state)


class _Captures(dict[type, "_Capture | None"]):
    """How objects are read, by their type; None for a value."""

    def __init__(self, not_state: NotState) -> None:
        super().__init__(dict.fromkeys(_VALUES))
        self._not_state = not_state

    def __missing__(self, kind: type) -> _Capture | None:
        found = self[kind] = self._find(kind)
        return found

    def _find(self, kind: type) -> _Capture | None:
        if _is_value(kind) or _is_of(kind, self._not_state.modules):
            return None
        for base, capture in _CONTAINERS.items():
            if issubclass(kind, base):
                return capture
        if issubclass(kind, msgspec.Struct):
            return _of_struct(kind.__struct_fields__)
        if kind.__module__.partition(".")[0] != "forge_emu":
            raise TypeError(f"a snapshot does not know how to read {kind.__module__}.{kind}")
        names = [name for base in kind.__mro__ for name in base.__dict__.get("__slots__", ())]
        attributes = self._not_state.attributes
        skipped = frozenset[str]().union(*(attributes.get(base, ()) for base in kind.__mro__))
        if kind.__dictoffset__:
            return _of_attributes(names, skipped)
        return _of_names([name for name in names if name not in skipped])


def _is_value(kind: type) -> bool:
    if issubclass(kind, msgspec.Struct):
        return bool(kind.__struct_config__.frozen)
    return issubclass(kind, _VALUE_BASES) or _is_of(kind, _VALUE_MODULES)


def _is_of(kind: type, modules: Iterable[str]) -> bool:
    return any(f"{kind.__module__}.".startswith(f"{module}.") for module in modules)


def _of_dict(found: dict[Any, Any]) -> tuple[Any, _Put, _Parts]:
    state = dict(found)
    return state, _put_dict, (*state, *state.values())


def _put_dict(found: dict[Any, Any], state: dict[Any, Any]) -> None:
    dict.clear(found)
    dict.update(found, state)


def _of_ordered(found: Any) -> tuple[Any, _Put, _Parts]:
    state = list(found.items())
    return state, _put_ordered, [part for item in state for part in item]


def _put_ordered(found: Any, state: list[tuple[Any, Any]]) -> None:
    found.clear()
    found.update(state)


def _of_list(found: list[Any]) -> tuple[Any, _Put, _Parts]:
    state = found[:]
    return state, _put_slice, state


def _put_slice(found: Any, state: Any) -> None:
    found[:] = state


def _of_deque(found: deque[Any]) -> tuple[Any, _Put, _Parts]:
    state = list(found)
    return state, _put_deque, state


def _put_deque(found: deque[Any], state: list[Any]) -> None:
    found.clear()
    found.extend(state)


def _of_set(found: set[Any]) -> tuple[Any, _Put, _Parts]:
    state = list(found)
    return state, _put_set, state


def _put_set(found: set[Any], state: list[Any]) -> None:
    found.clear()
    found.update(state)


def _of_tuple(found: Any) -> tuple[Any, None, _Parts]:
    return None, None, found


def _of_bytearray(found: bytearray) -> tuple[Any, _Put, _Parts]:
    return bytes(found), _put_slice, ()


def _of_array(found: Any) -> tuple[Any, _Put, _Parts]:
    return found[:], _put_slice, ()


def _of_random(found: RandomSource) -> tuple[Any, _Put, _Parts]:
    return found.getstate(), RandomSource.setstate, ()


def _of_function(found: Any) -> tuple[Any, None, _Parts]:
    return None, None, (*(found.__closure__ or ()), *(found.__defaults__ or ()))


def _of_bound(found: Any) -> tuple[Any, None, _Parts]:
    return None, None, (found.__self__,)


def _of_partial(found: Any) -> tuple[Any, None, _Parts]:
    return None, None, (found.func, *found.args, *found.keywords.values())


def _of_cell(found: types.CellType) -> tuple[Any, _Put | None, _Parts]:
    try:
        content = found.cell_contents
    except ValueError:  # not filled yet
        return None, None, ()
    return content, _put_cell, (content,)


def _put_cell(found: types.CellType, content: Any) -> None:
    found.cell_contents = content


def _of_attributes(names: Iterable[str], skipped: frozenset[str]) -> _Capture:
    """Objects with a `__dict__`, and perhaps slots `names`; `skipped` are left alone."""
    slots = _of_names([name for name in names if name not in skipped])

    def put(found: Any, state: tuple[dict[str, Any], Any]) -> None:
        attributes, in_slots = state
        kept = {name: found.__dict__[name] for name in skipped if name in found.__dict__}
        found.__dict__.clear()
        found.__dict__.update(attributes | kept)
        _put_names(found, in_slots)

    def capture(found: Any) -> tuple[Any, _Put, _Parts]:
        attributes = {k: v for k, v in found.__dict__.items() if k not in skipped}
        in_slots, _, parts = slots(found)
        return (attributes, in_slots), put, (*attributes.values(), *parts)

    return capture


def _of_struct(names: tuple[str, ...]) -> _Capture:
    """Structs, whose fields are all set."""

    def put(found: Any, state: tuple[Any, ...]) -> None:
        for name, value in zip(names, state, strict=True):
            setattr(found, name, value)

    def capture(found: Any) -> tuple[Any, _Put, _Parts]:
        state = msgspec.structs.astuple(found)
        return state, put, state

    return capture


def _of_names(names: Iterable[str]) -> _Capture:
    """Objects whose attributes are exactly `names`, those that are set."""
    known = tuple(names)

    def capture(found: Any) -> tuple[Any, _Put, _Parts]:
        state = {name: getattr(found, name) for name in known if hasattr(found, name)}
        return state, _put_names, state.values()

    return capture


def _put_names(found: Any, state: dict[str, Any]) -> None:
    for name, value in state.items():
        setattr(found, name, value)


_CONTAINERS: Final[dict[type, _Capture]] = {
    OrderedDict: _of_ordered,
    dict: _of_dict,
    list: _of_list,
    deque: _of_deque,
    set: _of_set,
    tuple: _of_tuple,
    frozenset: _of_tuple,
    bytearray: _of_bytearray,
    array: _of_array,
    RandomSource: _of_random,
    types.FunctionType: _of_function,
    types.MethodType: _of_bound,
    types.BuiltinMethodType: _of_bound,
    functools.partial: _of_partial,
    types.CellType: _of_cell,
}
