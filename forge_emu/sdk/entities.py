"""Custom entities: values with the attributes that the manifest declares, and queries by index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Self

from forge_emu.sdk import calls
from forge_emu.sdk.conditions import AnyFilter, Clause
from forge_emu.sdk.keyed_values import KeyedValues
from forge_emu.sdk.kvs_wire import KvsEntry, field_names, kvs_entry, kvs_request, response_object
from forge_emu.sdk.platform import Json, ServiceResponse
from forge_emu.sdk.query import ListResult

_QUERY: Final = "/api/v1/entity/query"


class KvsEntity(KeyedValues):
    """The values of one entity. Every call raises ForgeKvsAPIError when refused."""

    def __init__(self, name: str) -> None:
        super().__init__("/api/v1/entity", {"entityName": name})

    def query(self, *, metadata_fields: Sequence[str] | None = None) -> EntityQuery:
        """Values by an index, which has to be named next."""
        return EntityQuery(self._common_fields, metadata_fields)


class EntityQuery:
    """A query that needs an index."""

    def __init__(
        self, entity_fields: dict[str, Json], metadata_fields: Sequence[str] | None
    ) -> None:
        self._entity_fields = entity_fields
        self._metadata_fields = metadata_fields

    def index(self, name: str, *, partition: Sequence[Json] | None = None) -> IndexQueryBuilder:
        """By the index `name`, with a value for each attribute of its partition."""
        body = {**self._entity_fields, "indexName": name}
        if partition is not None:
            body["partition"] = list(partition)
        if self._metadata_fields is not None:
            body["options"] = {"metadataFields": field_names(self._metadata_fields)}
        return IndexQueryBuilder(body)


class IndexQueryBuilder:
    """A query that is built up, in place as in the package: the last call for each part counts."""

    def __init__(self, body: dict[str, Json]) -> None:
        self._body = body

    def where(self, condition: Clause) -> Self:
        """Only values whose range meets the condition."""
        return self._set_part("range", dict(condition))

    def filters(self, joined: AnyFilter) -> Self:
        """Of each page only what meets the filter, so that a page may be empty."""
        return self if joined.wire is None else self._set_part("filters", joined.wire)

    def sort(self, sort: str) -> Self:
        """In the order of the index, `Sort.ASC` or `Sort.DESC`; ascending where nothing is said."""
        return self._set_part("sort", str(sort))

    def cursor(self, cursor: str | None) -> Self:
        """Go on where the page that gave `cursor` ended; None is the beginning."""
        return self._set_part("cursor", cursor)

    def limit(self, limit: int) -> Self:
        """Up to so many values; 10 where nothing is said, and never more than 100."""
        return self._set_part("limit", limit)

    def get_many(self) -> ListResult:
        """Run the query: a page of values. Raises ForgeKvsAPIError when refused."""
        body = self._request_body()

        def read(response: ServiceResponse) -> ListResult:
            found = response_object(_QUERY, response)
            return ListResult([kvs_entry(each) for each in found["data"]], found.get("cursor"))

        return calls.start_call(lambda: kvs_request(_QUERY, body), read)

    def get_one(self) -> Any:
        """The first value as a KvsEntry, None where there is none. Leaves the limit at 1."""
        body = self.limit(1)._request_body()

        def read(response: ServiceResponse) -> KvsEntry | None:
            found = response_object(_QUERY, response)["data"]
            return kvs_entry(found[0]) if found else None

        return calls.start_call(lambda: kvs_request(_QUERY, body), read)

    def _set_part(self, name: str, value: Json) -> Self:
        self._body[name] = value
        return self

    def _request_body(self) -> dict[str, Json]:
        return {name: value for name, value in self._body.items() if value is not None}
