"""Makes the OpenAPI document out of operations and the types that they name.

https://spec.openapis.org/oas/v3.1.1.html (2024-10-24)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from forge_emu.control.openapi.operation import API_VERSION, VERSION_HEADER, Operation, Parameter

_REF: Final = "#/components/schemas/{name}"
_REFUSALS: Final = {
    400: "The request makes no sense: a wrong body or parameter.",
    401: "The token is missing or wrong.",
    403: "The Host is not this machine, or the request comes from a web page.",
    404: "What the request names is not there.",
    413: "The body is too large.",
}


class ErrorReason(msgspec.Struct, frozen=True):
    """What is wrong, and what to do, or null."""

    message: str
    hint: str | None


class ErrorAnswer(msgspec.Struct, frozen=True):
    """The answer to a request that is refused."""

    error: ErrorReason


def openapi_document(operations: Sequence[Operation]) -> dict[str, Any]:
    """The document that describes `operations`, as JSON values."""
    types = [t for o in operations for t in (o.body, o.answer) if t is not None]
    found, components = msgspec.json.schema_components([*types, ErrorAnswer], ref_template=_REF)
    schemas = dict(zip(map(repr, [*types, ErrorAnswer]), found, strict=True))
    paths: dict[str, Any] = {}
    for operation in operations:
        # As it is written where a path has numbers: {snapshot:int}.
        at_path = paths.setdefault(operation.path.replace(":int}", "}"), {})
        at_path[operation.method.lower()] = _described(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "The control API of forge-emu",
            "version": API_VERSION,
            "description": "What a running emulator offers to programs. docs/control-api.md has "
            "examples, and how to find its address and token.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [
            {
                "url": "http://127.0.0.1:{port}",
                "variables": {"port": {"default": "8080", "description": "That of the session."}},
            }
        ],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "headers": {
                "version": {
                    "description": "The version of this contract.",
                    "schema": {"type": "string"},
                }
            },
        },
    }


def _described(operation: Operation, schemas: Mapping[str, Any]) -> dict[str, Any]:
    answer = schemas[repr(operation.answer)]
    found: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.about,
        "responses": {
            "200": _response("The answer.", operation.media, answer),
            **_refusals(operation, schemas[repr(ErrorAnswer)]),
        },
    }
    if parameters := _parameters(operation):
        found["parameters"] = parameters
    if operation.body is not None:
        content = {"application/json": {"schema": schemas[repr(operation.body)]}}
        found["requestBody"] = {"required": True, "content": content}
    if operation.public:
        found["security"] = []
    return found


def _refusals(operation: Operation, schema: Any) -> dict[str, Any]:
    statuses = {400, *operation.statuses}
    if not operation.public:
        statuses |= {401, 403}
    if operation.body is not None:
        statuses.add(413)
    return {
        str(status): _response(_REFUSALS[status], "application/json", schema)
        for status in sorted(statuses)
    }


def _response(about: str, media: str, schema: Any) -> dict[str, Any]:
    return {
        "description": about,
        "headers": {VERSION_HEADER: {"$ref": "#/components/headers/version"}},
        "content": {media: {"schema": schema}},
    }


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    in_path = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "integer" if kind else "string"},
        }
        for name, kind in re.findall(r"{(\w+)(:int)?}", operation.path)
    ]
    return [*in_path, *map(_parameter, operation.parameters)]


def _parameter(parameter: Parameter) -> dict[str, Any]:
    schema = _PARAMETER_SCHEMAS[parameter.type]
    if parameter.repeated:
        schema = {"type": "array", "items": schema}
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.about,
        "required": parameter.required,
        "schema": schema,
    }


_PARAMETER_SCHEMAS: Final[dict[type, dict[str, Any]]] = {
    str: {"type": "string"},
    int: {"type": "integer", "minimum": 0},
    bool: {"type": "string", "enum": ["0", "1", "false", "true"]},
}
