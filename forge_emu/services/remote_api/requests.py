"""The REST APIs that a remote calls with its OAuth token, as requests of the app.

Key-value store: https://developer.atlassian.com/platform/forge/remote/accessing-storage/
(2026-07-17). Products: remote/calling-product-apis/ (2026-08-22).
"""

from __future__ import annotations

from typing import Final

from forge_emu.model import Json
from forge_emu.ports import AppRequest, AppResponse
from forge_emu.services import kvs
from forge_emu.services.platform import json_response
from forge_emu.services.remote_api.messages import ApiCaller, ApiRequest
from forge_emu.services.site.names import PRODUCTS

STORAGE_PREFIX: Final = "/forge/storage/kvs/v1/"
PRODUCT_PREFIX: Final = "/ex/"
TOKEN_SCOPE: Final = "read:app-system-token"

_STORE: Final = {"type": "kvs", "provider": "app", "remote": "kvs"}


def is_api_path(path: str) -> bool:
    """Whether a path belongs to these APIs."""
    return path.startswith((STORAGE_PREFIX, PRODUCT_PREFIX))


def read_request(
    request: ApiRequest, caller: ApiCaller, request_id: int, cloud_id: str, scopes: tuple[str, ...]
) -> AppRequest | AppResponse:
    """The request of the app that it is, or the response that refuses it."""
    if request.path.startswith(STORAGE_PREFIX):
        return _storage_request(request, caller, request_id, scopes)
    product, _, rest = request.path.removeprefix(PRODUCT_PREFIX).partition("/")
    site, _, path = rest.partition("/")
    if product not in PRODUCTS or site != cloud_id:
        return _refusal(404, f"No site {site[:60]!r} of {product[:30]!r}: see app.apiBaseUrl.")
    options: dict[str, Json] = {"type": "fpp", "provider": "app", "remote": product}
    if caller.account is not None:
        options |= {"provider": "user", "accountId": caller.account}
    return AppRequest(
        request_id, None, options, f"/{path}", request.method, request.headers, request.body
    )


def refuse_token(request: ApiRequest, problem: str) -> AppResponse:
    """The response to a token that does not hold. Bodies: emulator choices."""
    if request.path.startswith(STORAGE_PREFIX):
        return json_response(401, {"code": "UNAUTHORIZED", "message": f"Unauthorized; {problem}"})
    return _refusal(401, f"Unauthorized; {problem}")


def _storage_request(
    request: ApiRequest, caller: ApiCaller, request_id: int, scopes: tuple[str, ...]
) -> AppRequest | AppResponse:
    if caller.account is not None:
        return refuse_token(request, "the store takes the token of x-forge-oauth-system alone")
    if TOKEN_SCOPE not in scopes:
        return refuse_token(request, f"scope does not match: {TOKEN_SCOPE}")
    name = request.path.removeprefix(STORAGE_PREFIX).partition("?")[0]
    path = kvs.PREFIX + name
    return AppRequest(
        request_id, None, dict(_STORE), path, request.method, request.headers, request.body
    )


def _refusal(status: int, message: str) -> AppResponse:
    return json_response(status, {"code": status, "message": message})
