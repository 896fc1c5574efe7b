"""Requests of the old storage, as the package makes them."""

from __future__ import annotations

from typing import Any

PATH = "/forge/entities/graphql"
ERRORS = "success errors { message extensions { errorType statusCode } }"


def get(key: Any, encrypted: bool = False) -> dict[str, Any]:
    """A read of one key."""
    return {
        "query": "query forge_app_getApplicationStorageEntity($key: ID!, $encrypted: Boolean!) {\n"
        "  appStoredEntity(key: $key, encrypted: $encrypted) { key value } }",
        "variables": {"key": key, "encrypted": encrypted},
    }


def change(field: str, **values: Any) -> dict[str, Any]:
    """A mutation."""
    name = "forge_app_changeApplicationStorageEntity"
    return {
        "query": f"mutation {name}($input: Input!) {{ appStorage{{ {field}(input: $input) "
        f"{{ {ERRORS} }} }} }}",
        "variables": {"input": values},
    }


def put(key: Any, value: Any, encrypted: bool = False) -> dict[str, Any]:
    """A write of one key."""
    return change("setAppStoredEntity", key=key, value=value, encrypted=encrypted)


def delete(key: Any, encrypted: bool = False) -> dict[str, Any]:
    """A deletion of one key."""
    return change("deleteAppStoredEntity", key=key, encrypted=encrypted)


LIST = (
    "query forge_app_getApplicationStorageEntities($where: [AppStoredEntityFilter!], "
    "$cursor: String, $limit: Int) { appStoredEntities(where: $where, after: $cursor, "
    "first: $limit) { edges { node { value key } cursor } } }"
)


def page(where: Any = None, cursor: Any = None, limit: Any = None) -> dict[str, Any]:
    """A query as the package sends it."""
    return {"query": LIST, "variables": {"where": where, "cursor": cursor, "limit": limit}}
