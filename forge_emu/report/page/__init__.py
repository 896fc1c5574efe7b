"""Records → one self-contained HTML page that shows a run."""

from forge_emu.report.page.builder import PageBuilder
from forge_emu.report.page.html import RunInfo, render_page

__all__ = ["PageBuilder", "RunInfo", "render_page"]
