"""The old storage of `@forge/api` 5 to 7, which the platform has withdrawn; `kvs` replaces it."""

from __future__ import annotations

from typing import Any, Final, cast

from forge_emu.sdk import calls
from forge_emu.sdk.answers import check_platform, json_body
from forge_emu.sdk.calls import Done
from forge_emu.sdk.door import Json, Request, Response
from forge_emu.sdk.errors import APIError
from forge_emu.sdk.json_text import json_text

_SERVICE: Final = {"type": "fpp", "provider": "app", "remote": "stargate"}
_PATH: Final = "/forge/entities/graphql"
_GET: Final = (
    "query ($key: ID!, $encrypted: Boolean!) "
    "{ appStoredEntity(key: $key, encrypted: $encrypted) { key value } }"
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
_MEANING: Final = {
    400: "Bad request",
    401: "Authentication error",
    403: "Permissions error or key does not exist",
    404: "Permissions error or key does not exist",
    409: "Conflicting update occurred",
    413: "Bad request",
    500: "Internal server error",
}


class Storage:
    """The old store. Every call raises APIError, which has only a message, when refused."""

    def get(self, key: str) -> Any:
        """The value under `key`, None where there is none."""
        return _get(key, False)

    def set(self, key: str, value: Json) -> Done:
        """Store `value`."""
        return cast(
            "Done", _change("setAppStoredEntity", _SET, {"key": key, "value": value}, False)
        )

    def delete(self, key: str) -> Done:
        """Remove the value under `key`, if there is one."""
        return cast("Done", _change("deleteAppStoredEntity", _DELETE, {"key": key}, False))

    def get_secret(self, key: str) -> Any:
        """As `get`, of the secret values."""
        return _get(key, True)

    def set_secret(self, key: str, value: Json) -> Done:
        """As `set`, of the secret values."""
        return cast("Done", _change("setAppStoredEntity", _SET, {"key": key, "value": value}, True))

    def delete_secret(self, key: str) -> Done:
        """As `delete`, of the secret values."""
        return cast("Done", _change("deleteAppStoredEntity", _DELETE, {"key": key}, True))


storage = Storage()


def _get(key: str, encrypted: bool) -> Any:
    body = {"query": _GET, "variables": {"key": key, "encrypted": encrypted}}

    def read(response: Response) -> Any:
        return (_data(response).get("appStoredEntity") or {}).get("value")

    return calls.start(lambda: _request(body), read)


def _change(field: str, query: str, variables: dict[str, Json], encrypted: bool) -> Any:
    body = {"query": query, "variables": {"input": {**variables, "encrypted": encrypted}}}

    def read(response: Response) -> None:
        changed = (_data(response).get("appStorage") or {}).get(field) or {}
        if not changed.get("success"):
            raise _error(changed.get("errors"))

    return calls.start(lambda: _request(body), read)


def _request(body: Json) -> Request:
    return Request(_SERVICE, _PATH, json_text(body))


def _data(response: Response) -> dict[str, Json]:
    check_platform(response)
    if response.status != 200:
        unknown = f"Unknown error. Received status code '{response.status}'"
        raise APIError(_MEANING.get(response.status, unknown))
    try:
        body = json_body(response)
    except ValueError:
        raise APIError(f"Response text was not a valid JSON: {response.body}") from None
    if errors := body.get("errors"):
        raise _error(errors)
    return body.get("data") or {}


def _error(errors: Json) -> APIError:
    if not errors:
        return APIError(_MEANING[500])
    code = (errors[0].get("extensions") or {}).get("errorType")
    return APIError(errors[0].get("message") or code or _MEANING[500])
