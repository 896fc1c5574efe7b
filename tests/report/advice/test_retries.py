"""The rules about retries: when each speaks, and when it is silent."""

from __future__ import annotations

import pytest

from forge_emu.model import HOUR
from tests.report.advice.runs import advice_of
from tests.timeline.stream import Stream


def _retries(stream: Stream, dues: list[int], clamped: int | None = None) -> None:
    """Retries after a limit was met, due then."""
    stream.push_refused(0)
    for n, due in enumerate(dues):
        stream.pushed(0, f"e{n}")
        stream.failed(500, f"e{n}")
        stream.retry(520, f"e{n}", due, clamped=clamped)


def test_drops_after_the_last_retry_name_the_setting() -> None:
    """The documentation disagrees with itself; the setting shows the other reading."""

    def play(stream: Stream) -> None:
        stream.pushed(0, "e")
        stream.dropped(90_000, "e")

    found = advice_of(play)["dropped_max_retries"]
    assert "--set async_events.max_retries=none" in found.message
    assert found.detail == {"events": 1, "longest_age_ms": 90_000}


def test_events_of_the_first_form_have_no_other_reading() -> None:
    """`@forge/events` 0 and 1 have four retries, whatever the setting."""

    def play(stream: Stream) -> None:
        stream.pushed(0, "e")
        stream.dropped(90_000, "e", first_form=True)

    found = advice_of(play)["dropped_max_retries"]
    assert "`@forge/events` 0 and 1 have four retries" in found.message
    assert "async_events.max_retries" not in found.message
    assert found.detail == {"events": 1, "longest_age_ms": 90_000}


@pytest.mark.parametrize("began", [False, True])
def test_drops_of_what_a_limit_let_not_begin_name_the_limit(began: bool) -> None:
    """The handler has nothing to do with it."""
    limit = "limits.invocations.per_minute"

    def play(stream: Stream) -> None:
        stream.pushed(0, "e")
        if began:
            stream.failed(10, "e")
        stream.retry(20, "e", 5_000, limit=limit)
        stream.dropped(90_000, "e")

    found = advice_of(play)["dropped_max_retries"]
    assert (f"1 of them never began: `{limit}` let no attempt begin" in found.message) is not began


def test_expired_events_are_not_called_dropped() -> None:
    """What they were to do is not done, and nobody says so on the platform."""

    def play(stream: Stream) -> None:
        stream.pushed(0, "e")
        stream.expired(96 * HOUR, "e")

    found = advice_of(play)
    assert found["expired"].detail == {"events": 1}
    assert "dropped_max_retries" not in found
    assert "expired" not in advice_of(lambda stream: stream.pushed(0, "e"))


@pytest.mark.parametrize(
    ("due", "asked", "rule"),
    [
        (1_520, 200, "retry_after_raised"),
        (900_520, 1_280_000, "retry_after_lowered"),
        (5_520, None, None),
    ],
)
def test_waits_moved_into_bounds_speak(due: int, asked: int | None, rule: str | None) -> None:
    """Below the least and above the most are two findings."""
    found = set(advice_of(lambda stream: _retries(stream, [due], asked)))

    assert found & {"retry_after_raised", "retry_after_lowered"} == ({rule} if rule else set())


@pytest.mark.parametrize(
    ("dues", "speaks"),
    [
        ([60_000] * 10 + list(range(70_000, 170_000, 10_000)), True),
        ([60_000] * 9 + list(range(70_000, 180_000, 10_000)), False),
        ([60_000] * 19, False),
        ([60_000] * 10 + [61_999] * 10, True),
    ],
)
def test_retries_that_fall_due_together_are_a_wave(dues: list[int], speaks: bool) -> None:
    """From twenty retries on, half of them within two seconds."""
    found = advice_of(lambda stream: _retries(stream, dues))

    assert ("retry_wave" in found) is speaks
    if speaks:
        together = found["retry_wave"].detail["together"]
        assert found["retry_wave"].detail["share_of_events"] == together / len(dues)
        assert f"{100 * together / len(dues):.0f} % of all events" in found["retry_wave"].message


@pytest.mark.parametrize(
    ("wait", "count", "by", "speaks"),
    [
        (1_000, 1, "app", True),
        (1_001, 1, "app", False),
        (1_000, 2, "app", False),
        (1_000, 1, "platform", False),
    ],
)
def test_a_first_retry_at_once_speaks(wait: int, count: int, by: str, speaks: bool) -> None:
    """`retryAfter` 0 reaches the platform as 1 s: the package raises it."""

    def play(stream: Stream) -> None:
        stream.push_refused(0)
        stream.pushed(0, "e")
        stream.failed(500, "e")
        stream.retry(520, "e", 520 + wait, count=count, by=by)

    assert ("first_retry_at_once" in advice_of(play)) is speaks


def test_where_no_limit_was_met_nothing_is_said_of_waves_and_limits() -> None:
    """They had no part in it, however many retries fell due together."""

    def play(stream: Stream) -> None:
        for n in range(40):
            stream.pushed(0, f"e{n}")
            stream.failed(500, f"e{n}", outcome="timeout")
            stream.retry(520, f"e{n}", 1_520)

    assert not {"retry_wave", "first_retry_at_once"} & set(advice_of(play))
