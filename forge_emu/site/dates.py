"""Instants as products write them: `2026-11-24T10:00:00.000+0000` and the like."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from forge_emu.model import iso8601

DAY: Final = 86_400_000
"""Milliseconds."""

_FORM: Final = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})"
    r"(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3})\d*)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?"
)
_MONTH_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def jira_time(epoch_ms: int) -> str:
    """Jira's form: `2026-11-24T10:00:00.000+0000`."""
    return iso8601(epoch_ms)[:-1] + "+0000"


def date_text(epoch_ms: int) -> str:
    """The day alone: `2026-11-24`."""
    return iso8601(epoch_ms)[:10]


@lru_cache(maxsize=1024)
def read_time(text: str) -> int | None:
    """Milliseconds since 1970 of a date, with or without a time and an offset; None for no date."""
    match = _FORM.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    if not (1 <= month <= 12 and 1 <= day <= _MONTH_DAYS[month - 1] and hour < 24 and minute < 60):
        return None
    ms = int((match[7] or "0").ljust(3, "0"))
    seconds = days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second
    return seconds * 1_000 + ms - _offset_ms(match[8])


def days_since_1970(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to a date of the Gregorian calendar."""
    # https://howardhinnant.github.io/date_algorithms.html
    year -= month <= 2
    era = year // 400
    year_of_era = year - era * 400
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * 146_097 + day_of_era - 719_468


def _offset_ms(text: str | None) -> int:
    if text is None or text == "Z":
        return 0
    sign = -1 if text[0] == "-" else 1
    digits = text[1:].replace(":", "")
    return sign * (int(digits[:2]) * 60 + int(digits[2:])) * 60_000
