"""Many payloads in one file: a JSON object a line, as logs are exported, each to be sent once.

A line is a payload, or `{"event": …, "payload": …, "time": …}`. Times are ISO 8601, or milliseconds
since 1970; where lines have them, they are sent at their own spacing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from forge_emu import events
from forge_emu.arrivals import LONGEST_SPREAD, MAX_EVENTS
from forge_emu.emulator.user_json.jsontext import decode_json
from forge_emu.emulator.user_json.payloads import decode_payload, read_data_file
from forge_emu.errors import UserError
from forge_emu.model import Json, RecordedEvent, RecordedEvents

SUFFIXES: Final = (".jsonl", ".ndjson")
_MOST_BYTES: Final = 32 * 1024 * 1024
_EXAMPLE: Final = 'Write {"eventType": …} or {"event": …, "payload": {…}, "time": …} in each line.'
_WRAPPER: Final = frozenset({"event", "payload", "time", "timestamp"})
_TIMES: Final = ("timestamp", "eventCreatedDate", "time")
"""Where payloads of the products have their time."""


def read_data(
    source: str,
    where: str,
    within: Sequence[Path],
    folder: Path | None = None,
    event: str | None = None,
) -> Json | RecordedEvents:
    """A payload, or the events of a file of lines; from stdin (`-`) whichever it is.

    What begins with `{` is the payload itself. `event` is the name of the event of lines that say
    none. Otherwise as `read_payload`.
    """
    if source.lstrip().startswith(("{", "[")):
        return decode_payload(source.encode("utf-8", "replace"), "the text given", where)
    lines = source.lower().endswith(SUFFIXES)
    most = _MOST_BYTES if lines or source == "-" else None
    text = read_data_file(source, where, within, folder, most)
    name = "stdin" if source == "-" else source
    if lines or (source == "-" and _has_lines(text)):
        return decode_event_lines(text, name, where, event)
    return decode_payload(text, name, where)


def decode_event_lines(text: bytes, name: str, where: str, event: str | None) -> RecordedEvents:
    """The events of lines of JSON, in the order of their times. Raises UserError that says which
    line is wrong; then nothing is sent."""
    found: list[tuple[float | None, str, dict[str, Json]]] = []
    for number, line in enumerate(text.split(b"\n"), 1):
        if line.strip():
            found.append(_read_line(line, f"{where}: {name}:{number}", event))
    if not found:
        raise UserError(f"{where}: {name} has no events", _EXAMPLE)
    if len(found) > MAX_EVENTS:
        raise UserError(f"{where}: {name} has over {MAX_EVENTS:,} events", "Send it in parts.")
    return tuple(_spaced(found, f"{where}: {name}"))


def _spaced(
    found: list[tuple[float | None, str, dict[str, Json]]], place: str
) -> Iterator[RecordedEvent]:
    """At their own spacing; one without a time comes with the one before it."""
    timed: list[tuple[float, str, dict[str, Json]]] = []
    last = next((time for time, _, _ in found if time is not None), 0.0)
    for time, event, payload in found:
        last = last if time is None else time
        timed.append((last, event, payload))
    timed.sort(key=lambda line: line[0])
    first = timed[0][0]
    if timed[-1][0] - first > LONGEST_SPREAD:
        raise UserError(f"{place}: its events are more than a year apart", "Send it in parts.")
    for time, event, payload in timed:
        yield RecordedEvent(event, payload, round(time - first))


def _read_line(
    line: bytes, place: str, event: str | None
) -> tuple[float | None, str, dict[str, Json]]:
    try:
        value = decode_json(line, place, _EXAMPLE)
    except UserError as error:
        # The decoder's own line is the first of one.
        message = error.message.replace(f"{place}:1:", f"{place}:")
        raise UserError(message, error.hint) from None
    if not isinstance(value, dict):
        raise UserError(f"{place} is no JSON object", _EXAMPLE)
    payload, wrapped = value.get("payload"), set(value) <= _WRAPPER and "payload" in value
    if not wrapped:
        payload = value
    if not isinstance(payload, dict):
        raise UserError(f"{place}: its payload is no JSON object", _EXAMPLE)
    name = (value.get("event") if wrapped else None) or _event_of(payload) or event
    if not isinstance(name, str):
        raise UserError(f"{place} does not say which event it is", _EXAMPLE)
    try:
        full_name = events.find_template(name, has_data=True).event
    except UserError as error:
        raise UserError(f"{place}: {error.message}", error.hint) from None
    return _time_of(value, payload, wrapped, place), full_name, payload


def _event_of(payload: dict[str, Any]) -> Json:
    return payload.get("eventType") or (payload.get("type") if "specversion" in payload else None)


def _time_of(
    value: dict[str, Any], payload: dict[str, Any], wrapped: bool, place: str
) -> float | None:
    """Milliseconds since 1970; None where the line has no time."""
    own = [value[name] for name in ("time", "timestamp") if wrapped and name in value]
    if own:
        time = _milliseconds(own[0])
        if time is None:
            hint = "Write 2026-01-31T12:00:00.000Z, or milliseconds since 1970."
            raise UserError(f"{place}: {own[0]!r} is no time", hint)
        return time
    times = (_milliseconds(payload[name]) for name in _TIMES if name in payload)
    return next((time for time in times if time is not None), None)


def _milliseconds(value: Json) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if 0 <= value < 1e15 else None
    if not isinstance(value, str):
        return None
    if value.isascii() and value.isdigit():
        return float(value) if len(value) < 16 else None
    try:
        instant = datetime.fromisoformat(value)
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp() * 1000
    except (ValueError, OverflowError):
        return None


def _has_lines(text: bytes) -> bool:
    """Whether it is more than one line, of which the first is a JSON object by itself."""
    lines = [line for line in text.split(b"\n", 50) if line.strip()][:2]
    if len(lines) < 2:
        return False
    try:
        return isinstance(decode_json(lines[0], "", ""), dict)
    except UserError:
        return False
