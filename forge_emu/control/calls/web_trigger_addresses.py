"""Which requests go to web triggers: from this machine they need no token of the session."""

from __future__ import annotations

import ipaddress

from starlette.types import Scope

from forge_emu.services.web_triggers.addresses import split_path


def is_web_trigger(scope: Scope) -> bool:
    """Whether a request goes to the address of a web trigger, from this machine."""
    client = scope.get("client")
    return split_path(scope["path"]) is not None and (client is None or _is_loopback(client[0]))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
