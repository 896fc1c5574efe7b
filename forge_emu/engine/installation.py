"""The one installation of the app that a run has."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from forge_emu.model import Json


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
        """The address of the site of `product` (`jira`, `confluence`)."""
        return f"ari:cloud:{product}::site/{self.cloud_id}"

    def context(self, product: str = "jira", account: str | None = None) -> dict[str, Json]:
        """A handler's second argument; `account` is the user who caused the event."""
        context: dict[str, Json] = {"installContext": self.site(product)}
        if account:
            context["principal"] = {"accountId": account}
        context["installation"] = {
            "ari": {"installationId": self.id},
            "contexts": [{"cloudId": self.cloud_id, "workspaceId": self.cloud_id}],
        }
        context["workspaceId"] = self.cloud_id
        return context
