"""Records → the summary at the end of a run, with findings about the app in plain words."""

from forge_emu.report.builder import SummaryBuilder
from forge_emu.report.summary import Advice, Summary

__all__ = ["Advice", "Summary", "SummaryBuilder"]
