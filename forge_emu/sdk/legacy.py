"""The old storage of `@forge/api` 5 to 7, which the platform has withdrawn; `kvs` replaces it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, cast

from forge_emu.sdk import calls
from forge_emu.sdk.calls import NoResult
from forge_emu.sdk.errors import APIError
from forge_emu.sdk.json_text import json_text
from forge_emu.sdk.kvs_wire import KvsEntry
from forge_emu.sdk.platform import Json, ServiceRequest, ServiceResponse
from forge_emu.sdk.query import ListResult
from forge_emu.sdk.responses import json_body, raise_proxy_error

_SERVICE: Final = {"type": "fpp", "provider": "app", "remote": "stargate"}
_PATH: Final = "/forge/entities/graphql"
_GET: Final = (
    "query ($key: ID!, $encrypted: Boolean!) "
    "{ appStoredEntity(key: $key, encrypted: $encrypted) { key value } }"
)
_PAGE: Final = (
    "query ($where: [AppStoredEntityFilter!], $cursor: String, $limit: Int) "
    "{ appStoredEntities(where: $where, after: $cursor, first: $limit) "
    "{ edges { node { key value } cursor } } }"
)
_CHANGED: Final = "{ success errors { message extensions { errorType statusCode } } }"
_SET: Final = (
    "mutation ($input: SetAppStoredEntityMutationInput!) "
    f"{{ appStorage {{ setAppStoredEntity(input: $input) {_CHANGED} }} }}"
)
_DELETE: Final = (
    "mutation ($input: DeleteAppStoredEntityMutationInput!) "
    f"{{ appStorage {{ deleteAppStoredEntity(input: $input) {_CHANGED} }} }}"
)
_STATUS_MESSAGES: Final = {
    400: "Bad request",
    401: "Authentication error",
    403: "Permissions error or key does not exist",
    404: "Permissions error or key does not exist",
    409: "Conflicting update occurred",
    413: "Bad request",
    500: "Internal server error",
}


def starts_with(value: str) -> dict[str, Json]:
    """The condition of a `where`: keys that begin with `value`."""
    return {"condition": "STARTS_WITH", "value": value}


@dataclass(frozen=True)
class StorageQuery:
    """A query that is built up. Every call gives a new one; the last `where` counts."""

    _where: dict[str, Json] | None = None
    _limit: int | None = None
    _cursor: str | None = None

    def where(self, field: str, condition: dict[str, Json]) -> StorageQuery:
        """Only values whose `field`, which has to be `key`, meets the condition."""
        return replace(self, _where={"field": field, **condition})

    def limit(self, limit: int) -> StorageQuery:
        """Up to so many values."""
        return replace(self, _limit=limit)

    def cursor(self, cursor: str) -> StorageQuery:
        """Go on where the page that gave `cursor` ended."""
        return replace(self, _cursor=cursor)

    def get_many(self) -> ListResult:
        """A page of values. Its cursor leads on even where nothing more comes."""

        def read(response: ServiceResponse) -> ListResult:
            edges = _edges(response)
            cursor = edges[-1].get("cursor") if edges else None
            return ListResult([_entry(edge) for edge in edges], cursor)

        return calls.start_call(lambda: _request(self._body()), read)

    def get_one(self) -> Any:
        """The first value as a KvsEntry, None where there is none."""
        only = replace(self, _limit=1)

        def read(response: ServiceResponse) -> KvsEntry | None:
            edges = _edges(response)
            return _entry(edges[0]) if edges else None

        return calls.start_call(lambda: _request(only._body()), read)

    def _body(self) -> Json:
        where = None if self._where is None else [self._where]
        variables = {"where": where, "cursor": self._cursor, "limit": self._limit}
        return {"query": _PAGE, "variables": variables}


class Storage:
    """The old store. Every call raises APIError, which has only a message, when refused."""

    def get(self, key: str) -> Any:
        """The value under `key`, None where there is none."""
        return _get(key, False)

    def set(self, key: str, value: Json) -> NoResult:
        """Store `value` under `key`."""
        return cast(
            "NoResult", _change("setAppStoredEntity", _SET, {"key": key, "value": value}, False)
        )

    def delete(self, key: str) -> NoResult:
        """Remove the value under `key`, if there is one."""
        return cast("NoResult", _change("deleteAppStoredEntity", _DELETE, {"key": key}, False))

    def query(self) -> StorageQuery:
        """Values by the beginning of their keys, to be built up and ended with `get_many`."""
        return StorageQuery()

    def get_secret(self, key: str) -> Any:
        """As `get`, of the secret values."""
        return _get(key, True)

    def set_secret(self, key: str, value: Json) -> NoResult:
        """As `set`, of the secret values."""
        return cast(
            "NoResult", _change("setAppStoredEntity", _SET, {"key": key, "value": value}, True)
        )

    def delete_secret(self, key: str) -> NoResult:
        """As `delete`, of the secret values."""
        return cast("NoResult", _change("deleteAppStoredEntity", _DELETE, {"key": key}, True))


storage = Storage()


def _get(key: str, encrypted: bool) -> Any:
    body = {"query": _GET, "variables": {"key": key, "encrypted": encrypted}}

    def read(response: ServiceResponse) -> Any:
        return (_response_data(response).get("appStoredEntity") or {}).get("value")

    return calls.start_call(lambda: _request(body), read)


def _change(field: str, query: str, variables: dict[str, Json], encrypted: bool) -> Any:
    body = {"query": query, "variables": {"input": {**variables, "encrypted": encrypted}}}

    def read(response: ServiceResponse) -> None:
        changed = (_response_data(response).get("appStorage") or {}).get(field) or {}
        if not changed.get("success"):
            raise _error(changed.get("errors"))

    return calls.start_call(lambda: _request(body), read)


def _edges(response: ServiceResponse) -> list[dict[str, Json]]:
    return (_response_data(response).get("appStoredEntities") or {}).get("edges") or []


def _entry(edge: dict[str, Json]) -> KvsEntry:
    return KvsEntry(edge["node"]["key"], edge["node"]["value"])


def _request(body: Json) -> ServiceRequest:
    return ServiceRequest(_SERVICE, _PATH, json_text(body))


def _response_data(response: ServiceResponse) -> dict[str, Json]:
    raise_proxy_error(response)
    if response.status != 200:
        unknown = f"Unknown error. Received status code '{response.status}'"
        raise APIError(_STATUS_MESSAGES.get(response.status, unknown))
    try:
        body = json_body(response)
    except ValueError:
        raise APIError(f"Response text was not a valid JSON: {response.body}") from None
    if errors := body.get("errors"):
        raise _error(errors)
    return body.get("data") or {}


def _error(errors: Json) -> APIError:
    if not errors:
        return APIError(_STATUS_MESSAGES[500])
    code = (errors[0].get("extensions") or {}).get("errorType")
    return APIError(errors[0].get("message") or code or _STATUS_MESSAGES[500])
