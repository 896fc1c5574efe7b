"""Which refusals pass by themselves, and which come again however often a call is repeated."""

from __future__ import annotations

from forge_emu import settings as s
from forge_emu.settings.refusals import REFUSALS


def is_final(limit: str) -> bool:
    """Whether the same call is refused again, though the app did not ask for that."""
    rule = REFUSALS.find(limit)
    return not (may_pass_later(limit) or (rule is not None and rule.asked_for))


def may_pass_later(limit: str) -> bool:
    """Whether what a limit or rule refused can go through when it is sent again."""
    rule, setting = REFUSALS.find(limit), s.find_setting(limit)
    if isinstance(setting, s.RateSetting) or (setting is not None and setting.may_pass):
        return True
    return rule is not None and rule.may_pass
