"""Transactions: changes of the store that are all made, or none of them."""

from __future__ import annotations

from typing import Final, Self, cast

from forge_emu.sdk import calls
from forge_emu.sdk.calls import NoResult
from forge_emu.sdk.conditions import AnyFilter
from forge_emu.sdk.errors import ForgeKvsError
from forge_emu.sdk.kvs_wire import Ttl, kvs_request, response_object
from forge_emu.sdk.platform import Json, ServiceResponse

_PATH: Final = "/api/v1/transaction"


class TransactionBuilder:
    """A transaction that is built up; nothing happens before `execute`."""

    def __init__(self) -> None:
        self._body: dict[str, list[dict[str, Json]]] = {}

    def set(
        self,
        key: str,
        value: Json,
        *,
        entity_name: str | None = None,
        conditions: AnyFilter | None = None,
        ttl: Ttl | None = None,
    ) -> Self:
        """Store `value`, of an entity only if what is there meets the conditions."""
        options = None if ttl is None else {"ttl": ttl}
        return self._add("set", entity_name, conditions, key=key, value=value, options=options)

    def delete(
        self, key: str, *, entity_name: str | None = None, conditions: AnyFilter | None = None
    ) -> Self:
        """Remove the value under `key`, if there is one and it meets the conditions."""
        return self._add("delete", entity_name, conditions, key=key)

    def check(self, key: str, *, entity_name: str, conditions: AnyFilter) -> Self:
        """Do all of it only if an entity's value meets the conditions."""
        return self._add("check", entity_name, conditions, key=key)

    def execute(self) -> NoResult:
        """Do all of it. Raises ForgeKvsAPIError, and nothing has been done then."""

        def read(response: ServiceResponse) -> None:
            if response.status != 204:
                response_object(_PATH, response)

        return cast(
            "NoResult", calls.start_call(lambda: kvs_request(_PATH, self._wire_body()), read)
        )

    def _wire_body(self) -> Json:
        """The body. Raises ForgeKvsError for a filter without conditions."""
        return {name: [_wire_item(item) for item in items] for name, items in self._body.items()}

    def _add(
        self, operation: str, entity: str | None, conditions: AnyFilter | None, **item: Json
    ) -> Self:
        if item.get("options", self) is None:
            del item["options"]
        if entity is not None:
            item["entityName"] = entity
        if conditions is not None:
            item["conditions"] = conditions
        self._body.setdefault(operation, []).append(item)
        return self


def _wire_item(item: dict[str, Json]) -> Json:
    conditions = item.get("conditions")
    if conditions is None:
        return item
    if conditions.wire is None:
        raise ForgeKvsError("Builder must have at least one condition set")
    return {**item, "conditions": conditions.wire}
