"""Queries of the store: pages of values by the beginning of their keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from forge_emu.sdk import calls
from forge_emu.sdk.calls import AwaitableResult
from forge_emu.sdk.kvs_wire import KvsEntry, field_names, kvs_entry, kvs_request, response_object
from forge_emu.sdk.platform import Json, ServiceResponse

_PATH: Final = "/api/v1/query"


@dataclass(frozen=True)
class ListResult(AwaitableResult):
    """One page; `next_cursor` leads to the next, None where there is none."""

    results: list[KvsEntry]
    next_cursor: str | None = None


class QueryBuilder:
    """A query that is built up, in place as in the package: the last call for each part counts."""

    def __init__(self, metadata_fields: Sequence[str] | None = None) -> None:
        self._metadata_fields = field_names(metadata_fields)
        self._where: dict[str, Json] | None = None
        self._limit: int | None = None
        self._cursor: str | None = None

    def where(self, field: str, condition: Mapping[str, Json]) -> Self:
        """Only values whose `field`, which has to be `key`, meets the condition."""
        self._where = {"property": field, **condition}
        return self

    def limit(self, limit: int) -> Self:
        """Up to so many values; 10 where nothing is said, and never more than 100."""
        self._limit = limit
        return self

    def cursor(self, cursor: str | None) -> Self:
        """Go on where the page that gave `cursor` ended; None is the beginning."""
        self._cursor = cursor
        return self

    def get_many(self) -> ListResult:
        """Run the query: a page of values. Raises ForgeKvsAPIError when refused."""
        body = self._body()

        def read(response: ServiceResponse) -> ListResult:
            found = response_object(_PATH, response)
            return ListResult([kvs_entry(each) for each in found["data"]], found.get("cursor"))

        return calls.start_call(lambda: kvs_request(_PATH, body), read)

    def get_one(self) -> Any:
        """The first value as a KvsEntry, None where there is none. Leaves the limit at 1."""
        body = self.limit(1)._body()

        def read(response: ServiceResponse) -> KvsEntry | None:
            found = response_object(_PATH, response)["data"]
            return kvs_entry(found[0]) if found else None

        return calls.start_call(lambda: kvs_request(_PATH, body), read)

    def _body(self) -> Json:
        fields = self._metadata_fields
        said: dict[str, Json] = {
            "limit": self._limit,
            "after": self._cursor,
            "where": None if self._where is None else [self._where],
            "options": None if fields is None else {"metadataFields": fields},
        }
        return {name: value for name, value in said.items() if value is not None}
