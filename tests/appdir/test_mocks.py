"""`mocks:` of `forge-emu.yml`: what they may hold, and everything that can be wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from forge_emu.appdir import load_settings
from forge_emu.appdir.mocks import MOST_BYTES
from forge_emu.errors import ManifestError
from forge_emu.services.mocks.mock import Mock


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """A directory in another one that holds a file the app has no business with."""
    (tmp_path / "secret.json").write_text("{}")
    root = tmp_path / "app"
    (root / "mocks").mkdir(parents=True)
    return root


def read(app: Path, text: str) -> tuple[Mock, ...]:
    """The mocks of a file that is `mocks:` and `text`."""
    (app / "forge-emu.yml").write_text(f"mocks:\n{text}", encoding="utf-8")
    return load_settings(app).mocks


def problems(app: Path, text: str) -> list[str]:
    """What is wrong with it."""
    with pytest.raises(ManifestError) as caught:
        read(app, text)
    return [str(problem) for problem in caught.value.problems]


def test_a_mock_with_everything(app: Path) -> None:
    """Status, headers and body as they are written, and where the mock stands."""
    (mock,) = read(
        app,
        "  - request: GET /rest/api/3/issue/{key}\n"
        "    product: jira\n"
        "    status: 429\n"
        "    headers: {Retry-After: 5, X-Seen: yes}\n"
        '    body: {key: "{key}", done: true, list: [1, 2.5, ~]}\n',
    )
    assert (mock.where, mock.product, mock.answers[0].status) == ("forge-emu.yml:2", "jira", 429)
    assert mock.answers[0].headers == {
        "content-type": "application/json",
        "retry-after": "5",
        "x-seen": "yes",
    }
    assert (
        mock.answers[0].render_body({"key": "EMU-1"})
        == '{"key":"EMU-1","done":true,"list":[1,2.5,null]}'
    )


def test_little_is_needed(app: Path) -> None:
    """An empty answer with status 200; text for a body is sent as text."""
    bare, text, kinded = read(
        app,
        "  - request: DELETE /x\n"
        "  - {request: GET /x, body: hello}\n"
        "  - {request: GET /y, body: <a/>, headers: {Content-Type: text/xml}}\n",
    )
    assert (bare.answers[0].status, bare.answers[0].headers, bare.answers[0].render_body({})) == (
        200,
        {},
        "",
    )
    assert (text.answers[0].render_body({}), text.answers[0].headers["content-type"]) == (
        "hello",
        "text/plain; charset=utf-8",
    )
    assert kinded.answers[0].headers == {"content-type": "text/xml"}


def test_answers_can_lie_in_files_of_the_app(app: Path) -> None:
    """JSON by its name, anything else as text; a link that stays inside is followed."""
    (app / "mocks" / "a.json").write_text('{"key": "{key}"}')
    (app / "mocks" / "b.txt").write_text("{not json")
    (app / "mocks" / "c.json").symlink_to("a.json")
    a, b, c = read(
        app,
        "  - {request: 'GET /a/{key}', file: mocks/a.json}\n"
        "  - {request: GET /b, file: mocks/../mocks/b.txt}\n"
        "  - {request: GET /c, file: mocks/c.json}\n",
    )
    assert a.answers[0].render_body({"key": "K"}) == '{"key":"K"}'
    assert b.answers[0].render_body({}) == "{not json"
    assert c.answers[0].render_body({}) == '{"key":"{key}"}'


@pytest.mark.parametrize(
    "name", ["../secret.json", "mocks/../../secret.json", "/etc/passwd", "mocks/link.json"]
)
def test_no_path_leads_out_of_the_app(app: Path, name: str) -> None:
    """Whatever way it takes; the path is quoted, with its place."""
    (app / "mocks" / "link.json").symlink_to(app.parent / "secret.json")
    (problem,) = problems(app, f"  - request: GET /x\n    file: {name}\n")
    assert problem.startswith("forge-emu.yml:3:11")
    assert repr(name) in problem
    assert "outside the app" in problem


@pytest.mark.parametrize(
    ("text", "place", "word"),
    [
        ("  GET /x: {}\n", "2:3", "a mapping"),
        ("  - GET /x\n", "2:5", "mocks[0] must be a mapping"),
        ("  - {}\n", "2:5", "which request"),
        ("  - request: 5\n", "2:14", "'5'"),
        ("  - request: [GET /x]\n", "2:14", "a list"),
        ("  - request: GET x\n", "2:14", "'x'"),
        ("  - {request: GET /x, stauts: 5}\n", "2:23", "'stauts'"),
        ("  - operation: get issue\n", "2:16", "'get issue'"),
        ("  - operation: [getIssue]\n", "2:16", "a list"),
        ("  - operation:\n", "2:5", "must be text"),
        ("  - {request: GET /x, status: 99}\n", "2:31", "the number 99"),
        ("  - {request: GET /x, status: 600}\n", "2:31", "the number 600"),
        ("  - {request: GET /x, status: OK}\n", "2:31", "'OK'"),
        ("  - {request: GET /x, status: true}\n", "2:31", "true"),
        ("  - {request: GET /x, product: jirra}\n", "2:32", "'jirra'"),
        ("  - {request: GET /x, headers: [a]}\n", "2:32", "a list"),
        ("  - {request: GET /x, headers: {'a b': c}}\n", "2:40", "a b"),
        ("  - {request: GET /x, headers: {a: [b]}}\n", "2:36", "a list"),
        ('  - {request: GET /x, headers: {a: "b\\r\\nc"}}\n', "2:36", "header"),
        ("  - {request: GET /x, body: 1, file: mocks/a.json}\n", "2:38", "both"),
        ("  - {request: GET /x, file: mocks/gone.json}\n", "2:29", "gone.json"),
        ("  - {request: GET /x, file: mocks}\n", "2:29", "mocks"),
        ("  - {request: GET /x, file: bad.json}\n", "2:29", "bad.json:1:2"),
        ("  - {request: GET /x, file: long.txt}\n", "2:29", "1,000,000"),
        ("  - {request: GET /x, file: bytes.txt}\n", "2:29", "no text"),
        ('  - {request: GET /x, file: "a\\0b"}\n', "2:29", "path"),
        ("  - {request: GET /x, file: []}\n", "2:29", "a list"),
    ],
)
def test_what_is_wrong_has_its_place(app: Path, text: str, place: str, word: str) -> None:
    """One problem each, with the user's word."""
    (app / "mocks" / "a.json").write_text("{}")
    (app / "bad.json").write_text("{bad")
    (app / "long.txt").write_text("x" * (MOST_BYTES + 1))
    (app / "bytes.txt").write_bytes(b"\xff\xfe")
    (problem,) = problems(app, text)
    assert problem.startswith(f"forge-emu.yml:{place}")
    assert word in problem


def test_every_problem_is_told(app: Path) -> None:
    """Of all mocks, and beside those of settings."""
    found = problems(app, "  - request: x\n  - {request: GET /x, status: 1}\npreset: old\n")
    assert len(found) == 3
