"""`forge-emu trigger web`: what is wrong with its words is said before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from forge_emu.cli.trigger.web import answer_text
from forge_emu.cli.trigger.web_addresses import address_lines, find_address
from forge_emu.control.calls.contract import WebTriggerState
from forge_emu.control.calls.web_trigger_client import WebTriggerAnswer
from forge_emu.errors import UserError
from tests.conftest import Call

KNOWN = [WebTriggerState("hook", "f", ["http://a/x1/0-a", "http://a/x1/1-b"])]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--data", "x"], "Which web trigger? Without KEY they are only listed."),
        (["hook", "--header", "nope"], "--header: 'nope' is no header"),
        (["hook", "--header", "X Y: 1"], "--header: 'X Y: 1' is no header"),
        (["hook", "--query", "x"], "--query: 'x' is no parameter"),
        (["hook", "--path", "a"], "--path: 'a' is no path"),
        (["hook", "--path", "/a b"], "--path: '/a b' is no path"),
        (["hook", "--data", "@nope.json"], "--data: cannot read 'nope.json'"),
        (["hook", "--data", "@/etc/hostname"], "--data: '/etc/hostname' lies outside"),
        (["hook", "--method", "PIT"], "'PIT' is none of"),
    ],
)
def test_mistakes_are_one_message(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], message: str
) -> None:
    """It quotes the words, whether or not an emulator runs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "manifest.yml").write_text("app: {id: x}\n")
    said = call("trigger", "web", *words)

    assert said.code == 2
    assert message in " ".join(said.err.split())
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("listed", "key", "message", "hint"),
    [
        (KNOWN, "hok", "there is no web trigger 'hok'", "Did you mean hook?"),
        (KNOWN, "zzz", "there is no web trigger 'zzz'", "There is hook."),
        ([], "hook", "there is no web trigger", "The manifest has none: modules.webtrigger."),
        ([WebTriggerState("hook", "f", [])], "hook", "has no address", "webTrigger.getUrl"),
    ],
)
def test_a_key_without_an_address(
    listed: list[WebTriggerState], key: str, message: str, hint: str
) -> None:
    """The nearest name, or what there is."""
    with pytest.raises(UserError, match=message) as raised:
        find_address(listed, key)

    assert hint in (raised.value.hint or "")


def test_the_newest_address_is_called() -> None:
    """That which `getUrl` gives; the listing has all."""
    assert find_address(KNOWN, "hook") == "http://a/x1/1-b"
    assert address_lines(KNOWN) == ["hook  f  http://a/x1/0-a", "hook  f  http://a/x1/1-b"]
    assert address_lines([]) == ["the app has no web triggers"]


def test_an_answer_does_not_steer_a_terminal() -> None:
    """Its control characters are escapes there; elsewhere the answer is what came."""
    headers = [("X-A", "b\x9bc")]
    answer = WebTriggerAnswer("u", "GET", 200, "OK", headers, "one\r\n\x1b[2Jtwo\tthree")

    shown = answer_text(answer, terminal=True)
    assert shown == "200 OK\nX-A: b\\x9bc\n\none\n\\x1b[2Jtwo\tthree"
    piped = answer_text(answer, terminal=False)
    assert piped == "200 OK\nX-A: b\x9bc\n\none\r\n\x1b[2Jtwo\tthree"
