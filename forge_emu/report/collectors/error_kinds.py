"""Kinds of errors and how often each occurred, in bounded memory."""

from __future__ import annotations

import re
from collections import Counter

from forge_emu.model import ErrorReport
from forge_emu.report.stack_frames import frame_of
from forge_emu.report.summary import ErrorFigure

_DIGITS = re.compile(r"\d+")


ErrorKind = tuple[str, str]
"""Name and message, numbers in the message aside."""


def error_kind(name: str, message: str) -> ErrorKind:
    """The kind of an error."""
    return name, _DIGITS.sub("0", message[:500])


class ErrorKinds:
    """Kinds of errors: name and message, numbers in messages aside."""

    def __init__(self, most: int = 500) -> None:
        self._most = most
        self._counts: Counter[ErrorKind] = Counter()
        self._samples: dict[ErrorKind, ErrorReport] = {}
        self.total = 0

    def add_error(self, error: ErrorReport) -> None:
        """Count one more; beyond `most` kinds, new kinds are only counted in the total."""
        self.total += 1
        kind = error_kind(error.name, error.message)
        if kind not in self._samples:
            if len(self._samples) >= self._most:
                return
            self._samples[kind] = error
        self._counts[kind] += 1

    def top(self, most: int) -> list[ErrorFigure]:
        """The most frequent kinds, each with the message that was seen first."""
        ranked = sorted(self._counts.items(), key=lambda item: (-item[1], item[0]))
        return [
            ErrorFigure(
                self._samples[kind].name,
                self._samples[kind].message[:500],
                count,
                frame_of(self._samples[kind].stack),
            )
            for kind, count in ranked[:most]
        ]
