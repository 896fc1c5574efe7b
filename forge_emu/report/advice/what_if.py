"""What would have avoided a limit, found by simulating the run again with one thing changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from forge_emu import settings as s
from forge_emu.durations import duration_text
from forge_emu.model import MINUTE, SECOND, Millis
from forge_emu.report.format import plural
from forge_emu.report.summary import Advice, Summary
from forge_emu.settings import SettingValue

SPAN_FACTORS = (1.0, 1.25, 1.5, 2.0, 3.0)
"""Times the least span that the limit needs, tried one after another until nothing is refused."""

LONGEST: Millis = 24 * 60 * MINUTE
"""Spans beyond a day are not tried."""


class Alternative(msgspec.Struct, frozen=True):
    """One thing done otherwise than in the run under review.

    `spread_ms` (None: as it was) spreads the product events over that time; `overrides` are
    settings.
    """

    description: str
    spread_ms: Millis | None = None
    overrides: dict[str, SettingValue] = msgspec.field(default_factory=dict)


RunAlternative = Callable[[Alternative], Summary]
"""Simulates the same run, with the same seed, under an alternative."""


def alternatives_for(finding: Advice) -> Iterator[list[Alternative]]:
    """Series of alternatives that might avoid what `finding` found, the mildest of each first."""
    needs = finding.detail.get("needs_ms")
    if finding.rule not in ("push_rate", "kvs_rate") or not isinstance(needs, int) or not needs:
        return
    spans = [round(needs * step / SECOND) * SECOND for step in SPAN_FACTORS]
    spreads = [span_ms for span_ms in spans if SECOND <= span_ms <= LONGEST]
    if finding.rule == "kvs_rate":
        most = s.DELIVERY_PUSH_SPREAD_SECONDS.maximum or 0
        yield [
            Alternative(
                f"a random `delayInSeconds` of up to {span_ms // SECOND:,}",
                overrides={s.DELIVERY_PUSH_SPREAD_SECONDS.name: span_ms // SECOND},
            )
            for span_ms in spreads
            if span_ms <= most * SECOND
        ]
    yield [
        Alternative(
            f"spreading the product events over {duration_text(span_ms)}", spread_ms=span_ms
        )
        for span_ms in spreads
    ]


def with_alternatives(summary: Summary, run_alternative: RunAlternative) -> Summary:
    """The summary with, beside each limit that was hit often, what avoided it when tried."""
    advice: list[Advice] = []
    for finding in summary.advice:
        advice.append(finding)
        advice += [
            _try_alternatives(finding, alternatives, run_alternative)
            for alternatives in alternatives_for(finding)
            if alternatives
        ]
    return msgspec.structs.replace(summary, advice=advice)


def _try_alternatives(
    finding: Advice, alternatives: list[Alternative], run_alternative: RunAlternative
) -> Advice:
    """Advice on the mildest alternative that avoids the limit, or that none does."""
    limit = str(finding.detail["limit"])
    for alternative in alternatives:
        summary = run_alternative(alternative)
        refused = refusals_of(summary, limit)
        if not refused:
            return _alternative_advice(
                limit, alternative, summary, 0, f"avoids every refusal by `{limit}`"
            )
    return _alternative_advice(
        limit, alternative, summary, refused, f"still has {plural(refused, 'refusal')} by `{limit}`"
    )


def refusals_of(summary: Summary, limit: str) -> int:
    """How often `limit` refused something."""
    return summary.refusals.push.get(limit, 0) + summary.refusals.kvs.get(limit, 0)


def _alternative_advice(
    limit: str, alternative: Alternative, summary: Summary, refused: int, outcome: str
) -> Advice:
    events = summary.events
    dropped = events.dropped + events.expired + summary.product_events.dropped
    spans = summary.time_to_success
    return Advice(
        "tried",
        f"Tried in simulation: {alternative.description} {outcome}; {plural(dropped, 'event')} "
        f"dropped, 95 % of events done within {duration_text(spans.p95_ms)}, all within "
        f"{duration_text(spans.max_ms)}.",
        {
            "limit": limit,
            "change": alternative.description,
            "spread_ms": alternative.spread_ms,
            "overrides": alternative.overrides,
            "refusals": refused,
            "dropped": dropped,
            "p95_ms": spans.p95_ms,
            "max_ms": spans.max_ms,
        },
    )
