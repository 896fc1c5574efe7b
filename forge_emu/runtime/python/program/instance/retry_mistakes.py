"""What looks like a request for a retry and is none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from forge_emu.sdk.retry import InvocationError, QueueResponse

from .error_report import AppFiles, report_of, source_place

_OPTION_NAMES: Final = (
    "retryAfter", "retryReason", "retryData", "retryOptions", "retry_after", "retry_reason",
    "retry_data",
)  # fmt: skip
_MOST_LEVELS: Final = 3
_MOST_VISITED: Final = 200
Json = Any


def mistake_in_result(value: Any, files: AppFiles) -> dict[str, Json] | None:
    """What is wrong with a result that asks for no retry, as a `RetryMistake`; None if nothing."""
    if isinstance(value, BaseException):
        return _returned_error(value, files)
    if isinstance(value, dict):
        names = [name for name in _OPTION_NAMES if name in value]
        names += ["retry"] if value.get("retry") is True else []
        if names:
            return {"kind": "plain_request", "given": ", ".join(names)}
    return _nested_request(value)


def _returned_error(error: BaseException, files: AppFiles) -> dict[str, Json]:
    report, found = report_of(error, files), source_place(error, files)
    mistake = {"kind": "returned_error", "given": f"{report['name']}: {report['message']}"[:160]}
    if found:
        mistake["place"] = f"{found['source']}:{found['line']}"
    return mistake


def _nested_request(value: Any) -> dict[str, Json] | None:
    level, visited = [(value, "")], 0
    for _ in range(_MOST_LEVELS):
        inner_level: list[tuple[Any, str]] = []
        for holder, path in level:
            for name, inner in _items_of(holder):
                if _asks_for_retry(inner):
                    return {"kind": "nested_request", "given": f"{path}{name}"[:160]}
                visited += 1
                if visited > _MOST_VISITED:
                    return None
                inner_level.append((inner, f"{path}{name}"))
        level = inner_level
    return None


def _items_of(holder: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(holder, dict):
        yield from ((f"[{key!r}]", inner) for key, inner in holder.items())
    elif isinstance(holder, (list, tuple)):
        yield from ((f"[{i}]", inner) for i, inner in enumerate(holder))


def _asks_for_retry(value: Any) -> bool:
    if isinstance(value, QueueResponse):
        return value.asks_for_retry
    marked = isinstance(value, dict) and value.get("_retry") is True
    return marked or isinstance(value, InvocationError)
