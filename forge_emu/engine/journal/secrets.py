"""Which texts are secret, and a mark in the place of each of them in what an app says.

The engine's own state stays as it is: an app gets back what it has stored.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

import msgspec

from forge_emu.engine.journal.encodings import SHORTEST, texts_of
from forge_emu.engine.snapshot.shapes import Place
from forge_emu.model import Json, StoredValue

MOST_STORED: Final = 50_000
"""Texts of the store's secrets that are remembered; those that were learnt first go first."""

MOST_CHARACTERS: Final = 16_000_000
"""The same in characters of all of them."""

_FEW_HEADS = 24
"""Up to so many it is faster to look for each than to look at each place of a text."""

_LONG_TEXT = 10_000
"""Characters from which on a host may have cut a text off, in the middle of a secret."""

_MOST_CUT_OFF = 4_096
"""Characters of a secret, at the end of a text, by which its beginning is recognised."""


class Mark(NamedTuple):
    """Where a secret is from: the variable of this name, or the store's secret of this key."""

    name: str
    stored: bool


_Write = Callable[[Mark], str]


class Secrets:
    """Secret texts and what stands for them: `[NAME]` for a variable, `[secret KEY]` for a value
    of the store.

    Texts are found by their first characters, then by length, so that many cost little.
    """

    def __init__(self) -> None:
        self._marks: dict[str, Mark] = {}
        self._lengths: dict[str, list[int]] = {}
        self._of_length: Counter[tuple[str, int]] = Counter()
        self._stored: dict[str, None] = {}
        self._characters = 0
        self._written: dict[Mark, str] = {}
        self._longest = 0
        self.spared: frozenset[str] = frozenset()
        """Texts that are public as a whole: what the manifest calls things."""

    def __len__(self) -> int:
        """How many texts are known."""
        return len(self._marks)

    def learn_variable(self, name: str, value: str) -> None:
        """The value of a variable is secret; this is not forgotten."""
        mark = Mark(name, stored=False)
        for text in texts_of(value):
            if text in self._stored:
                self._forget(text)
            if text not in self._marks:
                self._add(text, mark)

    def learn_stored(self, key: Json, value_text: bytes | None) -> None:
        """A value is for the store of secrets: every text in it is secret."""
        if value_text is None or len(value_text) < SHORTEST:
            return
        try:
            value = msgspec.json.decode(value_text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return
        mark = Mark(key if isinstance(key, str) else repr(key), stored=True)
        for leaf in leaves_of(value):
            for text in texts_of(leaf):
                self._remember(text, mark)

    def learn_saved(self, values: Mapping[Place, StoredValue]) -> None:
        """Take in the secrets of a store that was saved."""
        for (secret, key), value in values.items():
            if secret:
                self.learn_stored(key, value.value_text)

    def masked(self, text: str) -> str:
        """`text` with a mark in the place of every secret, however secrets overlap."""
        if not self._marks:
            return text
        shown = self._replaced(text, self._write)
        return text if shown is not text and text in self.spared else shown

    def masked_json(self, text: str) -> str:
        """The same for JSON text, which stays JSON."""
        if not self._marks:
            return text
        return self._replaced(text, lambda m: msgspec.json.encode(self._write(m)).decode()[1:-1])

    # --- learning

    def _remember(self, text: str, mark: Mark) -> None:
        """A text of the store; where there are too many, the first ones make room."""
        if text in self._stored:
            # What is stored again counts as new.
            del self._stored[text]
            self._marks[text] = mark
        elif text in self._marks:
            return
        else:
            self._add(text, mark)
            self._characters += len(text)
        self._stored[text] = None
        while len(self._stored) > MOST_STORED or self._characters > MOST_CHARACTERS:
            self._forget(next(iter(self._stored)))

    def _add(self, text: str, mark: Mark) -> None:
        self._written.clear()
        self._marks[text] = mark
        self._longest = max(self._longest, len(text))
        head, length = text[:SHORTEST], len(text)
        self._of_length[head, length] += 1
        if self._of_length[head, length] == 1:
            # Negative, so that the longest comes first.
            insort(self._lengths.setdefault(head, []), -length)

    def _forget(self, text: str) -> None:
        del self._stored[text], self._marks[text]
        self._characters -= len(text)
        head, length = text[:SHORTEST], len(text)
        self._of_length[head, length] -= 1
        if not self._of_length[head, length]:
            del self._of_length[head, length]
            self._lengths[head].remove(-length)
            if not self._lengths[head]:
                del self._lengths[head]

    # --- finding

    def _replaced(self, text: str, write: _Write) -> str:
        parts: list[str] = []
        last: Mark | None = None
        end = 0
        for at in self._places(text):
            length, mark = self._longest_at(text, at)
            if mark is None or at + length <= end:
                continue
            if at >= end:
                parts.append(text[end:at])
                last = None
            if mark != last:
                parts.append(write(mark))
                last = mark
            end = at + length
        if not end:
            return text
        parts.append(text[end:])
        return "".join(parts)

    def _places(self, text: str) -> Iterable[int]:
        """Where a secret may begin, in order."""
        heads = self._lengths
        if len(heads) > _FEW_HEADS:
            last = len(text) - SHORTEST + 1
            return [at for at in range(last) if text[at : at + SHORTEST] in heads]
        found: list[int] = []
        for head in heads:
            at = text.find(head)
            while at >= 0:
                found.append(at)
                at = text.find(head, at + 1)
        found.sort()
        return found

    def _longest_at(self, text: str, at: int) -> tuple[int, Mark | None]:
        left = len(text) - at
        for negative in self._lengths[text[at : at + SHORTEST]]:
            if -negative <= left:
                mark = self._marks.get(text[at : at - negative])
                if mark is not None:
                    return -negative, mark
        return self._cut_off(text, at)

    def _cut_off(self, text: str, at: int) -> tuple[int, Mark | None]:
        """The beginning of a secret at the end of a long text, which was shortened there."""
        if len(text) < _LONG_TEXT or len(text) - at > min(self._longest, _MOST_CUT_OFF):
            return 0, None
        rest = text[at:].removesuffix("…")
        if len(rest) >= 2 * SHORTEST:
            for known, mark in self._marks.items():
                if known.startswith(rest):
                    return len(rest), mark
        return 0, None

    def _write(self, mark: Mark) -> str:
        """The mark as text; a key that itself holds a secret tells nothing of it."""
        if not mark.stored:
            return f"[{mark.name}]"
        written = self._written.get(mark)
        if written is None:
            key = self._replaced(mark.name, lambda _: "…")
            written = self._written[mark] = f"[secret {key}]"
        return written


def leaves_of(value: Json) -> Iterator[str]:
    """The texts in a value, without recursion: it may be nested deeply."""
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, list):
            left.extend(item)
        elif isinstance(item, dict):
            left.extend(item.values())
