"""JSON text as the `@forge` packages would write it, so that sizes count alike."""

from __future__ import annotations

import json
import math
import re
from typing import Any

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def json_text(value: Any) -> str:
    """`value` as compact JSON text. Raises TypeError for what has no JSON form.

    Numbers that JSON has no words for become null, and halves of surrogate pairs U+FFFD.
    """
    try:
        text = _encode(value)
    except ValueError:
        # A number that is none, or a structure that contains itself: the second raises again.
        text = _encode(_without_nan(value, []))
    return text if text.isascii() else _LONE_SURROGATE.sub("\ufffd", text)


def byte_length(text: str) -> int:
    """Length of `text` in UTF-8."""
    return len(text.encode())


def _without_nan(value: Any, above: list[int]) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if not isinstance(value, (dict, list, tuple)):
        return value
    if id(value) in above:
        raise ValueError("the value contains itself, so it has no JSON form")
    above = [*above, id(value)]
    if isinstance(value, dict):
        return {key: _without_nan(item, above) for key, item in value.items()}
    return [_without_nan(item, above) for item in value]
