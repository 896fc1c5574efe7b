"""How a Python app calls the platform; what runs the handlers installs a client here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from forge_emu.sdk.errors import NotInEmulatorError

Json = Any
"""A decoded JSON value."""


@dataclass(frozen=True)
class ServiceRequest:
    """A call of a service. `service` is what the platform names `{type, provider, remote}`."""

    service: Mapping[str, str]
    path: str
    body: str | None
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ServiceResponse:
    """The service's answer. Names of headers are in lower case.

    `network` is for requests to the outside: `send` lets it go to its address, `fail` fails it.
    """

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)
    status_text: str = ""
    network: str = ""


class PlatformClient(Protocol):
    """What runs an app's handlers and answers their calls."""

    def send(self, request: ServiceRequest) -> ServiceResponse:
        """Send `request` and wait for the answer."""
        ...

    def send_nowait(
        self, request: ServiceRequest, on_response: Callable[[ServiceResponse], None]
    ) -> None:
        """Send `request` at once; `on_response` is called on the event loop that runs here."""
        ...

    def now_iso(self) -> str:
        """The present, as `2026-11-24T10:00:00.000Z`."""
        ...

    def new_id(self) -> str:
        """A fresh id in the form of a random UUID."""
        ...

    def app_context(self) -> Mapping[str, Json]:
        """What the app may know of itself and of the invocation that runs."""
        ...


_client: PlatformClient | None = None


def install_client(client: PlatformClient) -> None:
    """Let every call of this process go through `client`."""
    global _client
    _client = client


def platform_client() -> PlatformClient:
    """The installed client. Raises NotInEmulatorError where nothing runs handlers."""
    if _client is None:
        raise NotInEmulatorError(
            "forge_emu.sdk works only in handlers that forge-emu runs. Start the app with "
            "`forge-emu run APP_DIR`, and let an event call the handler: "
            "`forge-emu trigger issue-created --app APP_DIR`."
        )
    return _client
