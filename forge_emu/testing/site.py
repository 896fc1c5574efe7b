"""The site behind the product calls, as a test sees and changes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from forge_emu.control.site_client import found_issues
from forge_emu.control.site_contract import SiteAnswer, SiteContract, SiteOrder, SiteSeed
from forge_emu.errors import UserError
from forge_emu.model import Json
from forge_emu.site.content import SiteContent

Run = Callable[[Callable[[], Any]], Any]
"""Calls what it is given where the emulator's event loop runs."""


class Site:
    """Jira and Confluence of the emulator, as docs/site.md has them."""

    def __init__(self, admin: SiteContract, run: Run) -> None:
        self._admin = admin
        self._run = run

    @property
    def counts(self) -> dict[str, int]:
        """How many things there are, by kind."""
        counts: dict[str, int] = self._run(self._admin.counts).counts
        return counts

    def seed(self, issues: int = 0, pages: int = 0, *, seed: int = 1) -> int:
        """Make up issues and pages, as `forge-emu site seed`; returns how many things are new."""
        try:
            wanted = msgspec.convert({"issues": issues, "pages": pages, "seed": seed}, SiteSeed)
        except msgspec.ValidationError as error:
            raise UserError(f"site.seed: {error}", "Such as issues=500, pages=100.") from None
        return self._change(SiteOrder(seed=wanted))

    def add(self, content: Mapping[str, Json]) -> int:
        """Add what a file for the site holds: `{"issues": [{"key": "EMU-1", "summary": "A"}]}`.

        Returns how many things are new. Raises UserError.
        """
        try:
            read = msgspec.convert(dict(content), SiteContent)
        except msgspec.ValidationError as error:
            raise UserError(f"site.add: {error}", "docs/site.md has what a site holds.") from None
        return self._change(SiteOrder(content=read))

    def clear(self) -> None:
        """Take everything from the site."""
        self._change(SiteOrder(clear=True))

    def get(self, path: str, product: str = "jira") -> SiteAnswer:
        """What `jira` or `confluence` answers to a GET: `/rest/api/3/issue/EMU-1`."""
        answer: SiteAnswer = self._run(lambda: self._admin.answer(product, path))
        return answer

    def issue(self, key: str) -> Any:
        """The issue as Jira's REST API has it. Raises UserError where there is none."""
        answer = self.get(f"/rest/api/3/issue/{key}")
        if answer.status != 200:
            raise UserError(f"there is no issue {key!r} on the site", "See `emu.site.issues()`.")
        return answer.body

    def issues(self, jql: str = "created > 0 ORDER BY key") -> list[Any]:
        """The issues that a query finds. Raises UserError where it is wrong."""
        return list(found_issues(self.get, jql, "site.issues"))

    def _change(self, order: SiteOrder) -> int:
        added: int = self._run(lambda: self._admin.change(order)).added
        return added
