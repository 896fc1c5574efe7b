"""Records → one self-contained HTML page that shows a run."""

from forge_emu.report.page.builder import PageBuilder
from forge_emu.report.page.html import About, page

__all__ = ["About", "PageBuilder", "page"]
