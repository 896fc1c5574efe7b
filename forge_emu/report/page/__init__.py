"""The page of a run, the report's and the live one: what it shows, collected record by record."""

from forge_emu.report.page.builder import PageBuilder
from forge_emu.report.page.changes import RowsReader
from forge_emu.report.page.html import EDITOR_LINKS, RunInfo, render_live_page, render_page

__all__ = [
    "EDITOR_LINKS",
    "PageBuilder",
    "RowsReader",
    "RunInfo",
    "render_live_page",
    "render_page",
]
