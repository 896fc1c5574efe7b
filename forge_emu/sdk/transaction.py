"""Transactions: changes of the store that are all made, or none of them."""

from __future__ import annotations

from typing import Final, Self, cast

from forge_emu.sdk import calls
from forge_emu.sdk.calls import Done
from forge_emu.sdk.door import Json, Response
from forge_emu.sdk.kvs_wire import Ttl, object_of, request_of

_PATH: Final = "/api/v1/transaction"


class TransactionBuilder:
    """A transaction that is built up; nothing happens before `execute`."""

    def __init__(self) -> None:
        self._body: dict[str, list[Json]] = {}

    def set(self, key: str, value: Json, *, ttl: Ttl | None = None) -> Self:
        """Store `value`."""
        options = {} if ttl is None else {"options": {"ttl": ttl}}
        self._body.setdefault("set", []).append({"key": key, "value": value, **options})
        return self

    def delete(self, key: str) -> Self:
        """Remove the value under `key`, if there is one."""
        self._body.setdefault("delete", []).append({"key": key})
        return self

    def execute(self) -> Done:
        """Do all of it. Raises ForgeKvsAPIError, and nothing has been done then."""

        def read(response: Response) -> None:
            if response.status != 204:
                object_of(_PATH, response)

        return cast("Done", calls.start(lambda: request_of(_PATH, self._body), read))
