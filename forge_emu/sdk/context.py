"""What an app may know of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forge_emu.sdk.platform import platform_client


@dataclass(frozen=True)
class AppContext:
    """The app, and the invocation that runs. ARIs are texts."""

    app_ari: str
    app_version: str
    environment_ari: str
    environment_type: str
    installation_ari: str | None = None
    invocation_id: str | None = None
    module_key: str | None = None
    license: Mapping[str, Any] | None = None
    installation: Mapping[str, Any] | None = None
    permissions: Mapping[str, Any] | None = None


def get_app_context() -> AppContext:
    """The context of the invocation that runs. Raises NotInEmulatorError elsewhere."""
    return AppContext(**platform_client().app_context())
