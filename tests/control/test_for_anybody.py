"""Routes that need no token of the session: web triggers, and the APIs for remotes."""

from __future__ import annotations

import pytest

from tests.control.fakes import FakeEmulator
from tests.control.test_api import Http


@pytest.mark.parametrize(
    ("sent", "path", "user_path", "query"),
    [
        ("/x1/0-a", "/x1/0-a", "", ""),
        ("/x1/0-a/b/c?x=1&x=2,3", "/x1/0-a/b/c", "/b/c", "x=1&x=2,3"),
        ("/public/0-a/a%20b%3Fc%2Fd?y=%26", "/public/0-a/a%20b%3Fc%2Fd", "/a%20b%3Fc%2Fd", "y=%26"),
        ("/%781/0-a/b", "/x1/0-a/b", "/b", ""),
    ],
)
def test_the_path_of_a_web_trigger_is_as_it_was_sent(
    sent: str, path: str, user_path: str, query: str
) -> None:
    """Decoded, a caller's `?` or `/` would be another path."""
    emulator = FakeEmulator()
    answer = Http(emulator).request("PUT", sent, content=b"\xff{}", headers={"authorization": ""})
    [asked] = emulator.calls.web_requests

    assert answer.status_code == 200
    assert answer.headers.get_list("x-a") == ["1", "2"]
    assert (asked.method, asked.path, asked.user_path, asked.query) == (
        "PUT", path, user_path, query,
    )  # fmt: skip
    assert (asked.body, asked.raw) == ("\ufffd{}", b"\xff{}")


@pytest.mark.parametrize(
    ("path", "token", "status"),
    [
        ("/forge/storage/kvs/v1/get", "Bearer given", 200),
        ("/ex/jira/c/rest/api/3/issue/EMU-1?a=%26", "bearer given", 200),
        ("/ex/jira/c/rest", "Basic given", 401),
        ("/ex/jira/c/rest", "", 401),
        ("/v1/status", "Bearer given", 401),
    ],
)
def test_a_remote_brings_a_token_of_its_own(path: str, token: str, status: int) -> None:
    """With which it reaches the APIs alone, and what it asks for goes on as it was sent."""
    answer = Http(FakeEmulator()).post(path, content="{}", headers={"authorization": token})

    assert answer.status_code == status
    if status == 200:
        assert answer.text == f"POST {path} {{}}"


@pytest.mark.parametrize("path", ["/x1/0-a", "/ex/jira/c/rest", "/forge/storage/kvs/v1/get"])
@pytest.mark.parametrize("headers", [{"host": "evil.example"}, {"origin": "https://evil.example"}])
def test_no_web_page_gets_in(path: str, headers: dict[str, str]) -> None:
    """Nor a name that was made to lead to this machine."""
    assert Http(FakeEmulator()).post(path, headers=headers).status_code == 403
