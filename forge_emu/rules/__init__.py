"""What `check` knows of apps that will go wrong: facts of their sources, judged by rules."""

from forge_emu.rules.catalogue import RULES, Rule, severity_of
from forge_emu.rules.facts import Facts, ModuleFacts, Unread, join
from forge_emu.rules.judge import judge
from forge_emu.rules.sarif import sarif

__all__ = [
    "RULES",
    "Facts",
    "ModuleFacts",
    "Rule",
    "Unread",
    "join",
    "judge",
    "sarif",
    "severity_of",
]
