"""What a product lets an app call: points an hour, calls of an operation a second, writes to an
issue. A refused call uses nothing of them.

The points are saved. Buckets and windows of some seconds begin anew with an emulator.
"""

from __future__ import annotations

from forge_emu import settings as s
from forge_emu.engine.product_rates.bursts import Bursts
from forge_emu.engine.product_rates.issue_writes import IssueWrites
from forge_emu.engine.product_rates.refusals import ProductCall, RateRefusal
from forge_emu.engine.quota import Meter, Meters
from forge_emu.model import SECOND, Instant, LimitUsage
from forge_emu.settings.rate import POINTS

_NEAR_LIMIT = 0.2
"""The share of the points from which on answers say that few are left."""


class ProductRates:
    """The limits of every product on the calls of the app."""

    def __init__(self, settings: s.Settings, epoch_ms: int) -> None:
        self._epoch_ms = epoch_ms
        self._points = {
            product: Meters(resource, settings, epoch_ms) for product, resource in POINTS.items()
        }
        self._bursts = Bursts(settings)
        self._issue_writes = IssueWrites(settings)

    @property
    def meters(self) -> list[Meter]:
        """The points of every product: what is saved."""
        return [meter for meters in self._points.values() for meter in meters.all]

    def refuse_call(self, call: ProductCall, now: Instant) -> RateRefusal | None:
        """The refusal of a call; None where it goes through, and then it is counted, but for its
        points."""
        refusal = (
            self._refuse_without_points(call, now)
            or self._bursts.find_refusal(call, now)
            or self._issue_writes.find_refusal(call, now)
        )
        if refusal is None:
            self._bursts.take_token(call, now)
            self._issue_writes.add_write(call, now)
        return refusal

    def add_points(self, product: str, points: int, now: Instant) -> None:
        """Count what an answer has cost."""
        self._points[product].consume(now, points)

    def headers(self, call: ProductCall, now: Instant) -> dict[str, str]:
        """What an answer tells of the limits."""
        found = self._bursts.headers(call, now)
        for meter in self._points[call.product].all:
            found |= self._points_headers(meter, now)
        return found

    def usage(self, now: Instant) -> list[LimitUsage]:
        """The points of products that were called."""
        return [
            use
            for meters in self._points.values()
            for use in meters.usage(now)
            if use.peak or use.hits
        ]

    def _refuse_without_points(self, call: ProductCall, now: Instant) -> RateRefusal | None:
        full = self._points[call.product].find_full(now, 1)
        if full is None or full.limit is None:
            return None
        full.count_refusal(now, 1)
        reason = f"{call.product}-quota-global-based"
        wait = full.window.next_start(now) - now
        return RateRefusal(full.name, reason, int(full.limit), wait)

    def _points_headers(self, meter: Meter, now: Instant) -> dict[str, str]:
        """The policy and what is left, as the structured headers have it once they are enforced."""
        if meter.limit is None:
            return {}
        window = meter.window
        left = max(0, int(meter.limit - window.total(now)))
        until = -(-(window.next_start(now) - now) // SECOND)
        near = left < meter.limit * _NEAR_LIMIT
        found = {
            "RateLimit-Policy": (
                f'"global-app-quota";q={meter.limit:g};w={window.period // SECOND}'
            ),
            "RateLimit": f'"global-app-quota";{f"r={left};" if near else ""}t={until}',
        }
        return {**found, "X-RateLimit-NearLimit": "true"} if near else found
