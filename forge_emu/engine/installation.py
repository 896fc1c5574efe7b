"""The one installation of the app that a run has, and the product that it is in.

https://developer.atlassian.com/platform/forge/function-reference/arguments/ (2026-08-13)
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from itertools import chain
from typing import Final

import msgspec

from forge_emu.model import App, Json

DEFAULT_PRODUCT: Final = "jira"
_PRODUCTS: Final = {
    "jira": "jira",
    "jira-software": "jira",
    "jsm-entity": "jira",
    "confluence": "confluence",
    "bitbucket": "bitbucket",
    "compass": "compass",
}
"""The product of an event, by the second word of its name."""
_SCOPE_PRODUCT: Final = re.compile(r"[:-](jira|confluence|bitbucket|compass)\b")


def product_of(event_name: str) -> str | None:
    """The product of `avi:confluence:created:page`; None for an event of the platform's own."""
    parts = event_name.split(":")
    return _PRODUCTS.get(parts[1]) if len(parts) > 1 else None


def product_of_app(app: App) -> str:
    """The product that an app is installed in: that of its triggers, else of its scopes.

    Of several the first one; Jira where nothing says.
    """
    names = (each.event for trigger in app.triggers for each in trigger.subscriptions)
    of_events = (product_of(name) for name in names)
    of_scopes = (found[1] for scope in app.scopes if (found := _SCOPE_PRODUCT.search(scope)))
    return next(
        (product for product in chain(of_events, of_scopes) if product is not None),
        DEFAULT_PRODUCT,
    )


class AppProduct:
    """The product of the app that was asked for last, which is looked for once."""

    def __init__(self) -> None:
        self._app: App | None = None
        self._product = DEFAULT_PRODUCT

    def of(self, app: App) -> str:
        """As `product_of_app`."""
        if app is not self._app:
            self._app, self._product = app, product_of_app(app)
        return self._product


def environment_id(app_id: str) -> str:
    """The id of the app's environment: a UUID (version 5) that is the same in every run."""
    # The namespace of URLs: RFC 9562, section 6.6.
    namespace = bytes.fromhex("6ba7b8119dad11d180b400c04fd430c8")
    name = f"{app_id}/environment/local".encode()
    digest = bytearray(hashlib.sha1(namespace + name, usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


class Installation(msgspec.Struct, frozen=True):
    """The one installation of the app that a run has: the scope of limits, queues and the store."""

    id: str
    cloud_id: str

    @classmethod
    def new(cls, new_id: Callable[[], str]) -> Installation:
        """An installation with fresh ids."""
        return cls(new_id(), new_id())

    @property
    def ari(self) -> str:
        """The installation's own address."""
        return f"ari:cloud:ecosystem::installation/{self.id}"

    def site(self, product: str) -> str:
        """The address of the site of `product`; Bitbucket has workspaces for sites."""
        kind = "workspace" if product == "bitbucket" else "site"
        return f"ari:cloud:{product}::{kind}/{self.cloud_id}"

    def context(
        self, product: str = DEFAULT_PRODUCT, account: str | None = None
    ) -> dict[str, Json]:
        """A handler's second argument; `account` is the user who caused the event.

        The runtime lets the objects below `installation` be written as ARIs: `ari` as that of the
        installation, `contexts` as `installContext`.
        """
        context: dict[str, Json] = {"installContext": self.site(product)}
        if account:
            context["principal"] = {"accountId": account}
        in_workspace = product == "bitbucket"
        place = {"workspaceId" if in_workspace else "cloudId": self.cloud_id}
        context["installation"] = {"ari": {"installationId": self.id}, "contexts": [place]}
        if in_workspace:
            context["workspaceId"] = self.cloud_id
        return context
