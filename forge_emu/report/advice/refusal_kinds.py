"""Which refusals pass by themselves, so that the same call can go through later."""

from __future__ import annotations

from forge_emu import settings as s
from forge_emu.settings.refusals import REFUSALS


def may_pass_later(limit: str) -> bool:
    """Whether what a limit or rule refused can go through when it is sent again."""
    rule = REFUSALS.find(limit)
    return s.find_rate(limit) is not None or (rule is not None and rule.may_pass)
