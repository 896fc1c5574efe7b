"""Which events are shown where not all of them can be."""

from __future__ import annotations

import msgspec
import pytest

from forge_emu.engine.journal.secrets import Secrets
from forge_emu.payloads import PayloadCollector, PayloadsInMemory, worst_events
from forge_emu.payloads.entries import KeptInvocation
from forge_emu.payloads.worst_events import worst_payloads


def collector_of(**attempts: int) -> PayloadCollector:
    """Product events with so many attempts."""
    kept = PayloadsInMemory(1_000_000)
    for id, count in attempts.items():
        for number in range(1, count + 1):
            given = msgspec.Raw(b'{"event":{},"context":{}}')
            attempt = KeptInvocation(f"{id}-{number}", number, "listen", given)
            kept.add_attempt(id, "product_event", msgspec.json.encode(attempt))
    return PayloadCollector(kept, Secrets())


def ids_of(texts: list[bytes]) -> list[str]:
    """The events that are shown."""
    return [msgspec.json.decode(text)["id"] for text in texts]


def test_lost_events_come_first_then_those_with_the_most_attempts() -> None:
    """The oldest of equals first."""
    collector = collector_of(a=1, b=3, c=1, d=2, e=1)

    assert ids_of(worst_payloads(collector, {"c", "e"})) == ["c", "e", "b", "d", "a"]


def test_what_is_too_large_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fits after it is not; and they are so many at most."""
    collector = collector_of(a=9, b=1, c=1)
    monkeypatch.setattr(worst_events, "MOST_BYTES", 700)
    assert ids_of(worst_payloads(collector, set())) == ["b", "c"]
    monkeypatch.setattr(worst_events, "MOST_EVENTS", 2)
    assert ids_of(worst_payloads(collector, set())) == ["b"]
