"""What is in an event, as lines of text: for `queue show --payload` and the console. Pure.

It reads what `GET /v1/payload` answers; docs/control-api.md describes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from rich.text import Text

from forge_emu.console import palette as p
from forge_emu.console.format import escape, escape_lines
from forge_emu.console.rows import row

_KINDS = {"event": "event", "product_event": "product event", "call": "call"}
_LEVELS = {"error": p.BAD, "warn": p.RETRY}


def payload_lines(payload: dict[str, Any]) -> list[Text]:
    """The body, then the attempts with their values, log lines and requests, then what is missing.

    Lines are as long as what they show.
    """
    found = [row((f"{_KINDS[payload['kind']]} ", p.TITLE), (escape(payload["id"]), p.ACCENT))]
    found += _value_lines("body", payload["body"])
    for attempt in payload["invocations"]:
        found += [row(("", p.PLAIN)), *_attempt_lines(attempt)]
    if not payload["invocations"]:
        found.append(row(("no attempt yet", p.DIM)))
    if payload["note"]:
        found += [row(("", p.PLAIN)), row((f"note: {escape(payload['note'])}", p.RETRY))]
    return found


def _attempt_lines(attempt: dict[str, Any]) -> Iterator[Text]:
    outcome = attempt["outcome"]
    glyph, style = p.OUTCOMES[outcome] if outcome else p.RUNNING
    yield row(
        (f"{glyph} ", style),
        (f"attempt {attempt['attempt']} ", p.TITLE),
        (f"{escape(attempt['function'])}  ", p.PLAIN),
        (p.OUTCOME_WORDS[outcome] if outcome else "running", style),
    )
    yield from _value_lines("given event", attempt["given"]["event"], 2)
    yield from _value_lines("given context", attempt["given"]["context"], 2)
    if outcome:
        yield from _value_lines("returned", attempt["returned"], 2)
    if error := attempt.get("error"):
        yield row(("  error ", p.DIM), (escape(f"{error['name']}: {error['message']}"), p.BAD))
        if error["stack"]:
            yield from _text_lines(error["stack"], 4, p.DIM)
    for log in attempt["logs"]:
        yield row(
            (f"  {log['level']:<5} ", _LEVELS.get(log["level"], p.DIM)),
            (escape(log["message"]), p.PLAIN),
        )
    for request in attempt["requests"]:
        yield from _request_lines(request)


def _request_lines(request: dict[str, Any]) -> Iterator[Text]:
    status = request["status"]
    style = p.DIM if status is None else p.GOOD if status < 400 else p.BAD
    yield row(
        ("  request ", p.DIM),
        (escape(f"{request['method']} {request['url']}  "), p.ACCENT),
        ("no answer" if status is None else str(status), style),
    )
    for name in ("sent", "answer"):
        if request[name] is not None:
            yield row((f"    {name}", p.DIM))
            yield from _text_lines(_indented(request[name]), 6, p.PLAIN)


def _value_lines(name: str, value: Any, indent: int = 0) -> Iterator[Text]:
    """A JSON value below its name, or beside it where it is no more than a word."""
    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    margin = " " * indent
    if "\n" not in text:
        yield row((f"{margin}{name} ", p.DIM), (escape(text), p.PLAIN))
        return
    yield row((f"{margin}{name}", p.DIM))
    yield from _text_lines(text, indent + 2, p.PLAIN)


def _indented(text: str) -> str:
    """A JSON text with line breaks; any other text as it is."""
    try:
        return msgspec.json.format(text, indent=2)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return text


def _text_lines(text: str, indent: int, style: str) -> Iterator[Text]:
    for line in escape_lines(text).split("\n"):
        yield row((" " * indent + line, style))
