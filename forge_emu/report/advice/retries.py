"""Findings about retries: given up, moved into bounds, all at once."""

from __future__ import annotations

from forge_emu.durations import duration_text
from forge_emu.model import DropReason
from forge_emu.offsets import clock_text
from forge_emu.report.advice.observations import Observations
from forge_emu.report.advice.retry_mistakes import RETRY_AFTER
from forge_emu.report.format import plural
from forge_emu.report.summary import Advice, Summary

WAVE_RETRIES = 20
"""Retries below which nothing is called a wave."""
WAVE_SHARE = 0.5
_ROUNDS = {1: "first", 2: "second", 3: "third", 4: "fourth"}


def dropped_max_retries(summary: Summary, facts: Observations) -> list[Advice]:
    """Two pages of the documentation disagree on when an event is given up.

    storage-api-limit-handling/ (2026-08-21) names four retries, runtime-reference/async-events-api/
    (2026-09-01) retries until the retention window ends. Of those that `@forge/events` 0 and 1
    push, async-events-api-version-2-upgrade/ (2025-06-06) says four.
    """
    dropped = facts.dropped_events
    n, first_form = summary.drops.get(DropReason.MAX_RETRIES, 0), dropped.of_first_form
    limits = ", ".join(f"`{name}`" for name in sorted(dropped.invocation_limits))
    unbegun = dropped.never_began if limits else 0
    why = (
        f" {unbegun:,} of them never began: {limits} let no attempt begin, which counts as an "
        "error of the app."
        if unbegun
        else ""
    )
    handler = facts.places.find_handler(facts.consumers.get(dropped.last_queue))
    endings = (
        (
            n - first_form,
            "Atlassian's rate-limit guide names four retries; its API reference retries until the "
            "24 h window ends. To see that: `--set async_events.max_retries=none`.",
        ),
        (
            first_form,
            "Events of `@forge/events` 0 and 1 have four retries and no retention window. Those "
            "of version 2 and 3 are, as the API reference has it, retried until the 24 h window "
            "ends.",
        ),
    )
    return [
        Advice(
            "dropped_max_retries",
            f"{plural(count, 'event')} dropped after the last retry, at most "
            f"{duration_text(dropped.longest_age)} after the push.{why} {text}",
            {"events": count, "longest_age_ms": dropped.longest_age},
            handler if unbegun < n else [],
        )
        for count, text in endings
        if count
    ]


def expired(summary: Summary, facts: Observations) -> list[Advice]:
    """At the end of a window that platform errors made longer, an event is retried no more.

    runtime-reference/async-events-api/ (2026-09-01)
    """
    n = summary.events.expired
    if not n:
        return []
    return [
        Advice(
            "expired",
            f"{plural(n, 'event')} expired: platform errors lasted until the end of the retention "
            "window, and the platform does not call such an event dropped, but retries it no more. "
            "What it was to do is not done: let a scheduled trigger look for such work and push "
            "it again.",
            {"events": n},
        )
    ]


def first_retry_at_once(summary: Summary, facts: Observations) -> list[Advice]:
    """`retryAfter` 0 is raised to 1 s, by `@forge/events` itself and by the platform.

    runtime-reference/async-events-api/ (2026-09-01)
    """
    if not (facts.retry_waits.first_at_once and facts.known_errors.met_a_rate):
        return []
    return [
        Advice(
            "first_retry_at_once",
            f"{plural(facts.retry_waits.first_at_once, 'first retry', 'first retries')} came back "
            "after 1 s, the least there is: `retryAfter` 0 is raised to 1 s. A limit per minute "
            "has hardly moved by then, and one of few retries is used up. Begin with a wait as "
            "long as the limit's window.",
            {"retries": facts.retry_waits.first_at_once},
            facts.places.find_code(RETRY_AFTER),
        )
    ]


def retry_after_clamped(summary: Summary, facts: Observations) -> list[Advice]:
    """`retryAfter` outside of [1, 900] seconds is moved into it without a word.

    runtime-reference/async-events-api/ (2026-09-01)
    """
    found, waits = [], facts.retry_waits
    if waits.raised:
        found.append(
            Advice(
                "retry_after_raised",
                f"{plural(waits.raised, 'retry', 'retries')} asked for less than the least wait "
                f"(down to {duration_text(waits.shortest_asked or 0)}) and waited longer than the "
                "code says.",
                {"retries": waits.raised, "least_asked_ms": waits.shortest_asked},
                facts.places.find_code(RETRY_AFTER),
            )
        )
    if waits.lowered:
        found.append(
            Advice(
                "retry_after_lowered",
                f"{plural(waits.lowered, 'retry', 'retries')} asked for more than the longest wait "
                f"(up to {duration_text(waits.longest_asked or 0)}) and came sooner than the code "
                "says. For a longer pause, push a new event later instead of retrying this one.",
                {"retries": waits.lowered, "most_asked_ms": waits.longest_asked},
                facts.places.find_code(RETRY_AFTER),
            )
        )
    return found


def retry_mistakes(summary: Summary, facts: Observations) -> list[Advice]:
    """What looks like a request for a retry and is none, or is one that cannot be sent whole."""
    mistakes = facts.retry_mistakes
    return [*mistakes.findings(facts.places), *mistakes.raised_by_the_package(facts.places)]


def retry_wave(summary: Summary, facts: Observations) -> list[Advice]:
    """Retries that fall due together meet the limit together, and fail together again."""
    if not facts.known_errors.met_a_rate:
        return []
    densest = facts.retry_waits.due_times.densest_two_seconds(WAVE_RETRIES)
    if densest is None or densest[2] < densest[1] * WAVE_SHARE:
        return []
    round_, total, together, at = densest
    which = f"{total:,} {_ROUNDS.get(round_, '')} retries".replace("  ", " ")
    events = max(summary.events.pushed, summary.product_events.sent)
    share = f"{100 * together / total:.0f} %"
    if events:
        share += f", and {100 * together / events:.0f} % of all events"
    return [
        Advice(
            "retry_wave",
            f"{together:,} of {which} ({share}) fell due within the same 2 s (at "
            f"{clock_text(at)}): a wave that meets the limit again. Add a random part to "
            "`retryAfter`, wide enough to spread them over the time the limit needs.",
            {
                "retry": round_,
                "retries": total,
                "together": together,
                "share": round(together / total, 3),
                "share_of_events": round(together / events, 3) if events else None,
                "at_ms": at,
            },
            facts.places.find_code(RETRY_AFTER),
        )
    ]
