"""Waits that grow."""

from __future__ import annotations

from forge_emu.engine.backoff import Backoff


def test_the_platforms_wait_stays_under_its_longest() -> None:
    """A hundred doublings still wait 15 minutes."""
    backoff = Backoff(5000, 2, 900_000, 0.2)
    assert backoff.wait(100, 0.999) == 900_000
    assert backoff.wait(0, 0.0) == 4000
    assert backoff.wait(0, 0.999) == 5998
