"""Placeholders in payloads, compiled once and filled per event.

Any text may hold `{n}` (the event's number), `{key}` (`EMU-7`), `{id}` (`10007`), `{now_ms}`,
`{now_iso}` and `{now_jira}` (Jira's form of the same date); `{"$number": "{id}"}` becomes a number.
"""

from __future__ import annotations

import re

import msgspec

from forge_emu.errors import UserError
from forge_emu.model import Json, iso8601

# JSON text has `{n}` only within strings, where a quote is always escaped: so neither pattern can
# match anything but a placeholder.
_PLACEHOLDER = re.compile(
    rb'\{"\$number":"\{(?P<number>n|id|now_ms)\}"\}|\{(?P<text>n|key|id|now_ms|now_iso|now_jira)\}'
)
_decoder: msgspec.json.Decoder[dict[str, Json]] = msgspec.json.Decoder(dict[str, Json])


class CompiledPayload:
    """A payload's JSON text, split at its placeholders."""

    def __init__(self, payload: dict[str, Json]) -> None:
        """Raises UserError for a payload that JSON cannot carry."""
        try:
            text = msgspec.json.encode(payload)
        except (UnicodeEncodeError, OverflowError, TypeError) as error:
            raise UserError(
                f"the payload cannot be written as JSON: {error}",
                "Use valid UTF-8 text and numbers of at most 64 bits.",
            ) from None
        self._pieces: list[bytes] = []
        self._names: list[bytes] = []
        end = 0
        for match in _PLACEHOLDER.finditer(text):
            self._pieces.append(text[end : match.start()])
            self._names.append(match["number"] or match["text"])
            end = match.end()
        self._tail = text[end:]

    def fill(self, n: int, now_epoch_ms: int) -> tuple[dict[str, Json], int]:
        """The payload of event number `n` and the length of its JSON text in bytes."""
        iso = iso8601(now_epoch_ms).encode()
        values = {
            b"n": b"%d" % n,
            b"key": b"EMU-%d" % n,
            b"id": b"%d" % (10_000 + n),
            b"now_ms": b"%d" % now_epoch_ms,
            b"now_iso": iso,
            b"now_jira": iso[:-1] + b"+0000",
        }
        parts: list[bytes] = []
        for piece, name in zip(self._pieces, self._names, strict=True):
            parts += (piece, values[name])
        parts.append(self._tail)
        text = b"".join(parts)
        return _decoder.decode(text), len(text)
