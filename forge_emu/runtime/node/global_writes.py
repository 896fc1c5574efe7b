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


def changes_globals(name: str, text: str) -> bool:
    """Whether a file of the app's own may change `globalThis` or a prototype.

    It reads no syntax: what it takes for a change without being one costs threads, no more.
    """
    if "node_modules/" in name or not name.endswith(_SCRIPTS):
        return False
    return _CHANGE.search(text) is not None
