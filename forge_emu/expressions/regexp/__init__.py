"""Regular expressions as JavaScript has them, with a number of steps that a search may take."""

from forge_emu.expressions.regexp.machine import Match, RegExp, Steps, TooManyStepsError
from forge_emu.expressions.regexp.parser import RegExpError

__all__ = ["Match", "RegExp", "RegExpError", "Steps", "TooManyStepsError"]
