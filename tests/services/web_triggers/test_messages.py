"""HTTP requests as the handler's argument, and results as HTTP responses."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from forge_emu.model import Json, StaticOutput
from forge_emu.services.web_triggers.messages import (
    WebTriggerRequest,
    dynamic_response,
    endpoint_result,
    forwarded_request,
    request_event,
    static_response,
)

OUTPUTS = (StaticOutput("ok", 201, "text/plain", "done"), StaticOutput("bare", 204, None, None))


def test_values_of_headers_and_parameters_are_lists() -> None:
    """Repeated ones are together, in their order; a comma separates values of a parameter."""
    headers = [("accept", "a"), ("x-b", "1"), ("x-b", "2")]
    request = WebTriggerRequest(
        "POST", "/x1/id/more", "/more", "a=1&b=2,3&a=%20&empty=", headers, "{}"
    )

    assert request_event(request) == {
        "method": "POST",
        "headers": {"accept": ["a"], "x-b": ["1", "2"]},
        "path": "/x1/id/more",
        "userPath": "/more",
        "queryParameters": {"a": ["1", " "], "b": ["2", "3"], "empty": [""]},
        "body": "{}",
    }


def test_a_request_without_body_has_no_body() -> None:
    """The property is missing."""
    assert "body" not in request_event(WebTriggerRequest("GET", "/x1/id", "", "", [], None))


def test_a_dynamic_result_is_the_response() -> None:
    """Headers repeat; what HTTP itself sets is left to the server."""
    headers = {"X-A": ["1", "2"], "Content-Length": ["99"]}
    response = dynamic_response({"statusCode": 201.0, "headers": headers, "body": "b"})

    assert (response.status, response.body, response.problem) == (201, "b", None)
    assert response.headers == [("X-A", "1"), ("X-A", "2")]


@pytest.mark.parametrize(
    ("result", "problem"),
    [
        (None, "it returned nothing"),
        ("text", "it returned a string"),
        ([], "it returned an array"),
        (True, "it returned a boolean"),
        ({}, "it is missing"),
        ({"statusCode": "200"}, 'it is "200"'),
        ({"statusCode": True}, "it is true"),
        ({"statusCode": 200.5}, "it is 200.5"),
        ({"statusCode": 199}, "it is 199"),
        ({"statusCode": 600}, "it is 600"),
        ({"statusCode": 200, "body": {}}, "body must be a string; it is an object"),
        ({"statusCode": 200, "headers": []}, "headers must be an object"),
        ({"statusCode": 200, "headers": {"A": "b"}}, "must be an array of strings"),
        ({"statusCode": 200, "headers": {"A": [1]}}, "must be an array of strings"),
        ({"statusCode": 200, "headers": {"A b": ["c"]}}, "no header that HTTP can send"),
        ({"statusCode": 200, "headers": {"A": ["b\r\nC: d"]}}, "no header that HTTP can send"),
    ],
)
def test_an_incompatible_result_is_status_500(result: Any, problem: str) -> None:
    """With the reason for the developer, and nothing of the result for the caller."""
    response = dynamic_response(result)

    assert (response.status, response.headers, response.body) == (500, [], "")
    assert problem in (response.problem or "")


def test_a_static_result_names_an_output() -> None:
    """Without content type and body there is none of them."""
    named = static_response({"outputKey": "ok"}, OUTPUTS)
    bare = static_response({"outputKey": "bare"}, OUTPUTS)

    assert (named.status, named.headers, named.body) == (
        201,
        [("content-type", "text/plain")],
        "done",
    )
    assert (bare.status, bare.headers, bare.body) == (204, [], "")


@pytest.mark.parametrize(
    ("result", "problem"),
    [
        ({"outputKey": "other"}, "no output has the key 'other'; the manifest has: ok, bare"),
        ({"statusCode": 200}, "this web trigger is static"),
        (None, "this web trigger is static"),
    ],
)
def test_a_static_result_without_output_is_status_500(result: Any, problem: str) -> None:
    """The reason names the outputs there are."""
    response = static_response(result, OUTPUTS)

    assert response.status == 500
    assert problem in (response.problem or "")


def test_a_request_is_passed_on_to_an_endpoint() -> None:
    """Its path behind the route, its query as it was; repeated headers become one, and what is of
    the connection stays behind."""
    headers = [("Host", "a"), ("X-A", "1"), ("x-a", "2"), ("Content-Length", "2")]
    request = WebTriggerRequest("PUT", "/x1/0-a/b", "/b", "x=1,2&x=3", headers, "{}")

    assert forwarded_request(request, "/hook/") == {
        "method": "PUT",
        "path": "/hook/b?x=1,2&x=3",
        "headers": {"x-a": "1, 2"},
        "body": "{}",
    }
    assert forwarded_request(replace(request, user_path="", query=""), "/hook")["path"] == "/hook"


@pytest.mark.parametrize(
    ("body", "result"), [('{"outputKey": "ok"}', {"outputKey": "ok"}), ("ok", None)]
)
def test_an_endpoint_names_the_output_of_a_static_web_trigger(body: str, result: Json) -> None:
    """In its body; one that is no JSON names none. A dynamic one is passed on as it is."""
    answer: Json = {"statusCode": 200, "headers": {}, "body": body}

    assert endpoint_result(answer, static=True) == result
    assert endpoint_result(answer, static=False) == answer
