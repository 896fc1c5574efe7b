"""Requests to products get the answers that the user has written, and nothing else does."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge_emu.errors import UserError
from forge_emu.model import Json
from forge_emu.records import RequestMocked
from forge_emu.services.mocks import METHODS, parse_pattern
from tests.services.mock_driver import ISSUE, WIKI, answered, mock


@pytest.mark.parametrize(
    ("pattern", "method", "path", "names"),
    [
        (ISSUE, "GET", "/rest/api/3/issue/EMU-1", {"key": "EMU-1"}),
        (ISSUE, "get", "/rest/api/3/issue/EMU-1?fields=summary", {"key": "EMU-1"}),
        (ISSUE, "GET", "/rest/api/3/issue/a%20b", {"key": "a b"}),
        (ISSUE, "POST", "/rest/api/3/issue/EMU-1", None),
        (ISSUE, "GET", "/rest/api/3/issue/EMU-1/comment", None),
        (ISSUE, "GET", "/rest/api/3/issue/", None),
        (ISSUE, "GET", "/x/rest/api/3/issue/EMU-1", None),
        ("post  /a.b", "POST", "/a.b", {}),
        ("POST /a.b", "POST", "/axb", None),
        ("GET /rest/*", "GET", "/rest/api/3/myself", {}),
        ("GET /rest/*", "GET", "/rest", None),
        ("GET /{a}/{b}*", "GET", "/x/y/z", {"a": "x", "b": "y"}),
        ("GET /s?jql={jql}", "GET", "/s?max=5&jql=project%20%3D%20EMU", {"jql": "project = EMU"}),
        ("GET /s?jql={jql}", "GET", "/s?max=5", None),
        ("GET /s?max=5&jql=", "GET", "/s?jql=&max=5", {}),
        ("GET /s?max=5", "GET", "/s?max=50", None),
        ("GET /s?max=5", "GET", "/s?max=50&max=5", {}),
    ],
)
def test_patterns(pattern: str, method: str, path: str, names: dict[str, str] | None) -> None:
    """Method and path must fit; parameters must be there where they are asked for."""
    assert parse_pattern(pattern).match(method, path) == names


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("/rest/api", "/rest/api"),
        ("FETCH /rest", "FETCH"),
        ("GET", "GET"),
        ("", "''"),
        ("GET rest", "rest"),
        ("GET https://api.atlassian.com/x", "https://"),
        ("GET /a b", "/a b"),
        ("GET /{a}/{a}", "{a}"),
        ("GET /{a", "'{'"),
        ("GET /a}", "'}'"),
        ("GET /{}", "'{'"),
        ("GET /{a b}", "blanks"),
        ("GET /a*/b", "'*'"),
    ],
)
def test_what_is_no_pattern_is_quoted(text: str, word: str) -> None:
    """One message with the user's word, and the form."""
    with pytest.raises(UserError) as caught:
        parse_pattern(text)
    assert word in caught.value.message
    assert "GET /rest" in str(caught.value.hint)


@given(st.sampled_from(METHODS), st.text(max_size=30), st.text(max_size=40))
def test_any_pattern_is_read_or_refused(method: str, path: str, asked: str) -> None:
    """Whatever is written, and whatever is asked for."""
    try:
        pattern = parse_pattern(f"{method} /{path}")
    except UserError:
        return
    pattern.match(method, f"/{asked}")


def test_names_are_filled_into_the_answer() -> None:
    """At every depth; braces of other names stay."""
    body: Json = {"key": "{key}", "n": 1, "deep": [{"self": "/issue/{key}"}, "{other}", None]}
    response, record = answered([mock(ISSUE, body=body, status=201)], "/rest/api/3/issue/EMU-9")
    assert (response.status, response.status_text) == (201, "Created")
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
    assert answered([mock("GET /t", status=599)], "/t")[0].status_text == ""
