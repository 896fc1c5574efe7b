"""What is embedded in the page, and that nothing of it can break out."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from forge_emu.records import EventDeferred
from forge_emu.report import SummaryBuilder
from forge_emu.report.page import PageBuilder, RunInfo, render_page
from forge_emu.report.page.columns import TextTable
from tests.report.pages import NASTY, import_of_issues
from tests.timeline.stream import BOOM, Stream

TEMPLATE = '<script type="application/json">{{run}}</script>'


def _played() -> tuple[PageBuilder, Stream]:
    builder = PageBuilder()
    return builder, Stream(builder.add_record)


def _attempts(columns: dict[str, Any]) -> list[dict[str, Any]]:
    """Attempts as dictionaries, with words for their numbers."""
    found: dict[str, list[int]] = columns["attempts"]
    plain = [dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True)]
    event = at = 0
    for row in plain:
        event, at = event + row["event"], at + row["at"]
        row["event"], row["at"] = event, at
        for name in ("function", "outcome", "refused", "error"):
            row[name] = columns["words"][row[name]] if row[name] >= 0 else None
    return plain


def test_hostile_text_cannot_end_the_script() -> None:
    """No markup of an app's is left in the page, and the JSON is the same all the same."""
    played = import_of_issues(20)
    summary = played.summary.summary(now=90_000)
    html = render_page(
        TEMPLATE, summary, played.builder.columns(90_000), RunInfo("1", NASTY, "a")
    ).decode()
    (text,) = re.findall(r">(.*?)</script>", html, re.S)

    assert html.count("<") == TEMPLATE.count("<")
    assert msgspec.json.decode(text)["about"]["app_name"] == NASTY
    assert NASTY in msgspec.json.decode(text)["words"]


@pytest.mark.parametrize("template", ["", "<html>", "{{run}} {{run}}"])
def test_a_template_without_one_slot_is_refused(template: str) -> None:
    """Half a page is no page."""
    with pytest.raises(ValueError, match="make setup"):
        render_page(template, SummaryBuilder().summary(now=0), {}, RunInfo("1", "n", "i"))


def test_only_events_in_trouble_have_a_story() -> None:
    """The others went through at once; a success after trouble belongs to the story."""
    builder, stream = _played()
    for id in ("good", "bad"):
        stream.pushed(0, id)
    stream.succeeded(500, "good")
    stream.failed(500, "bad", outcome="error", error=BOOM)
    stream.retry(520, "bad", 5_520, by="platform")
    stream.succeeded(5_520, "bad")
    columns = builder.columns(6_000)

    found = [(a["event"], a["outcome"], a["due"], a["error"]) for a in _attempts(columns)]
    assert found == [(1, "error", 5_520, "Error: boom"), (1, "success", -1, None)]
    assert columns["ids"] == ["good", "bad"]
    assert columns["events"]["state"] == [1, 1]
    assert columns["events"]["attempts"] == [1, 2]


def test_what_a_delivery_waits_for_is_part_of_its_story() -> None:
    """A limit that put it off, once or again and again."""
    builder, stream = _played()
    stream.pushed(0, "e")
    for at in (500, 1_500):
        stream.record(
            at, EventDeferred(limit="concurrency:k", due_at=at + 1_000, event_id="e", queue="q")
        )
    stream.succeeded(2_500, "e")

    found = [(a["outcome"], a["refused"], a["due"]) for a in _attempts(builder.columns(3_000))]
    assert found == [
        ("deferred", "concurrency:k", 1_500),
        ("deferred", "concurrency:k", 2_500),
        ("success", None, -1),
    ]


def test_events_are_tied_to_the_product_event_they_descend_from() -> None:
    """With its subject."""
    builder, stream = _played()
    stream.sent(0, "p", subject="EMU-1")
    by = stream.triggered(0, "p")
    stream.pushed(10, "e", by=by)
    stream.pushed(20, "f", by=stream.started(510, "e"))
    columns = builder.columns(600)

    assert columns["events"]["parent"] == [-1, 0, 1]
    assert {columns["words"][n] for n in columns["events"]["subject"]} == {"EMU-1"}


def test_what_still_runs_is_shown_as_running() -> None:
    """With its start, and no end."""
    builder, stream = _played()
    stream.pushed(0, "e")
    stream.started(500, "e")
    columns = builder.columns(900)

    assert [(row, attempt, at) for row, _, attempt, at in columns["running"]] == [(0, 1, 500)]


def test_memory_is_bounded() -> None:
    """Beyond what is listed, events and attempts are only counted."""
    builder = PageBuilder(most_events=3, most_attempts=2)
    stream = Stream(builder.add_record)
    for n in range(5):
        stream.pushed(0, f"e{n}")
        stream.failed(500, f"e{n}")
        stream.retry(520, f"e{n}", 1_520)
        stream.dropped(1_520, f"e{n}")
    columns = builder.columns(2_000)

    assert columns["left_out"] == {"events": 2, "attempts": 1}
    assert len(columns["ids"]) == 3
    assert len(columns["attempts"]["at"]) == 2


def test_words_beyond_the_table_are_dots() -> None:
    """An app that makes up a new error for every event does not grow the page for ever."""
    words = TextTable(most=2)

    assert [words.number(text) for text in ("a", "b", "c", "a", None, "")] == [0, 1, 2, 0, -1, -1]
    assert words.number("d") == 2
    assert words.texts == ["a", "b", "…"]


def test_limits_that_were_met_say_what_they_carry() -> None:
    """4,000 units a minute are 333 writes of 12 units; a limit never met is not drawn."""
    columns = import_of_issues(40).builder.columns(90_000)

    assert columns["capacity"] == [
        {"name": "limits.kvs.write_units_per_minute", "per_minute": pytest.approx(4_000 / 12)}
    ]


def test_the_same_records_make_the_same_page() -> None:
    """Byte for byte."""
    pages = {
        render_page(
            TEMPLATE,
            played.summary.summary(now=90_000),
            played.builder.columns(90_000),
            RunInfo("1", "n", "i"),
        )
        for played in (import_of_issues(50), import_of_issues(50))
    }

    assert len(pages) == 1
