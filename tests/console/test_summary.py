"""The end of a run as text, from the summary and from its JSON form."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from forge_emu.console.chart import attempts_chart
from forge_emu.console.summary import render_summary
from forge_emu.errors import Problem
from forge_emu.report.summary import Advice, AttemptSeries, RetryFigures, Summary
from forge_emu.report.summary_builder import SummaryBuilder
from tests.console.golden import check_golden, plain_text
from tests.timeline.burst import add_burst, usage
from tests.timeline.stream import Stream


def _burst(stop: int | None = None) -> Summary:
    builder = SummaryBuilder()
    stream = Stream(builder.add_record)
    now = 0
    for now in add_burst(stream):
        if stop is not None and now > stop:
            break
    return builder.summary(now=now, usage=usage())


def _wave() -> Summary:
    """Sixty events that fail together and retry together, three times over."""
    builder = SummaryBuilder()
    stream = Stream(builder.add_record)
    problem = Problem(
        "src/index.js",
        2,
        10,
        "`storage` is not exported by @forge/api 8",
        "Install @forge/kvs and import `kvs` from it.",
        "warning",
        "storage-removed",
    )
    stream.loaded(problems=[problem])
    for n in range(60):
        stream.pushed(n * 40, f"e{n}")
    for round_ in range(4):
        at = 3_000 + round_ * 20_000
        for n in range(60):
            if round_ == 3 and n % 2:
                stream.succeeded(at + n * 5, f"e{n}")
                continue
            stream.push_refused(at + n * 5)
            stream.failed(at + n * 5, f"e{n}")
            if round_ == 3:
                stream.dropped(at + n * 5 + 20, f"e{n}")
            else:
                stream.retry(at + n * 5 + 20, f"e{n}", at + 20_000 + n * 5, count=round_ + 1)
    return builder.summary(now=70_000, usage=usage())


@pytest.mark.parametrize(
    ("pending", "words"),
    [
        (0, "an earlier run counts in the limits alone"),
        (1, "with 1 delivery that an earlier run had left"),
        (2_000, "with 2,000 deliveries that an earlier run had left"),
    ],
)
def test_a_run_that_goes_on_says_what_counts(pending: int, words: str) -> None:
    """Figures of events begin with the run, those of limits with the state."""
    summary = msgspec.structs.replace(SummaryBuilder().summary(now=0), taken_over=pending)
    assert words in plain_text(render_summary(summary, 80), 80)


@pytest.mark.parametrize("width", [80, 160])
def test_the_end_of_a_burst(width: int) -> None:
    """Every section, with what still pends."""
    check_golden(f"summary-burst-{width}", plain_text(render_summary(_burst(60_000), width), width))


def test_a_retry_wave_is_seen_as_a_wave() -> None:
    """Three towers of retries with nothing between them, and the advice that goes with them."""
    check_golden("summary-wave-80", plain_text(render_summary(_wave(), 80), 80))


def test_expired_events_have_a_column_where_there_are_some() -> None:
    """Beside the dropped ones, which they are not."""
    builder = SummaryBuilder()
    stream = Stream(builder.add_record)
    stream.pushed(0, "e")
    stream.expired(9_000, "e")
    rows = plain_text(render_summary(builder.summary(now=9_000), 100), 100).splitlines()
    heads = next(row.split() for row in rows if "succeeded" in row)
    events = next(row.split()[2:] for row in rows if row.strip().startswith("events pushed"))

    assert heads == ["total", "succeeded", "dropped", "expired", "cancelled", "pending"]
    assert events == ["1", "0", "0", "1", "0", "0"]
    assert "expired" not in plain_text(render_summary(Summary(), 100), 100)


def test_an_empty_run_is_short() -> None:
    """Nothing happened, and nothing is drawn."""
    check_golden("summary-empty-80", plain_text(render_summary(Summary(), 80), 80))


def test_the_json_form_renders_the_same() -> None:
    """What `trigger --wait` gets over HTTP looks like what `run` prints."""
    summary = _wave()
    decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(summary))

    assert plain_text(render_summary(decoded, 80), 80) == plain_text(
        render_summary(summary, 80), 80
    )


@pytest.mark.parametrize("width", [40, 60, 79, 80, 100, 160, 300])
def test_no_row_overflows(width: int) -> None:
    """At any width."""
    rows = plain_text(render_summary(_wave(), width), width).splitlines()

    assert max(map(len, rows)) <= width


def test_a_step_is_as_tall_as_its_share() -> None:
    """The tallest column fills the height; half of it fills half."""
    picture = AttemptSeries(0, 1_000, [10, 5, 0, 10], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0])
    rows = [row.plain[10:] for row in attempts_chart(picture, 14 + 1)][:10]
    heights = ["".join(column).count("█") for column in zip(*rows, strict=True)]

    assert heights[:4] == [10, 5, 0, 10]


def test_a_single_refusal_is_not_lost_in_a_crowd() -> None:
    """Whatever is there at all has a cell."""
    picture = AttemptSeries(0, 1_000, [1_000], [0], [1], [0])

    (refused,) = (row.plain for row in attempts_chart(picture, 80) if "refused" in row.plain[:10])
    assert "█" in refused


def test_a_short_run_has_a_scale_too() -> None:
    """In milliseconds, where whole seconds would say the same twice."""

    def scale(width_ms: int) -> list[str]:
        rows = attempts_chart(AttemptSeries(0, width_ms, [9, 9], [0, 0], [0, 0], [0, 0]), 80)
        return next(row.plain.split() for row in rows if "0:00" in row.plain)

    assert scale(300) == ["0:00.000", "0:00.300", "0:00.600"]
    assert scale(2_000) == ["0:00", "0:02", "0:04"]


def test_an_attempt_is_counted_once() -> None:
    """What it met is a row of its own: the scale is that of attempts."""
    picture = AttemptSeries(0, 1_000, [40, 0], [0, 30], [40, 20], [0, 10])
    scale, *rows = (row.plain for row in attempts_chart(picture, 80))
    assert scale.split()[0] == "40"
    assert [row.split()[0] for row in rows if row.split()[0] in ("refused", "deferred")] == [
        "refused",
        "deferred",
    ]


@pytest.mark.parametrize(
    ("first", "retries", "drawn"),
    [([18, 0], [0, 1], False), ([18, 1], [0, 1], True), ([999], [1], False)],
)
def test_a_run_too_small_for_a_chart_gets_none(
    first: list[int], retries: list[int], drawn: bool
) -> None:
    """Of few attempts, and of those of a single step, the figures say as much."""
    nothing = [0] * len(first)
    over_time = AttemptSeries(0, 1_000, first, retries, nothing, nothing)
    text = plain_text(render_summary(Summary(attempts_over_time=over_time), 80), 80)
    assert ("Attempts over time" in text) == drawn


def test_the_brief_form_says_the_same_in_fewer_rows() -> None:
    """No picture and no empty rows; every figure and all advice."""
    text = plain_text(render_summary(_wave(), 120, brief=True), 120)
    assert "Attempts over time" not in text
    assert "\n\n" not in text
    for words in ("4 attempts 60", "max_retries", "units/min", "Advice", "fell due within"):
        assert words in text
    assert len(text.splitlines()) <= 29


def test_the_brief_form_has_what_belongs_together_on_one_row() -> None:
    """Reasons of a kind, who asked for retries, and the places of advice where there is room."""
    summary = Summary(
        retries=RetryFigures(3, {"FUNCTION_OUT_OF_TIME": 2, "OTHER": 1}, {"app": 3}),
        invocations={"success": 1_000, "error": 7},
        logs={"warn": 3},
        advice=[
            Advice("hot_key", "One key.", {}, ["src/a.js:3"]),
            Advice("r", "x" * 115, {}, ["b:1"]),
        ],
    )
    text = plain_text(render_summary(summary, 120, brief=True), 120)
    lines = [line.rstrip() for line in text.splitlines()]

    assert "retries           2 FUNCTION_OUT_OF_TIME, 1 OTHER; asked for by: 3 app" in lines
    assert "invocations       1,000 success, 7 error; log lines: 3 warn" in lines
    assert " ▪ One key. at src/a.js:3" in lines
    assert lines[-1] == "   at b:1"


def test_counts_that_do_not_fit_on_one_row_have_their_own() -> None:
    """Nothing is cut that has room below."""
    reasons = {f"REASON_{n}_OF_WHICH_THERE_ARE_MANY": n for n in range(1, 4)}
    summary = Summary(retries=RetryFigures(6, reasons, {"app": 5, "platform": 1}))
    text = plain_text(render_summary(summary, 120, brief=True), 120)

    assert "asked for by      5 app, 1 platform" in [line.rstrip() for line in text.splitlines()]


def test_advice_names_its_places() -> None:
    """On a line of its own, as editors and terminals recognise it."""
    found = Summary(advice=[Advice("hot_key", "One key.", {}, ["src/index.js:3", "src/b.js:9"])])
    text = plain_text(render_summary(found, 80), 80)

    assert "   at src/index.js:3, src/b.js:9" in [line.rstrip() for line in text.splitlines()]
