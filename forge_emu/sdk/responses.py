"""Reading responses: the platform's own refusals, and JSON bodies."""

from __future__ import annotations

import json
from typing import Any

from forge_emu.sdk.errors import NeedsAuthenticationError, ProxyRequestError
from forge_emu.sdk.platform import ServiceResponse

_PROXY_ERROR = "forge-proxy-error"


def raise_proxy_error(response: ServiceResponse) -> None:
    """Raise the error in the header by which the platform, not the service, refuses."""
    code = response.headers.get(_PROXY_ERROR)
    if code == "NEEDS_AUTHENTICATION_ERR":
        raise NeedsAuthenticationError
    if code:
        raise ProxyRequestError(response.status, code)


def json_body(response: ServiceResponse) -> Any:
    """The decoded body. Raises ValueError."""
    return json.loads(response.body)


def object_body(response: ServiceResponse) -> dict[str, Any] | None:
    """The JSON object in the body; None where there is none."""
    try:
        body = json_body(response)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
