"""What the doctor found, for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from forge_emu.commands.doctor import DoctorFinding
from forge_emu.console import palette as p
from forge_emu.console.format import escape, plural

_GLYPHS = {"ok": ("✓", p.GOOD), "note": ("•", p.RETRY), "wrong": ("✗", p.ALERT)}


def findings_text(findings: Sequence[DoctorFinding]) -> Text:
    """A line for each finding, and under it how to fix it."""
    text = Text(end="")
    width = max(len(finding.subject) for finding in findings)
    for finding in findings:
        glyph, style = _GLYPHS[finding.state]
        text.append(f"{glyph} ", style)
        text.append(f"{finding.subject:<{width}}  ")
        text.append(escape(finding.found), style if finding.state == "wrong" else p.TITLE)
        if finding.why:
            text.append(f"  {escape(finding.why)}", p.DIM)
        text.append("\n")
        if finding.mend:
            text.append(f"  {'':<{width}}  mend: {escape(finding.mend)}\n", p.ACCENT)
    return text


def findings_summary(findings: Sequence[DoctorFinding]) -> str:
    """How many things are wrong, in one line."""
    wrong = sum(finding.state == "wrong" for finding in findings)
    return f"{plural(wrong, 'thing is', 'things are')} wrong" if wrong else "all is well"
