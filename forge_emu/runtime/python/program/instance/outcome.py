"""What a handler's return value means to the platform."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any, Final

from forge_emu.sdk.json_text import byte_length, json_text
from forge_emu.sdk.retry import InvocationError, QueueResponse

from .error_report import AppFiles
from .retry_mistakes import mistake_in_result

Json = Any

SUCCESS: Final = {"outcome": "success"}
# Deeper data is legal JSON, but refused at its size long before.
_MAX_DEPTH: Final = 400
_MAX_BYTES: Final = 256 * 1024
# Characters of a returned value that are shown.
_MAX_RESULT: Final = 64_000


def outcome_of(value: Any, files: AppFiles) -> dict[str, Json]:
    """The outcome; an InvocationError, a QueueResponse or a dict like them requests a retry."""
    options = _retry_options(value)
    if options is None:
        mistake = mistake_in_result(value, files)
        return dict(SUCCESS) if mistake is None else {**SUCCESS, "mistakes": [mistake]}
    return {
        "outcome": "retry_requested",
        "retry_after": _json_value(options.get("retryAfter")),
        "retry_reason": _json_value(options.get("retryReason")),
        **_retry_data(options.get("retryData")),
    }


def result_of(value: Any) -> dict[str, Json]:
    """Success, with the JSON text of a value that is wanted.

    Raises TypeError, ValueError or RecursionError for one without a JSON form.
    """
    return {**SUCCESS, "result": json_text(value)}


def with_result(outcome: dict[str, Json], value: Any) -> dict[str, Json]:
    """The outcome, with the JSON text of the returned value beside it, which changes nothing."""
    if isinstance(value, InvocationError):
        value = {"_retry": True, "retryOptions": value.retry_options}
    try:
        text = json_text(value)
    except (TypeError, ValueError, RecursionError):
        return outcome
    if len(text) > _MAX_RESULT:
        text = json_text(f"({len(text)} characters of JSON)")
    return {**outcome, "result": text}


def _retry_options(value: Any) -> Mapping[str, Any] | None:
    if isinstance(value, InvocationError):
        return value.retry_options
    if isinstance(value, QueueResponse):
        return {} if value.asks_for_retry else None
    if isinstance(value, dict) and value.get("_retry") is True:
        options = value.get("retryOptions")
        return options if isinstance(options, dict) else {}
    return None


def _retry_data(data: Any) -> dict[str, Json]:
    if data is None:
        return {}
    try:
        text = json_text(data)
    except (TypeError, ValueError, RecursionError) as error:
        given = f"data without a JSON form ({str(error)[:160]})"
        return {"mistakes": [{"kind": "retry_data", "given": given}]}
    size = byte_length(text)
    fits = size <= _MAX_BYTES and _depth(data) <= _MAX_DEPTH
    return {"retry_data": json.loads(text) if fits else None, "data_bytes": size}


def _json_value(value: Any) -> Json:
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        if isfinite(value):
            return value
        # As JavaScript writes them: JSON has none of them, and no other text says as much.
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    return str(value)


def _depth(value: Any) -> int:
    deepest, level = 0, [value]
    while level and deepest <= _MAX_DEPTH:
        inner = [v for v in level if isinstance(v, (dict, list, tuple))]
        level = [i for v in inner for i in (v.values() if isinstance(v, dict) else v)]
        deepest += bool(inner)
        if not inner:
            break
    return deepest
