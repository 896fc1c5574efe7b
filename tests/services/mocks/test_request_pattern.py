"""Which requests a pattern fits: paths of the platform, and addresses outside."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge_emu.errors import UserError
from forge_emu.services.mocks.request_pattern import METHODS, parse_pattern
from tests.services.mocks.mock_driver import ISSUE


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
        ("POST /api/v1/x", "POST", "api/v1/x", {}),
        ("GET https://a.example/x", "GET", "https://a.example/x", {}),
        ("GET https://A.Example:443", "GET", "https://a.example", {}),
        ("GET https://a.example/x", "GET", "http://a.example/x", None),
        ("GET https://a.example/x", "GET", "https://a.example:8443/x", None),
        ("GET http://localhost:8080/{p}", "GET", "http://localhost:8080/q?a=1", {"p": "q"}),
        ("GET https://*.example/x", "GET", "https://a.b.example/x", {}),
        ("GET https://*.example/x", "GET", "https://example/x", None),
        ("GET https://*.example/x", "GET", "https://evil.com/a.example/x", None),
        ("GET https://{r}.a.example/*", "GET", "https://eu.a.example/x/y", {"r": "eu"}),
        ("GET https://*/x", "GET", "https://any.example/x", {}),
        ("GET /x", "GET", "https://a.example/x", None),
        ("GET https://a.example/x", "GET", "/x", None),
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
        ("GET https://", "no host"),
        ("GET https://u@api.example.com/x", "no host"),
        ("GET https://api.example.com:x/", "api.example.com:x"),
        ("GET https://a*b.example.com/", "'*'"),
        ("GET ftp://api.example.com/x", "ftp://"),
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


@given(st.sampled_from(METHODS), st.text(max_size=30), st.text(max_size=40))
def test_any_address_is_read_or_refused(method: str, address: str, asked: str) -> None:
    """Whatever is written, and whatever is asked for."""
    try:
        pattern = parse_pattern(f"{method} https://{address}")
    except UserError:
        return
    pattern.match(method, f"https://{asked}")
