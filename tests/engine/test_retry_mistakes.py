"""Mistakes in requests for a retry: each is on record, and said once with its place."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu import records as r
from forge_emu.engine.journal.journal import Journal
from forge_emu.engine.retry_mistakes import (
    RetryMistakes,
    mistake_text,
    unusable_retry_after,
)
from forge_emu.model import Failed, Json, RetryMistake, RetryRequested, Success
from tests.engine.world import BOOM, World

KINDS = (
    "retry_after",
    "retry_reason",
    "retry_data",
    "returned_error",
    "nested_request",
    "plain_request",
)


def examined(outcome: Any, *, data_is_object: bool = False) -> list[tuple[str, str]]:
    """Kind and words of what is wrong with an outcome."""
    found = RetryMistakes(Journal(0)).examine(outcome, "work", data_is_object=data_is_object)
    return [(mistake.kind, mistake.given) for mistake in found]


@pytest.mark.parametrize(
    ("after", "given"),
    [
        ("NaN", "NaN"),
        ("60", "60"),
        ("null", "null"),
        (-5, None),
        (True, "true"),
        ("x" * 100, "x" * 79 + "…"),
        (None, None),
        (0, None),
        (2.5, None),
        (5_000, None),
    ],
)
def test_a_wait_is_a_number_of_seconds(after: Json, given: str | None) -> None:
    """Too long a one is lowered, one below 0 raised, which is on record in its own way."""
    outcome = RetryRequested(after)
    assert unusable_retry_after(outcome) == given
    assert examined(outcome) == ([] if given is None else [("retry_after", f"`{given}`")])


@pytest.mark.parametrize(
    ("after", "words"),
    [("60", "a text: here it counts"), ("NaN", "no number"), ("soon", "no number"), ("", "no num")],
)
def test_what_is_said_of_a_wait_is_what_comes_of_it(after: str, words: str) -> None:
    """A text of digits is read as its number; anything else leaves the wait to the platform."""
    assert words in mistake_text("work", RetryMistake("retry_after", f"`{after}`"))
    world = World()
    world.send_product_event()
    world.end_invocation(RetryRequested(after))
    (retry,) = world.bodies_of(r.RetryScheduled)
    assert (retry.retry_after_ms == 60_000) is ("counts" in words)


@pytest.mark.parametrize(
    ("reason", "wrong"),
    [("FUNCTION_RETRY_REQUEST", False), (None, False), ("mine", True), (7, True), ("", True)],
)
def test_a_reason_is_one_of_the_codes(reason: Json, wrong: bool) -> None:
    """Others reach the app again, and nobody else knows them."""
    assert bool(examined(RetryRequested(1, reason))) is wrong


@pytest.mark.parametrize(
    ("data", "wrong"), [({"n": 1}, False), ([1], True), (None, False), ("page-2", True), (7, True)]
)
def test_a_product_event_takes_an_object_as_data(data: Json, wrong: bool) -> None:
    """An event of a queue takes any JSON."""
    outcome = RetryRequested(1, None, data, 8)
    assert bool(examined(outcome, data_is_object=True)) is wrong
    assert examined(outcome) == []


def test_what_the_handler_returned_is_examined_by_its_runtime() -> None:
    """An outcome brings it along; a failure has none."""
    mistake = RetryMistake("returned_error", "Error: boom")
    assert examined(Success((mistake,))) == [("returned_error", "Error: boom")]
    assert examined(Failed(BOOM.error)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_words(kind: str) -> None:
    """What it is, of which function, and what to do about it."""
    text = mistake_text("work", RetryMistake(kind, "`this`"))
    assert text.startswith("`work` ")
    assert "this" in text
    assert len(text) > 60


def test_what_was_given_is_told_as_json() -> None:
    """As the app's code spells it, not as Python does."""
    mistakes = RetryMistakes(Journal(0))
    given = [
        found.given
        for data in (True, [1, None], "é")
        for found in mistakes.examine(RetryRequested(5, None, data), "work", data_is_object=True)
    ]
    assert [text.partition(" is no object")[0] for text in given] == [
        "`true`",
        "`[1, null]`",
        "`é`",
    ]


def test_each_kind_is_said_once_of_a_function() -> None:
    """And again after the code was loaded anew."""
    journal = Journal(0)
    mistakes = RetryMistakes(journal, lambda mistake, function: f"src/{function}.js:7")
    for function in ("work", "work", "other"):
        found = mistakes.examine(RetryRequested("NaN"), function, data_is_object=False)
        mistakes.report_new(found, function, 0)
    mistakes.forget_reported()
    found = mistakes.examine(RetryRequested("NaN"), "work", data_is_object=False)
    mistakes.report_new(found, "work", 0)
    said = [x.body.message for x in journal.take_records() if isinstance(x.body, r.Log)]
    assert [text.partition(": ")[0] for text in said] == [
        "src/work.js:7",
        "src/other.js:7",
        "src/work.js:7",
    ]


def test_the_place_that_the_runtime_knows_stands() -> None:
    """The code is looked through only where it knows none."""
    mistakes = RetryMistakes(Journal(0), lambda mistake, function: "src/guessed.js:1")
    known = Success((RetryMistake("returned_error", "E: x", "src/known.js:9"),))
    (found,) = mistakes.examine(known, "work", data_is_object=False)
    assert found.place == "src/known.js:9"


def test_a_wait_that_is_no_number_is_on_record_where_the_retry_is() -> None:
    """With what the app gave; the platform's own wait is used."""
    world = World()
    world.send_product_event()
    world.end_invocation(RetryRequested("NaN"))
    (retry,) = world.bodies_of(r.RetryScheduled)
    assert (retry.retry_after_given, retry.asked_by) == ("NaN", "app")
    assert retry.retry_after_ms > 1_000
    (finished,) = world.bodies_of(r.InvocationFinished)
    assert [mistake.kind for mistake in finished.mistakes] == ["retry_after"]
    assert len([x for x in world.bodies_of(r.Log) if x.level == "warn"]) == 1


def test_data_of_a_product_event_that_is_no_object_is_not_sent() -> None:
    """The next attempt has none, and the record says why."""
    world = World()
    world.send_product_event()
    world.end_invocation(RetryRequested(1, None, "page-2", 8))
    world.advance_to(1_000)
    assert "retryData" not in world.next_invocation().event["retryContext"]
    (finished,) = world.bodies_of(r.InvocationFinished)
    assert "no object" in finished.mistakes[0].given


def test_data_over_its_limit_that_is_left_out_is_said() -> None:
    """Where the setting lets the retry happen without it."""
    world = World(async_events__retry_data_over_limit="drop")
    world.send_product_event()
    world.end_invocation(RetryRequested(1, None, {"a": 1}, 5_000))
    (finished,) = world.bodies_of(r.InvocationFinished)
    assert finished.mistakes[0].given == "5,000 bytes of JSON, and 4 KB are allowed"
