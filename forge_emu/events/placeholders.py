"""Placeholders in payloads, compiled once and filled per event.

Any text may hold `{n}` (the event's number), `{key}` (`EMU-7`), `{id}` (`10007`), `{now_ms}`,
`{now_iso}` and `{now_jira}` (Jira's form of the same date); `{"$number": "{id}"}` becomes a number.
Number, key and id are those of what the event is about; `{comment.id}` and the like are those of
another thing (`things.py`), `{other_n}` and `{other_id}` those of another thing of the same kind.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from forge_emu.errors import UserError
from forge_emu.events.things import ATTRIBUTES, KINDS
from forge_emu.model import Json, iso8601

# JSON text has `{n}` only within strings, where a quote is always escaped: so neither pattern can
# match anything but a placeholder.
_OF_THING = rf"(?:{'|'.join(KINDS)})\.(?:{'|'.join(ATTRIBUTES)})"
_OWN = "n|key|id|other_n|other_id|now_ms|now_iso|now_jira"
_PLACEHOLDER = re.compile(
    (
        rf'\{{"\$number":"\{{(?P<number>n|id|other_n|other_id|now_ms|{_OF_THING})\}}"\}}'
        rf"|\{{(?P<text>{_OWN}|{_OF_THING})\}}"
    ).encode()
)


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
        self._of_things = sorted({name.decode() for name in self._names if b"." in name})

    def fill(
        self,
        n: int,
        now_epoch_ms: int,
        anchor: str = "issue",
        numbers: Mapping[str, int] | None = None,
    ) -> bytes:
        """The JSON text of an event about number `n` of the kind `anchor`. `numbers` has those of
        other things; what is not there is number `n`.
        """
        values = _own_values(n, now_epoch_ms, anchor)
        for name in self._of_things:
            kind, _, attribute = name.partition(".")
            number = n if numbers is None else numbers.get(kind, n)
            values[name.encode()] = KINDS[kind].attribute(attribute, number).encode()
        parts: list[bytes] = []
        for piece, placeholder in zip(self._pieces, self._names, strict=True):
            parts += (piece, values[placeholder])
        parts.append(self._tail)
        return b"".join(parts)


def _own_values(n: int, now_epoch_ms: int, anchor: str) -> dict[bytes, bytes]:
    kind = KINDS[anchor]
    iso = iso8601(now_epoch_ms).encode()
    other = n - 1 if n > 1 else n + 1
    return {
        b"n": b"%d" % n,
        b"key": (kind if kind.key else KINDS["issue"]).attribute("key", n).encode(),
        b"id": b"%d" % (kind.first_id + n),
        b"other_n": b"%d" % other,
        b"other_id": b"%d" % (kind.first_id + other),
        b"now_ms": b"%d" % now_epoch_ms,
        b"now_iso": iso,
        b"now_jira": iso[:-1] + b"+0000",
    }
