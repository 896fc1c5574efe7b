"""Requests to products, as `@forge/api` makes them; forge-emu answers them from mocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from forge_emu.sdk import calls
from forge_emu.sdk.calls import AwaitableResult
from forge_emu.sdk.json_text import json_text
from forge_emu.sdk.platform import Json, ServiceRequest, ServiceResponse
from forge_emu.sdk.responses import json_body, raise_proxy_error


@dataclass(frozen=True)
class ProductResponse(AwaitableResult):
    """What a product answered. No status is an error by itself: look at `ok`."""

    status: int
    status_text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Their names are in lower case."""
    body: str = ""

    @property
    def ok(self) -> bool:
        """Whether the status is from 200 to 299."""
        return 200 <= self.status < 300

    def text(self) -> str:
        """The body as it came."""
        return self.body

    def json(self) -> Any:
        """The body, decoded. Raises ValueError where it is no JSON."""
        return json_body(ServiceResponse(self.status, self.body))


@dataclass(frozen=True)
class Requester:
    """Makes requests in the name of the app or of a user."""

    provider: Literal["app", "user"]

    def request_jira(
        self,
        path: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: Json = None,
    ) -> ProductResponse:
        """A request to Jira. `body` is sent as it is where it is text, else as JSON."""
        return self._request("jira", path, method, headers, body)

    def request_confluence(
        self,
        path: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: Json = None,
    ) -> ProductResponse:
        """A request to Confluence. `body` is sent as that of `request_jira`."""
        return self._request("confluence", path, method, headers, body)

    def _request(
        self,
        product: str,
        path: str,
        method: str,
        headers: Mapping[str, str] | None,
        body: Json,
    ) -> ProductResponse:
        def prepare() -> ServiceRequest:
            if not path.startswith("/"):
                raise ValueError(f"the path {path!r} does not begin with /")
            text = body if body is None or isinstance(body, str) else json_text(body)
            service = {"type": "fpp", "provider": self.provider, "remote": product}
            return ServiceRequest(service, path, text, method.upper(), dict(headers or {}))

        return calls.start_call(prepare, _product_response)


class Api:
    """Makes requests to products."""

    def as_app(self) -> Requester:
        """Requests in the name of the app."""
        return Requester("app")

    def as_user(self) -> Requester:
        """Requests in the name of the user whose event it is."""
        return Requester("user")


api = Api()


def _product_response(response: ServiceResponse) -> ProductResponse:
    raise_proxy_error(response)
    return ProductResponse(response.status, response.status_text, response.headers, response.body)
