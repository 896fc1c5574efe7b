"""Whether an app's own code keeps something in what all instances of a thread share. Pure."""

from __future__ import annotations

import re

_SCRIPTS = (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts")
_GLOBAL = r"(?<![\w$.])(?:globalThis|global)\b"
_ASSIGNED = r"""\s*(?:[-+*/%&|^?]{0,3}=(?![=>])|\+\+|--)
    (?!\s*(?:async\b|function\b|class\b|\([^()]*\)\s*(?::\s*\w+\s*)?=>|[\w$]+\s*=>))"""
"""A change of a value, but not to a function: a polyfill is the same for all instances."""
_PLACE = r"(?:\s*(?:\.\s*[\w$]+|\[[^\]\n]*\]))"
_CHANGE = re.compile(
    rf"""
    {_GLOBAL}(?:\s+as\s+[\w$]+\s*\))?{_PLACE}+{_ASSIGNED}
    | \.\s*prototype{_PLACE}{_ASSIGNED}
    | [=(,:]\s*\(*\s*{_GLOBAL}\s*(?:as\s+[\w$]+\s*)?\)*\s*(?:[;,)\n}}]|$)
    """,
    re.VERBOSE,
)
"""`globalThis.x = …`, `(globalThis as any).x ??= …`, `Array.prototype.x = …`, and `globalThis`
handed on: `const g = globalThis;`, `Object.assign(globalThis, …)`."""


def is_own_script(name: str) -> bool:
    """Whether a file, by its name, is a script of the app's own."""
    return "node_modules/" not in name and name.endswith(_SCRIPTS)


def changes_globals(text: str) -> bool:
    """Whether a script may change `globalThis` or a prototype.

    It reads no syntax: what it takes for a change without being one costs threads, no more.
    """
    return _CHANGE.search(text) is not None
