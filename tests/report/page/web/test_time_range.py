"""Which part of the time the charts show, as a live run goes on."""

from __future__ import annotations

import pytest

from tests.report.page.web.page_modules import evaluate

pytestmark = pytest.mark.node


def shown_after(script: str) -> list[float]:
    """What a range that began with 0 to 0.1 s shows after `script`, in seconds."""
    made = f"(() => {{ const range = new TimeRange(0, 100); {script}; return range.shown; }})()"
    shown: list[float] = evaluate("time_range.js", "TimeRange", made)
    return shown


@pytest.mark.parametrize("end_ms", [90_123, 7, 3_333_333, 86_400_001])
def test_all_of_the_time_is_shown_as_it_grows(end_ms: int) -> None:
    """Whatever the numbers round to, and though it was shown before."""
    grow = f"for (let i = 1; i <= 97; i++) range.grow(0, 100 + {end_ms} * i / 97)"
    from_, to = shown_after(grow)
    assert from_ <= 0
    assert to >= (100 + end_ms) / 1000


def test_a_part_that_was_chosen_stays() -> None:
    """Until all is asked for."""
    assert shown_after("range.grow(0, 60000); range.show(10, 20); range.grow(0, 90000)") == [10, 20]
    whole = "range.grow(0, 60000); range.show(10, 20); range.reset(); range.grow(0, 90000)"
    assert shown_after(whole)[1] > 90


def test_zooming_out_to_all_shows_what_comes_too() -> None:
    """As if no part had been chosen."""
    assert (
        shown_after("range.grow(0, 60000); range.zoom(0.5); range.zoom(9); range.grow(0, 90000)")[1]
        > 90
    )


def test_a_run_that_goes_on_has_room_at_its_end() -> None:
    """So that most of its steps change nothing that is drawn."""
    counted = (
        "let drawn = 0; range.listeners.add(() => { drawn += 1; });"
        "for (let i = 1; i <= 1000; i++) range.follow(0, 60000 + 60 * i);"
        "range.shown.push(drawn)"
    )
    from_, to, drawn = shown_after(counted)
    assert from_ <= 0
    assert 120 <= to < 140
    assert drawn < 30
