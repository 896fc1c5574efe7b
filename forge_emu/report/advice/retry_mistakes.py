"""Mistakes in requests for a retry: how often each was made, and where in the app's code."""

from __future__ import annotations

import re
from collections import Counter
from functools import partial
from typing import Final

from forge_emu.engine.retry_mistakes import mistake_text
from forge_emu.model import Instant, RetryMistake
from forge_emu.records import InvocationFinished, RetryScheduled
from forge_emu.report.advice.source_places import Fit, SourcePlaces
from forge_emu.report.collectors.collector import Collector
from forge_emu.report.format import plural
from forge_emu.report.summary import Advice

RETRY_AFTER: Final = r"\bretryAfter\b\s*[:,}]|\bretry_after\b\s*="
"""Where code gives the wait of a retry."""
_RAISED_BY_THE_PACKAGE: Final = (
    r"\bretryAfter\s*:\s*(null\b|-\s*[\d.])|\bretry_after\s*=\s*-\s*[\d.]"
)
_CODE: Final = {
    "retry_after": RETRY_AFTER,
    "retry_reason": r"\bretryReason\b\s*[:,}]|\bretry_reason\b\s*=",
    "retry_data": r"\bretryData\b\s*[:,}]|\bretry_data\b\s*=",
    "returned_error": r"\breturn\s+(new\s+)?\w*(Error|Exception|\berr|\berror|\be)\b(?!\.)",
    "nested_request": r"\bInvocationError\(",
    "plain_request": r"\bretry(After|Reason|Data|Options|_after|_reason|_data)?\b['\"]?\s*[:,}]",
}
_VALUE: Final = {
    "retry_after": r"\b(?:retryAfter\s*:|retry_after\s*=)\s*(.+)",
    "retry_reason": r"\b(?:retryReason\s*:|retry_reason\s*=)\s*(.+)",
    "retry_data": r"\b(?:retryData\s*:|retry_data\s*=)\s*(.+)",
}
"""What a line gives for an option of a retry, and what follows it."""
_END: Final = r"\s*(?:[,;)}]|//|#|$)"
_TEXT: Final = rf"(['\"])((?:(?!\1).)*)\1{_END}"
"""A text that stands in the code."""
_HARMLESS: Final = {
    "retry_after": rf"-?\d[\d._]*{_END}",
    "retry_reason": rf"(?:\w+\.)*InvocationErrorCode\.\w+{_END}",
    "retry_data": rf"\{{\s*(?:['\"]?\w+['\"]?\s*:\s*(?:[\d.]+|(?i:true|false))\s*,?\s*)*\}}{_END}",
}
"""Values that stand in the code, and are as they should be."""
_TELLING: Final = {
    "retry_after": ((r"^(?:(?:Number|parseInt|parseFloat)\(|Math\.)", "NaN"),),
    "retry_reason": (),
    "retry_data": (
        (r"=>|\bfunction\b|\blambda\b", "a function"),
        (r"\bnew Map\(", "a Map"),
        (r"\bnew Set\(", "a Set"),
        (r"\bnew \w*Error\(", "an Error"),
        (r"\bSymbol\(", "a symbol"),
        (r"\b\d+n\b|\bBigInt\(", "BigInt"),
    ),
}
"""What is most likely one mistake, as it stands in the code, and what is said of that."""
_GIVES_NO_REQUEST: Final = {
    "nested_request": r"\b(return|throw)\s+(await\s+)?(new\s+)?(\w+\.)?InvocationError\(",
    "plain_request": r"\bInvocationError\(",
    "returned_error": r"\bInvocationError\(",
}
"""Lines that do it as they should, or make another mistake."""
_MOST_KINDS: Final = 500
_LEAST_WAIT_MS: Final = 1_000


def find_mistake(places: SourcePlaces, mistake: RetryMistake, function: str | None) -> list[str]:
    """Where the app's code makes such a mistake; the file of `function` goes first."""
    if mistake.kind not in _CODE:
        return []
    return places.find_code(_CODE[mistake.kind], function, partial(_fit, mistake))


def _fit(mistake: RetryMistake, line: str) -> Fit:
    """Whether a line that gives the options of a retry can have made `mistake`."""
    kind = mistake.kind
    if kind == "returned_error" and f"{mistake.given.partition(':')[0]}(" in line:
        return Fit.CERTAIN
    if kind in _GIVES_NO_REQUEST:
        return Fit.IMPOSSIBLE if re.search(_GIVES_NO_REQUEST[kind], line) else Fit.POSSIBLE
    if kind not in _VALUE or (value := re.search(_VALUE[kind], line)) is None:
        return Fit.POSSIBLE
    text, given = value[1], mistake.given
    if literal := re.match(_TEXT, text):
        return Fit.CERTAIN if f"`{literal[2]}`" in given else Fit.IMPOSSIBLE
    if re.match(_HARMLESS[kind], text):
        return Fit.IMPOSSIBLE
    for code, words in _TELLING[kind]:
        if re.search(code, text):
            return Fit.CERTAIN if words in given else Fit.UNLIKELY
    return Fit.POSSIBLE


class RetryMistakeCounts(Collector):
    """How often each function made each kind of mistake, and the first of its kind. Bounded."""

    def __init__(self) -> None:
        self.handlers = {
            InvocationFinished: self._on_finished,
            RetryScheduled: self._on_retry,
        }
        self.least_waits = 0
        """Retries that the app asked for after the least wait there is: 1 s."""
        self._counts: Counter[tuple[str, str]] = Counter()
        self._first: dict[tuple[str, str], RetryMistake] = {}

    def findings(self, places: SourcePlaces) -> list[Advice]:
        """One finding for each function and kind."""
        return [
            self._finding(function, mistake, places)
            for (function, _), mistake in sorted(self._first.items(), key=lambda item: item[0])
        ]

    def raised_by_the_package(self, places: SourcePlaces) -> list[Advice]:
        """`null` or a negative number, which `@forge/events` itself raises to 1 s."""
        found = places.find_code(_RAISED_BY_THE_PACKAGE) if self.least_waits else []
        return (
            [
                Advice(
                    "retry_mistake",
                    "The code gives `null`, a text or a negative number as `retryAfter`. "
                    "`@forge/events` raises what is not above 0 to 1 s, without a word: give it a "
                    "number of seconds.",
                    {"kind": "retry_after", "count": self.least_waits},
                    found,
                )
            ]
            if found
            else []
        )

    def _finding(self, function: str, mistake: RetryMistake, places: SourcePlaces) -> Advice:
        kind = mistake.kind
        count = self._counts[function, kind]
        known = [mistake.place] if mistake.place else []
        return Advice(
            "retry_mistake",
            f"In {plural(count, 'invocation')}, {mistake_text(function, mistake)}",
            {"kind": kind, "function": function, "given": mistake.given, "count": count},
            known or find_mistake(places, mistake, function),
        )

    def _on_finished(self, body: InvocationFinished, at: Instant) -> None:
        for mistake in body.mistakes if isinstance(body.mistakes, list) else ():
            key = body.function, mistake.kind
            if key in self._first or len(self._first) < _MOST_KINDS:
                self._first.setdefault(key, mistake)
                self._counts[key] += 1

    def _on_retry(self, body: RetryScheduled, at: Instant) -> None:
        self.least_waits += body.asked_by == "app" and body.retry_after_ms <= _LEAST_WAIT_MS
