"""What `check` knows of apps that will go wrong: rules, applied to facts of their sources."""

from forge_emu.rules.catalogue import RULES, Rule, severity_of
from forge_emu.rules.facts import ModuleFacts, SourceFacts, UnreadFile, join_facts
from forge_emu.rules.runner import apply_rules
from forge_emu.rules.sarif import sarif_log

__all__ = [
    "RULES",
    "ModuleFacts",
    "Rule",
    "SourceFacts",
    "UnreadFile",
    "apply_rules",
    "join_facts",
    "sarif_log",
    "severity_of",
]
