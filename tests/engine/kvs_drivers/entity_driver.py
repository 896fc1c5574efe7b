"""A store with the custom entities of a small company, and short ways to call it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from msgspec import structs

from forge_emu import records
from forge_emu.engine.kvs.requests import KvsAnswer, KvsEntityQuery, KvsMultiKeyCall
from forge_emu.errors import Fault
from forge_emu.model import Json, KvsRequest
from tests.engine.world import World, app

EMPLOYEE = {
    "name": "employee",
    "attributes": {
        "surname": {"type": "string"},
        "age": {"type": "integer"},
        "pay": {"type": "float"},
        "gender": {"type": "string"},
        "active": {"type": "boolean"},
        "notes": {"type": "any"},
    },
    "indexes": [
        "surname",
        {"name": "by-age", "range": ["age"]},
        {"name": "by-age-per-gender", "partition": ["gender"], "range": ["age"]},
        {"name": "by-two", "partition": ["gender", "active"], "range": ["surname"]},
    ],
}
STORAGE = {"entities": [EMPLOYEE, {"name": "author", "attributes": {"name": {"type": "string"}}}]}


class Staff:
    """A store with employees."""

    def __init__(self, **settings: Any) -> None:
        self.world = World(structs.replace(app(), storage=STORAGE), **settings)

    def one(self, operation: Any, key: Json, value: Any = None, **more: Any) -> Json:
        """A call about one employee: what it answers, decoded. Raises Fault."""
        text = msgspec.json.encode(value) if operation == "set" else None
        request = KvsRequest(operation, key, text, **{"entity": "employee", **more})
        try:
            found = self.world.engine.kvs.call(request, self.world.now).value
        finally:
            self.world.collect()
        return msgspec.json.decode(found.value_text) if found else None

    def set(self, key: str, **attributes: Json) -> None:
        """Store an employee."""
        self.one("set", key, attributes)

    def many(self, call: KvsMultiKeyCall) -> KvsAnswer:
        """A call about many. Raises Fault."""
        try:
            return self.world.engine.kvs.call(call, self.world.now)
        finally:
            self.world.collect()

    def page(self, index: Json = "by-key", **asked: Any) -> KvsAnswer:
        """A query. Raises Fault."""
        return self.many(KvsEntityQuery("employee", index, **asked))

    def keys(self, index: Json = "by-key", **asked: Any) -> list[str]:
        """The keys that a query finds."""
        return [value.key for value in self.page(index, **asked).found]

    def of(self, kind: type[records.Body]) -> list[Any]:
        """The records of one kind."""
        return self.world.bodies_of(kind)


def refused(staff: Staff, ask: Callable[[], object]) -> tuple[int, str]:
    """Status and code of a refusal, which changes nothing."""
    before = dict.fromkeys(value.key for value in staff.page().found)
    with pytest.raises(Fault) as caught:
        ask()
    assert caught.value.limit
    assert dict.fromkeys(value.key for value in staff.page().found) == before
    return caught.value.status, caught.value.body["code"]


def condition(word: str, *values: Json) -> dict[str, Json]:
    """A condition of a range."""
    return {"condition": word, "values": list(values)}


def clause(attribute: str, word: str, *values: Json) -> dict[str, Json]:
    """A condition of a filter, on one attribute."""
    return {"property": attribute, **condition(word, *values)}


HAS_AGE = clause("age", "EXISTS", True)
