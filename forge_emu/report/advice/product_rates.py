"""Findings about calls of products that their limits refused."""

from __future__ import annotations

from collections import Counter
from typing import Final

from forge_emu import settings as s
from forge_emu.durations import duration_text
from forge_emu.report.advice.observations import Observations
from forge_emu.report.advice.refusal_kinds import may_pass_later
from forge_emu.report.format import limit_text, plural
from forge_emu.report.summary import Advice, Summary

_READS_HEADER: Final = r"(?i)retry-after"


def product_rate(summary: Summary, facts: Observations) -> list[Advice]:
    """Calls of Jira and Confluence that were refused (429), and what the app made of it.

    https://developer.atlassian.com/cloud/jira/platform/rate-limiting/ (2026-08-12)
    """
    refused = {
        name: n
        for name, n in summary.refusals.requests.items()
        if name in facts.refused_calls.longest_wait and may_pass_later(name)
    }
    reads_header = bool(refused and facts.places.find_code(_READS_HEADER))
    return [_finding(facts, name, n, reads_header) for name, n in refused.items()]


def _finding(facts: Observations, name: str, refusals: int, reads_header: bool) -> Advice:
    calls = facts.refused_calls
    undone, early = calls.left_undone[name], calls.too_early[name]
    wait = calls.longest_wait[name]
    sentences = [f"{plural(refusals, 'call')} refused (429) by {limit_text(name)}."]
    if undone:
        sentences.append(
            f"{plural(undone, 'invocation')} succeeded all the same, without the call made again: "
            "what it was for is lost, unless the app does it elsewhere."
        )
    if early:
        sentences.append(f"{plural(early, 'call')} came again before `Retry-After` had passed.")
    if not reads_header:
        sentences.append("Nothing in the app's code reads `Retry-After`.")
    longest = f" (up to {duration_text(wait)} here)" if wait else ""
    sentences.append(
        f"Wait as long as `Retry-After` says{longest} and a random time more: in the handler, or "
        "with a returned `InvocationError({ retryAfter })`."
    )
    return Advice(
        "product_rate",
        " ".join(sentences),
        {
            "limit": name,
            "refusals": refusals,
            "left_undone": undone,
            "too_early": early,
            "reads_retry_after": reads_header,
            "longest_wait_ms": wait,
            "allowed": facts.settings[setting] if (setting := s.find_setting(name)) else None,
        },
        [place for place, _ in calls.places.get(name, Counter[str]()).most_common(3)],
    )
