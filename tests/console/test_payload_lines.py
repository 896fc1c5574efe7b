"""What is in an event, as lines."""

from __future__ import annotations

from typing import Any

from forge_emu.console.payload_lines import payload_lines

ATTEMPT: dict[str, Any] = {
    "invocation": "i1",
    "attempt": 2,
    "function": "work",
    "outcome": "error",
    "given": {"event": {"body": {"n": 1}}, "context": {}},
    "returned": None,
    "error": {"name": "TypeError", "message": "boom", "stack": "at work (src/index.js:3:5)"},
    "logs": [{"at": 5, "level": "warn", "message": "red \x1b[31m"}],
    "requests": [
        {"method": "POST", "url": "/x", "status": 400, "sent": '{"a":1}', "answer": "no JSON"},
        {"method": "GET", "url": "/y", "status": None, "sent": None, "answer": None},
    ],
}
PAYLOAD = {"id": "e1", "kind": "event", "body": {"n": 1}, "invocations": [ATTEMPT], "note": "less"}

SHOWN = """\
event e1
body
  {
    "n": 1
  }

✗ attempt 2 work  error
  given event
    {
      "body": {
        "n": 1
      }
    }
  given context {}
  returned null
  error TypeError: boom
    at work (src/index.js:3:5)
  warn  red \\x1b[31m
  request POST /x  400
    sent
      {
        "a": 1
      }
    answer
      no JSON
  request GET /y  no answer

note: less"""


def text_of(payload: dict[str, Any]) -> str:
    """The lines as plain text."""
    return "\n".join(line.plain for line in payload_lines(payload))


def test_all_of_it_is_shown() -> None:
    """With control characters made visible."""
    assert text_of(PAYLOAD) == SHOWN


def test_an_attempt_that_runs_and_an_event_without_any() -> None:
    """The one has returned nothing yet, the other was not tried."""
    running = {**ATTEMPT, "outcome": None, "error": None}
    shown = text_of({**PAYLOAD, "kind": "product_event", "invocations": [running], "note": None})
    assert "▶ attempt 2 work  running" in shown
    assert "returned" not in shown
    assert text_of({**PAYLOAD, "invocations": [], "note": None}).endswith("no attempt yet")
