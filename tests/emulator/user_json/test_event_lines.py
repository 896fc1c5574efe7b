"""Files of payloads, one a line: what a line may be, their spacing, and what is wrong with one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from forge_emu.emulator.user_json.event_lines import decode_event_lines, read_data
from forge_emu.errors import UserError
from forge_emu.model import RecordedEvent

CREATED = "avi:jira:created:issue"
ISSUE = {"eventType": CREATED, "issue": {"key": "EMU-5"}}


def lines(*values: Any, event: str | None = None) -> tuple[RecordedEvent, ...]:
    """The events of a file of these lines."""
    text = "\n".join(json.dumps(value) for value in values)
    return decode_event_lines(text.encode(), "events.jsonl", "--data", event)


def test_a_line_is_a_payload_or_has_one() -> None:
    """With the event's name, short or full, or as the command names it."""
    found = lines(
        ISSUE,
        {"event": "issue-created", "payload": {"issue": {}}},
        {"payload": ISSUE},
        {"specversion": "1.0", "type": "avi:ecosystem.app_policy:blocked:app_access_to_objects.v2"},
        {"issue": {"key": "EMU-6"}},
        event="issue-updated",
    )

    assert [each.event for each in found] == [
        CREATED,
        CREATED,
        CREATED,
        "avi:ecosystem.app_policy:blocked:app_access_to_objects.v2",
        "avi:jira:updated:issue",
    ]
    assert [each.offset_ms for each in found] == [0] * 5
    assert found[0].payload == ISSUE
    assert found[1].payload == {"issue": {}}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"payload": ISSUE, "time": 1_000}, {"payload": ISSUE, "time": 31_500}),
        (
            {"payload": ISSUE, "time": "2026-01-01T00:00:00Z"},
            {"payload": ISSUE, "timestamp": "2026-01-01T01:00:30.500+0100"},
        ),
        ({**ISSUE, "timestamp": "1767225600000"}, {**ISSUE, "timestamp": "1767225630500"}),
        (
            {**ISSUE, "eventCreatedDate": "2026-01-01T00:00:00.000Z"},
            {**ISSUE, "eventCreatedDate": "2026-01-01T00:00:30.500Z"},
        ),
    ],
)
def test_times_are_their_spacing(first: Any, second: Any) -> None:
    """ISO 8601 or milliseconds, of the line or of the payload; lines are put in order."""
    for given in ((first, second), (second, first)):
        assert [each.offset_ms for each in lines(*given)] == [0, 30_500]


def test_a_line_without_a_time_comes_with_the_one_before_it() -> None:
    """As a log without a stamp would be read."""
    found = lines({"payload": ISSUE, "time": 0}, {"payload": ISSUE, "time": 500}, ISSUE)

    assert [each.offset_ms for each in found] == [0, 500, 500]


def test_text_stays_as_it_is() -> None:
    """What was exported has no placeholders; blank lines and a last line end do not count."""
    text = b'\n{"eventType": "avi:jira:created:issue", "text": "{n} {key}"}\r\n\n'
    (found,) = decode_event_lines(text, "x", "--data", None)

    assert found.payload["text"] == "{n} {key}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "--data: e.jsonl has no events"),
        (
            '{"eventType": "avi:jira:created:issue"}\n{"a": ',
            "--data: e.jsonl:2:7 Expecting value",
        ),
        ("[]", "--data: e.jsonl:1 is no JSON object"),
        ("{}", "--data: e.jsonl:1 does not say which event it is"),
        ('{"event": 5, "payload": {}}', "--data: e.jsonl:1 does not say which event"),
        ('{"payload": [], "event": "issue-created"}', "--data: e.jsonl:1: its payload is no JSON"),
        ('{"event": "issue-craeted", "payload": {}}', "--data: e.jsonl:1: no event is called"),
        ('{"event": "user-created", "payload": {}}', "--data: e.jsonl:1: 'user-created' could be"),
        ('{"event": "issue-created", "payload": {}, "time": "noon"}', "--data: e.jsonl:1: 'noon'"),
        (
            '{"event": "issue-created", "payload": {}, "time": true}',
            "--data: e.jsonl:1: True is",
        ),
        (
            '{"event": "issue-created", "payload": {}, "time": 0}\n'
            '{"event": "issue-created", "payload": {}, "time": 32000000000}',
            "--data: e.jsonl: its events are more than a year apart",
        ),
    ],
)
def test_a_bad_line_is_one_error(text: str, message: str) -> None:
    """With file and line, and nothing is sent."""
    with pytest.raises(UserError) as caught:
        decode_event_lines(text.encode(), "e.jsonl", "--data", None)

    assert caught.value.message.startswith(message)
    assert caught.value.hint


def test_the_name_of_the_file_says_what_it_is(tmp_path: Path) -> None:
    """`.jsonl` and `.ndjson` hold lines, anything else one payload, a list too."""
    for name, kind in (("a.jsonl", tuple), ("a.NDJSON", tuple), ("a.json", dict)):
        (tmp_path / name).write_text(json.dumps(ISSUE))
        assert isinstance(read_data(name, "--data", [tmp_path], tmp_path), kind)
    (tmp_path / "b.json").write_text("[]")
    assert read_data("b.json", "--data", [tmp_path], tmp_path) == []


def test_json_on_the_command_line_is_the_payload(tmp_path: Path) -> None:
    """Not the name of a file; what is wrong with it has its place."""
    assert read_data('{"a": {"b": [1]}}', "--data", [tmp_path]) == {"a": {"b": [1]}}
    with pytest.raises(UserError, match=r"--data: the text given"):
        read_data('{"a": }', "--data", [tmp_path])
