"""Instants in JQL: dates, `-1d`, `startOfDay()` and their like. All in UTC."""

from __future__ import annotations

import re
from typing import Final

from forge_emu.site.dates import DAY, date_text, days_since_1970, read_time
from forge_emu.site.jql.parse import Function, JqlError, JqlNotEmulated, Operand

_MINUTE: Final = 60_000
_SPANS: Final = {"m": _MINUTE, "h": 60 * _MINUTE, "d": DAY, "w": 7 * DAY}
_RELATIVE: Final = re.compile(r"([+-]?)(\d+)([mhdwMy])")
_BOUNDARY: Final = re.compile(r"(startof|endof)(day|week|month|year)")


def instant_of(operand: Operand, field: str, now_ms: int) -> int:
    """Milliseconds since 1970. Raises JqlError for what is no date."""
    if isinstance(operand, Function):
        return _function(operand, now_ms)
    text = operand.text.strip()
    if _RELATIVE.fullmatch(text):
        return _moved(now_ms, text)
    found = read_time(text)
    if found is None and text.isdecimal():
        found = int(text)
    if found is None:
        raise JqlError(
            f"Date value '{operand.text}' for field '{field}' is invalid. Valid formats include: "
            "'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period "
            "format e.g. '-5d', '4w 2d'."
        )
    return found


def _function(function: Function, now_ms: int) -> int:
    name = function.name.lower()
    shift = function.arguments[0] if function.arguments else ""
    if name == "now":
        return now_ms
    boundary = _BOUNDARY.fullmatch(name)
    if boundary is None:
        raise JqlNotEmulated(f"the function {function.name}() of JQL")
    end, unit = boundary[1] == "endof", boundary[2]
    default = {"day": "d", "week": "w", "month": "M", "year": "y"}[unit]
    if shift and shift[-1].isdecimal():
        shift += default
    at = _moved(now_ms, shift) if _RELATIVE.fullmatch(shift) else now_ms
    start = _start(at, unit)
    return _next_start(start, unit) - 1 if end else start


def _start(at: int, unit: str) -> int:
    day = at - at % DAY
    if unit == "week":
        # 1970-01-01 was a Thursday; weeks begin on Sunday.
        return day - (day // DAY + 4) % 7 * DAY
    year, month, _ = (int(part) for part in date_text(at).split("-"))
    if unit == "month":
        return days_since_1970(year, month, 1) * DAY
    return days_since_1970(year, 1, 1) * DAY if unit == "year" else day


def _next_start(start: int, unit: str) -> int:
    if unit in ("day", "week"):
        return start + (DAY if unit == "day" else 7 * DAY)
    return _months_later(start, 1 if unit == "month" else 12)


def _moved(at: int, text: str) -> int:
    match = _RELATIVE.fullmatch(text)
    assert match is not None
    count = int(match[2]) * (-1 if match[1] == "-" else 1)
    if match[3] in _SPANS:
        return at + count * _SPANS[match[3]]
    return _months_later(at, count * (12 if match[3] == "y" else 1))


def _months_later(at: int, months: int) -> int:
    year, month, day = (int(part) for part in date_text(at).split("-"))
    year, month0 = divmod(year * 12 + month - 1 + months, 12)
    first = days_since_1970(year, month0 + 1, 1)
    last = days_since_1970(*divmod_month(year, month0 + 1), 1) - 1
    return min(first + day - 1, last) * DAY + at % DAY


def divmod_month(year: int, month: int) -> tuple[int, int]:
    """The year and the month after a month."""
    return (year + 1, 1) if month == 12 else (year, month + 1)
