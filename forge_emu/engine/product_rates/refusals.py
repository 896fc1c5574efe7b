"""A call of a product as its limits see it, and how they refuse one."""

from __future__ import annotations

import math

import msgspec

from forge_emu.model import SECOND, Instant, Millis, iso8601
from forge_emu.settings import Setting


class ProductCall(msgspec.Struct, frozen=True):
    """A call of a product.

    `operation` is its method and the path with the names of its parts. `burst` is the setting that
    limits it per second, None where the product publishes none. `issue` is the id of the issue that
    it writes to.
    """

    product: str
    operation: str
    burst: Setting[int | None] | None = None
    issue: str | None = None


class RateRefusal(msgspec.Struct, frozen=True):
    """A limit refuses a call: which, why in the product's words, and when there is room again."""

    limit: str
    reason: str
    most: int
    wait_ms: Millis

    @property
    def retry_after(self) -> int:
        """`Retry-After`: whole seconds, one at least."""
        return max(1, math.ceil(self.wait_ms / SECOND))

    def headers(self, epoch_ms: int, now: Instant) -> dict[str, str]:
        """The headers of the refusal.

        https://developer.atlassian.com/cloud/jira/platform/rate-limiting/ (2026-08-12)
        """
        return {
            "Retry-After": str(self.retry_after),
            "X-RateLimit-Limit": str(self.most),
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": f"{iso8601(epoch_ms + now + self.wait_ms)[:19]}Z",
            "RateLimit-Reason": self.reason,
        }
