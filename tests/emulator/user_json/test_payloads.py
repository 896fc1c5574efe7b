"""Payloads of the user's own come from the app or from stdin, and from nowhere else."""

from __future__ import annotations

import os
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from forge_emu.emulator.user_json.payloads import decode_payload, read_payload
from forge_emu.errors import UserError


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An app the user stands in, beside files that are none of its own."""
    root = tmp_path / "app"
    (root / "data").mkdir(parents=True)
    (root / "data" / "a.json").write_text('{"a": 1}')
    (tmp_path / "secret.json").write_text('{"secret": 1}')
    (tmp_path / "app-two").mkdir()
    (tmp_path / "app-two" / "b.json").write_text('{"b": 1}')
    (root / "out.json").symlink_to(tmp_path / "secret.json")
    (root / "in.json").symlink_to("data/a.json")
    (root / "round.json").symlink_to("round.json")
    (root / "digits.json").write_text('{"a": ' + "1" * 5_000 + "}")
    os.mkfifo(root / "pipe.json")
    monkeypatch.chdir(root)
    return root


@pytest.mark.parametrize("name", ["data/a.json", "./data/../data/a.json", "in.json"])
def test_a_file_of_the_app_is_read(app: Path, name: str) -> None:
    """By whatever way that stays inside; an absolute path may be one."""
    assert read_payload(name, "--data", [app]) == {"a": 1}
    assert read_payload(str(app / name), "--data", [app]) == {"a": 1}


@pytest.mark.parametrize(
    "name",
    ["../secret.json", "data/../../secret.json", "out.json", "/etc/hostname", "../app-two/b.json"],
)
def test_no_file_outside_is_read(app: Path, name: str) -> None:
    """The path is quoted, and how to hand the file over."""
    with pytest.raises(UserError) as caught:
        read_payload(name, "--data", [app])
    assert f"--data: {name!r} lies outside {app}" in caught.value.message
    assert f"--data - < {name}" in str(caught.value.hint)


def test_a_scenario_may_bring_its_own(app: Path) -> None:
    """What lies beside it, but not above."""
    beside = app.parent / "app-two"
    assert read_payload("b.json", "data", [app, beside], beside) == {"b": 1}
    with pytest.raises(UserError, match="lies outside") as caught:
        read_payload("../secret.json", "data", [app, beside], beside)
    assert "stdin" not in str(caught.value.hint)


@pytest.mark.parametrize(
    "name",
    ["nowhere.json", "data", "a\0b", "round.json", "", "x" * 5_000, "digits.json", "pipe.json"],
)
def test_what_cannot_be_read_is_one_message(app: Path, name: str) -> None:
    """Whatever the system has against it."""
    with pytest.raises(UserError, match="--data: "):
        read_payload(name, "--data", [app])


def test_stdin_may_be_anything_the_user_likes(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was handed over, from wherever it is."""
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(b'{"a": 1}')))
    assert read_payload("-", "--data", [app]) == {"a": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b'{"a": 1,\n }', "--data: a.json:2:2 "),
        (b"", "--data: a.json:1:1 "),
        (b'"\xff"', "--data: a.json is not UTF-8 text (byte 1)"),
        (b"[" * 200_000, "--data: a.json is nested too deeply"),
        (b"[" + b"1" * 5_000 + b"]", "--data: a.json has a number of thousands of digits"),
    ],
)
def test_text_that_is_no_json_is_refused_with_its_place(text: bytes, message: str) -> None:
    """Line and column, where there are some."""
    with pytest.raises(UserError) as caught:
        decode_payload(text, "a.json", "--data")
    assert caught.value.message.startswith(message)


@pytest.mark.parametrize(("blanks", "fits"), [(999_992, True), (999_993, False)])
def test_a_payload_has_a_size(app: Path, blanks: int, fits: bool) -> None:
    """A megabyte, wherever it comes from."""
    (app / "large.json").write_text('{"a": 1}' + " " * blanks)
    if fits:
        assert read_payload("large.json", "--data", [app]) == {"a": 1}
    else:
        with pytest.raises(UserError, match="is over 1,000,000 bytes"):
            read_payload("large.json", "--data", [app])
