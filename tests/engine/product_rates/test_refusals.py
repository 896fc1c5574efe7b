"""How a limit tells that it refuses."""

from __future__ import annotations

import pytest

from forge_emu.engine.product_rates.refusals import RateRefusal

EPOCH = 1_767_225_600_000  # 2026-01-01T00:00:00Z


def test_headers() -> None:
    """As the page of Jira shows them."""
    refusal = RateRefusal("limits.jira.put_per_second", "jira-burst-based", 50, 1_000)

    assert refusal.headers(EPOCH, 3_660_000) == {
        "Retry-After": "1",
        "X-RateLimit-Limit": "50",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": "2026-01-01T01:01:01Z",
        "RateLimit-Reason": "jira-burst-based",
    }


@pytest.mark.parametrize(("wait", "seconds"), [(1, 1), (1_000, 1), (1_001, 2), (3_599_999, 3_600)])
def test_the_wait_is_rounded_up(wait: int, seconds: int) -> None:
    """Who waits that long comes through."""
    assert RateRefusal("x", "y", 1, wait).retry_after == seconds
