"""The finding about calls that limits of products refused."""

from __future__ import annotations

from forge_emu.model import App
from forge_emu.report.advice.source_places import SourcePlaces
from forge_emu.report.summary import Advice
from forge_emu.report.summary_builder import SummaryBuilder
from tests.report.collectors.test_refused_calls import LIMIT, answer, finish
from tests.timeline.stream import Stream

APP = App("id", "Test", "manifest.yml", None, {}, (), ())


def findings(source: str, statuses: list[int], outcome: str) -> list[Advice]:
    """The findings about one invocation of an app whose only file is `source`."""
    builder = SummaryBuilder()
    builder.places = SourcePlaces(APP, lambda: {"src/index.js": source})
    stream = Stream(builder.add_record)
    for number, status in enumerate(statuses):
        answer(stream, number, status)
    finish(stream, 10, outcome)
    return [each for each in builder.summary(now=10).advice if "429" in each.message]


def test_a_lost_call_is_named_with_its_line() -> None:
    """And that nothing reads the header."""
    (found,) = findings("const answer = await write();", [429, 429], "success")

    assert (found.rule, found.places) == ("product_rate", ["src/index.js:4"])
    assert "1 invocation succeeded all the same" in found.message
    assert "1 call came again before `Retry-After` had passed" in found.message
    assert "Nothing in the app's code reads `Retry-After`" in found.message
    assert found.detail["limit"] == LIMIT
    assert (found.detail["refusals"], found.detail["allowed"]) == (2, 50)


def test_an_app_that_asks_for_a_retry_is_told_of_the_limit_alone() -> None:
    """It reads the header."""
    (found,) = findings("headers.get('retry-after')", [429], "retry_requested")

    assert found.detail["left_undone"] == 0
    assert "Nothing in the app's code" not in found.message


def test_nothing_is_said_where_nothing_was_refused() -> None:
    """No finding at all."""
    assert findings("", [204], "success") == []
