"""The finding about calls that limits of products refused."""

from __future__ import annotations

import pytest

from forge_emu.model import App
from forge_emu.records import RequestRefused
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


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("fetch('https://good.example');\nfetch('https://bad.example/x');", [2]),
        ("fetch('https://good.example');\nfetch(base + '/x');", [1, 2]),
        ("fetch('http://bad.example/');\nfetch('https://bad.example/x');", [2]),
        ("fetch('https://bad.example:8443/');\nfetch('https://bad.example');", [2]),
        ("const host = 'bad.example';\nfetch('https://' + host);", [1]),
        ("const base = 'https://bad.example';\nfetch(base);\nfetch('https://mybad.example');", [1]),
    ],
)
def test_a_refused_request_has_the_line_of_its_host(source: str, lines: list[int]) -> None:
    """Where no line names the host, it is one of those that make requests."""
    builder = SummaryBuilder()
    builder.places = SourcePlaces(APP, lambda: {"src/index.js": source})
    refused = RequestRefused(
        service="egress",
        method="GET",
        host="https://bad.example",
        path="/x",
        status=403,
        limit="egress.permission",
        message="",
        mock=None,
        invocation_id=None,
    )
    Stream(builder.add_record).record(1, refused)
    (found,) = [a for a in builder.summary(now=10).advice if a.rule == "requests_refused"]
    assert found.places == [f"src/index.js:{line}" for line in lines]
