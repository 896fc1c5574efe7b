"""Finds uses of the `storage` export that `@forge/api` 8 no longer has."""

from __future__ import annotations

import re

from forge_emu.runtime.node.source_text import blank, line_and_column

_NAMES = r"""
    \b(?:import|export)\b (?P<clause>[^;'"`]*?) \bfrom\s*(?P<q>['"])@forge/api(?P=q)
  | \b(?:const|let|var)\s*\{(?P<pattern>[^}]*)\}\s*=\s*
    (?:await\s+import|require)\s*\(\s*(?P<q2>['"`])@forge/api(?P=q2)\s*\)
  | \brequire\s*\(\s*(?P<q3>['"`])@forge/api(?P=q3)\s*\)\s*\.\s*(?P<member>storage)\b
"""
_USE = re.compile(_NAMES, re.VERBOSE)
_NAMED = re.compile(r"(?<![\w$.])storage(?![\w$])(?!\s*:\s*type)")
_WHOLE = re.compile(
    r"""\bimport\s*(?:[\w$]+\s*,\s*)?\*\s*as\s+(?P<a>[\w$]+)\s+from\s*['"]@forge/api['"]"""
    r"""|\b(?:const|let|var)\s+(?P<b>[\w$]+)\s*=\s*require\s*\(\s*['"]@forge/api['"]\s*\)"""
)
# Strings stay (the module's name is one); comments and template texts cannot import anything.
_SKIPPED = re.compile(
    r"""(?P<keep>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")|(?P<blank>//[^\n]*|/\*.*?\*/|`(?:\\.|[^`\\])*`)""",
    re.DOTALL,
)
_TEXT = re.compile(r"""'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*\"""")
_FORGE_API = ("'@forge/api'", '"@forge/api"')


def storage_uses(source: str) -> list[tuple[int, int]]:
    """Line and column (from 1) of every place that takes `storage` from `@forge/api`."""
    if "@forge/api" not in source or "storage" not in source:
        return []
    code = _TEXT.sub(_blank_other_string, _SKIPPED.sub(_blank_comment, source))
    places: set[int] = set()
    for use in _USE.finditer(code):
        if use["member"]:
            places.add(use.start("member"))
            continue
        group = "clause" if use["clause"] is not None else "pattern"
        if use[group].lstrip().startswith("type "):
            continue
        start = _last_statement(use[group]) if group == "clause" else 0
        if named := _NAMED.search(use[group], start):
            places.add(use.start(group) + named.start())
    for whole in _WHOLE.finditer(code):
        name = re.escape(whole["a"] or whole["b"])
        places.update(
            use.start(1) for use in re.finditer(rf"(?<![\w$.]){name}\s*\.\s*(storage)\b", code)
        )
    return [line_and_column(source, at) for at in sorted(places)]


def _last_statement(clause: str) -> int:
    """Where the clause of the last import in `clause` begins: semicolons may be missing."""
    starts = [m.end() for m in re.finditer(r"\b(?:import|export)\b", clause)]
    return starts[-1] if starts else 0


def _blank_comment(match: re.Match[str]) -> str:
    return match[0] if match["keep"] else blank(match[0])


def _blank_other_string(match: re.Match[str]) -> str:
    return match[0] if match[0] in _FORGE_API else "''".ljust(len(match[0]))[: len(match[0])]
