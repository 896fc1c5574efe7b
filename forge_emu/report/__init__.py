"""Records → the summary at the end of a run, with findings about the app in plain words."""

from forge_emu.report.batch_summary import BatchSummary
from forge_emu.report.summary import Advice, Summary
from forge_emu.report.summary_builder import SummaryBuilder

__all__ = ["Advice", "BatchSummary", "Summary", "SummaryBuilder"]
