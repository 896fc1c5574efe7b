"""Which texts are secret, and a placeholder for each of them in what an app says.

The engine's own state stays as it is: an app gets back what it has stored.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

import msgspec

from forge_emu.engine.journal.encodings import SHORTEST_SECRET, encoded_forms
from forge_emu.model import Json, SavedPlace, StoredValue

MOST_STORED: Final = 50_000
"""Texts of the store's secrets that are retained; the oldest go first."""

MOST_CHARACTERS: Final = 16_000_000
"""The same in characters of all of them."""

_FEW_PREFIXES = 24
"""Up to so many prefixes it is faster to look for each than to look at each place of a text."""

_LONG_TEXT = 10_000
"""Characters from which on a host may have cut a text off, in the middle of a secret."""

_MOST_CUT_OFF = 4_096
"""Characters of a secret, at the end of a text, by which its beginning is recognised."""


class SecretSource(NamedTuple):
    """Where a secret is from: the variable of this name, or the store's secret of this key."""

    name: str
    stored: bool


_PlaceholderOf = Callable[[SecretSource], str]


class Secrets:
    """Secret texts and their placeholders: `[NAME]` for a variable, `[secret KEY]` for a value
    of the store.

    Texts are found by their first characters, then by length, so that many cost little.
    """

    def __init__(self) -> None:
        self.sources: dict[str, SecretSource] = {}
        """Every text that is known, and where it is from."""
        self._lengths: dict[str, list[int]] = {}
        self._length_counts: Counter[tuple[str, int]] = Counter()
        self._stored: dict[str, None] = {}
        self._characters = 0
        self._placeholders: dict[SecretSource, str] = {}
        self._longest = 0
        self.public_texts: frozenset[str] = frozenset()
        """Texts that are public as a whole: what the manifest calls things."""

    def __len__(self) -> int:
        """How many texts are known."""
        return len(self.sources)

    def add_variable(self, name: str, value: str) -> None:
        """Add the value of a variable; it is never removed."""
        source = SecretSource(name, stored=False)
        for text in encoded_forms(value):
            if text in self._stored:
                self._remove_stored(text)
            if text not in self.sources:
                self._add(text, source)

    def add_stored_value(self, key: Json, value_text: bytes | None) -> None:
        """Add a value of the store of secrets: every text in it is secret."""
        if value_text is None or len(value_text) < SHORTEST_SECRET:
            return
        try:
            value = msgspec.json.decode(value_text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return
        source = SecretSource(key if isinstance(key, str) else repr(key), stored=True)
        for leaf in strings_in(value):
            for text in encoded_forms(leaf):
                self._add_stored(text, source)

    def add_saved_values(self, values: Mapping[SavedPlace, StoredValue]) -> None:
        """Add the secrets of a store that was saved."""
        for (secret, key), value in values.items():
            if secret:
                self.add_stored_value(key, value.value_text)

    def mask(self, text: str) -> str:
        """`text` with a placeholder for every secret, however secrets overlap."""
        if not self.sources:
            return text
        shown = self._replace(text, self._placeholder)
        return text if shown is not text and text in self.public_texts else shown

    def mask_json(self, text: str) -> str:
        """The same for JSON text, which stays JSON."""
        if not self.sources:
            return text
        return self._replace(
            text, lambda m: msgspec.json.encode(self._placeholder(m)).decode()[1:-1]
        )

    # --- adding

    def _add_stored(self, text: str, source: SecretSource) -> None:
        """Add a text of the store; where there are too many, the oldest are removed."""
        if text in self._stored:
            # What is stored again counts as new.
            del self._stored[text]
            self.sources[text] = source
        elif text in self.sources:
            return
        else:
            self._add(text, source)
            self._characters += len(text)
        self._stored[text] = None
        while len(self._stored) > MOST_STORED or self._characters > MOST_CHARACTERS:
            self._remove_stored(next(iter(self._stored)))

    def _add(self, text: str, source: SecretSource) -> None:
        self._placeholders.clear()
        self.sources[text] = source
        self._longest = max(self._longest, len(text))
        head, length = text[:SHORTEST_SECRET], len(text)
        self._length_counts[head, length] += 1
        if self._length_counts[head, length] == 1:
            # Negative, so that the longest comes first.
            insort(self._lengths.setdefault(head, []), -length)

    def _remove_stored(self, text: str) -> None:
        del self._stored[text], self.sources[text]
        self._characters -= len(text)
        head, length = text[:SHORTEST_SECRET], len(text)
        self._length_counts[head, length] -= 1
        if not self._length_counts[head, length]:
            del self._length_counts[head, length]
            self._lengths[head].remove(-length)
            if not self._lengths[head]:
                del self._lengths[head]

    # --- finding

    def _replace(self, text: str, placeholder_of: _PlaceholderOf) -> str:
        parts: list[str] = []
        last: SecretSource | None = None
        end = 0
        for at in self._candidate_positions(text):
            length, mark = self._longest_at(text, at)
            if mark is None or at + length <= end:
                continue
            if at >= end:
                parts.append(text[end:at])
                last = None
            if mark != last:
                parts.append(placeholder_of(mark))
                last = mark
            end = at + length
        if not end:
            return text
        parts.append(text[end:])
        return "".join(parts)

    def _candidate_positions(self, text: str) -> Iterable[int]:
        """Where a secret may begin, in order."""
        heads = self._lengths
        if len(heads) > _FEW_PREFIXES:
            last = len(text) - SHORTEST_SECRET + 1
            return [at for at in range(last) if text[at : at + SHORTEST_SECRET] in heads]
        found: list[int] = []
        for head in heads:
            at = text.find(head)
            while at >= 0:
                found.append(at)
                at = text.find(head, at + 1)
        found.sort()
        return found

    def _longest_at(self, text: str, at: int) -> tuple[int, SecretSource | None]:
        left = len(text) - at
        for negative in self._lengths[text[at : at + SHORTEST_SECRET]]:
            if -negative <= left:
                mark = self.sources.get(text[at : at - negative])
                if mark is not None:
                    return -negative, mark
        return self._match_cut_off(text, at)

    def _match_cut_off(self, text: str, at: int) -> tuple[int, SecretSource | None]:
        """The beginning of a secret at the end of a long text, which was shortened there."""
        if len(text) < _LONG_TEXT or len(text) - at > min(self._longest, _MOST_CUT_OFF):
            return 0, None
        rest = text[at:].removesuffix("…")
        if len(rest) >= 2 * SHORTEST_SECRET:
            for known, mark in self.sources.items():
                if known.startswith(rest):
                    return len(rest), mark
        return 0, None

    def _placeholder(self, source: SecretSource) -> str:
        """The placeholder of a secret; a key that itself holds a secret does not show it."""
        if not source.stored:
            return f"[{source.name}]"
        placeholder = self._placeholders.get(source)
        if placeholder is None:
            key = self._replace(source.name, lambda _: "…")
            placeholder = self._placeholders[source] = f"[secret {key}]"
        return placeholder


def strings_in(value: Json) -> Iterator[str]:
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
