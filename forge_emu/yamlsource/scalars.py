"""Plain YAML scalars as the platform's tools read them: the core schema of YAML 1.2.

`on`, `yes`, `1_000` and `12:30` are text there, unlike in YAML 1.1 (measured with the `yaml`
package that `@forge/manifest` 13.7.0 depends on). https://yaml.org/spec/1.2.2/#103-core-schema
"""

from __future__ import annotations

import re

from forge_emu.yamlsource.nodes import ScalarValue

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_OCTAL = re.compile(r"0o[0-7]+\Z")
_HEX = re.compile(r"0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)\Z")
_NAN = frozenset({".nan", ".NaN", ".NAN"})
_LONGEST_NUMBER = 400
"""Longer digits exceed what a double holds, which is what numbers are on the platform."""

_TRUE_1_1 = frozenset(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"])
_FALSE_1_1 = frozenset(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"])
_INTEGER_1_1 = re.compile(r"[-+]?(0[0-7_]+|0b[01_]+|0x[0-9a-fA-F_]+|[1-9][0-9_]*|0)\Z")

_STR = "tag:yaml.org,2002:str"


def resolve_scalar(text: str, plain: bool, tag: str | None) -> ScalarValue:
    """The value of a scalar: `plain` when unquoted, `tag` when the file gives one (`!!str`)."""
    if tag == _STR or (not plain and (tag is None or tag == "!")):
        return text
    if tag is not None and tag != "!" and not tag.startswith("tag:yaml.org,2002:"):
        return text
    if text in _NULL:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    return _number(text)


def resolve_scalar_1_1(text: str, plain: bool, tag: str | None) -> ScalarValue:
    """The same in a document that begins with `%YAML 1.1`: `yes` is true, `012` is ten."""
    if plain and tag is None:
        if text in _TRUE_1_1:
            return True
        if text in _FALSE_1_1:
            return False
        if _INTEGER_1_1.match(text):
            digits = text.replace("_", "")
            sign, digits = (-1 if digits[0] == "-" else 1), digits.lstrip("+-")
            base = 8 if digits.startswith("0") and not digits[1:2].isalpha() else 0
            return sign * (int(digits or "0", base) if digits.strip("0") else 0)
    return resolve_scalar(text, plain, tag)


def _number(text: str) -> str | int | float:
    first = text[0]
    if not (first.isdigit() or first in "+-."):
        return text
    if _INFINITE.match(text):
        return float("-inf") if first == "-" else float("inf")
    if text in _NAN:
        return float("nan")
    if _OCTAL.match(text):
        return int(text[2:_LONGEST_NUMBER], 8)
    if _HEX.match(text):
        return int(text[2:_LONGEST_NUMBER], 16)
    if _INTEGER.match(text):
        return int(text) if len(text) <= _LONGEST_NUMBER else float(text)
    if _FLOAT.match(text):
        return float(text)
    return text
