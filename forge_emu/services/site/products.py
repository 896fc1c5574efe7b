"""The products that the site answers for, and their routes."""

from __future__ import annotations

from typing import Final

from forge_emu.services.site.confluence.table import CONFLUENCE_ROUTES
from forge_emu.services.site.jira.table import JIRA_ROUTES
from forge_emu.services.site.routes import Routes

PRODUCT_ROUTES: Final[dict[str, Routes]] = {
    "jira": Routes(JIRA_ROUTES),
    "confluence": Routes(CONFLUENCE_ROUTES, prefix="/wiki"),
}
"""By the name that the packages have for a product."""
