"""Requests to products get the answers that the user has written, and nothing else does."""

from __future__ import annotations

import msgspec
import pytest

from forge_emu.model import Json
from forge_emu.records import RequestMocked
from forge_emu.services.mocks.mock import Mock, MockAnswer, Mocks
from forge_emu.services.mocks.request_pattern import parse_pattern
from tests.services.mocks.mock_driver import ISSUE, JIRA, WIKI, answered, mock
from tests.services.platforms import request


def test_names_are_filled_into_the_answer() -> None:
    """At every depth; braces of other names stay."""
    body: Json = {"key": "{key}", "n": 1, "deep": [{"self": "/issue/{key}"}, "{other}", None]}
    response, record = answered([mock(ISSUE, body=body, status=201)], "/rest/api/3/issue/EMU-9")
    assert (response.status, response.reason) == (201, "Created")
    assert msgspec.json.decode(response.body) == {
        "key": "EMU-9",
        "n": 1,
        "deep": [{"self": "/issue/EMU-9"}, "{other}", None],
    }
    assert record == RequestMocked(
        service="fpp/app/jira",
        method="GET",
        path="/rest/api/3/issue/EMU-9",
        status=201,
        mock="forge-emu.yml:4",
        invocation_id="inv-1",
    )


def test_the_first_that_fits_answers() -> None:
    """A product's own mock is passed over for another product."""
    mocks = [
        mock("GET /x", product="confluence", body=1),
        mock("GET /{any}", body=2),
        mock("GET /x", body=3),
    ]
    assert answered(mocks, "/x")[0].body == "2"
    assert answered(mocks, "/x", options=WIKI)[0].body == "1"
    assert answered(mocks, "/x", options={"type": "frc", "remote": "backend"})[0].body == "2"


def test_text_and_nothing_are_sent_as_they_are() -> None:
    """Only what is not text becomes JSON."""
    plain = mock("GET /t/{n}", body="no. {n}", is_json=False, headers={"content-type": "text/x"})
    response, _ = answered([plain], "/t/7")
    assert (response.body, response.headers) == ("no. 7", {"content-type": "text/x"})
    assert answered([mock("DELETE /t", status=204)], "/t", "DELETE")[0].body == ""
    assert answered([mock("GET /t", status=599)], "/t")[0].reason == ""


@pytest.mark.parametrize(
    ("wanted", "body", "fits"),
    [
        ("hello", "say hello", True),
        ("hello", None, False),
        ({"a": 1}, '{"a": 1, "b": 2}', True),
        ({"a": {"b": [1, {"c": "x"}]}}, '{"a": {"b": [1, {"c": "x", "d": 0}], "z": 1}}', True),
        ({"a": [1]}, '{"a": [1, 2]}', False),
        ({"a": 1}, '{"a": true}', False),
        ({"a": None}, '{"a": null}', True),
        ({"a": None}, "{}", False),
        ({"a": 1}, "no json", False),
        ({"a": 1}, "[" * 5_000, False),
        ([{"a": 1}], '[{"a": 1, "b": 2}]', True),
    ],
)
def test_a_mock_may_look_at_the_body(wanted: Json, body: str | None, fits: bool) -> None:
    """Text must be in it; fields and items must be in its JSON."""
    asked = request("/x", body, JIRA)

    assert (mock("POST /x", request_body=wanted).match(asked) is not None) is fits


def test_answers_come_in_turn() -> None:
    """The last one is repeated, and each mock counts for itself."""
    answers = tuple(MockAnswer(status=status) for status in (500, 429, 200))
    mocks = Mocks()
    mocks.all = [
        Mock("forge-emu.yml:2", parse_pattern("GET /x"), answers=answers),
        Mock("forge-emu.yml:5", parse_pattern("GET /y"), answers=answers[1:]),
    ]

    def statuses(path: str, times: int) -> list[int]:
        asked = request(path, None, JIRA, method="GET")
        found = [mocks.take_answer(asked) for _ in range(times)]
        return [each.answer.status for each in found if each]

    assert statuses("/x", 2) == [500, 429]
    assert statuses("/y", 3) == [429, 200, 200]
    assert statuses("/x", 2) == [200, 200]


def test_a_mock_that_stays_in_its_line_keeps_its_count() -> None:
    """The file was read again, and is another object."""
    mocks = Mocks()
    answers = (MockAnswer(500), MockAnswer(200))
    asked = request("/x", None, JIRA, method="GET")
    seen = []
    for _ in range(2):
        mocks.all = [Mock("forge-emu.yml:2", parse_pattern("GET /x"), answers=answers)]
        found = mocks.take_answer(asked)
        assert found is not None
        seen.append(found.answer.status)

    assert seen == [500, 200]
