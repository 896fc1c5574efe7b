"""Values for the key-value store that the user wrote, each with its place for messages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from forge_emu.control.contract import KvsEntry
from forge_emu.emulator.admin import kvs_set_request
from forge_emu.emulator.user_json.jsontext import decode_json
from forge_emu.engine.engine import Engine
from forge_emu.errors import Fault, UserError
from forge_emu.model import Instant
from forge_emu.records import Log
from forge_emu.report.format import plural

FORM: Final = (
    'Write [{"key": "k", "value": 1}] with "secret", "entity" and "ttl_seconds" where wanted, or '
    '{"k": 1}.'
)
_BLANKS: Final = re.compile(r"[ \t\r\n]*")
_entry = msgspec.json.Decoder(KvsEntry)


class PlacedEntry(msgspec.Struct, frozen=True):
    """An entry and where the user wrote it: `store.json:3:2`."""

    entry: KvsEntry
    where: str


def read_store_file(path: Path, option: str) -> tuple[PlacedEntry, ...]:
    """The entries of a JSON file. `option` says who names it. Raises UserError."""
    try:
        text = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise UserError(
            f"{option}: cannot read {str(path)!r}: {reason}",
            "Give a JSON file, such as `forge-emu kvs export > store.json` writes.",
        ) from None
    return decode_store_values(text, str(path))


def decode_store_values(text: bytes, name: str) -> tuple[PlacedEntry, ...]:
    """The entries of an export, or of an object of keys and values.

    Raises UserError that says where in `name` it is wrong.
    """
    decoded = decode_json(text, name, FORM)
    if not isinstance(decoded, list | dict):
        raise UserError(f"{name} holds neither an array nor an object", FORM)
    found = []
    for key, value, place in _scan(text.decode(json.detect_encoding(text))):
        where = f"{name}:{place}"
        raw = value.encode("utf-8", "replace")
        if key is not None:
            raw = b'{"key":%s,"value":%s}' % (json.dumps(key).encode(), raw)
        found.append(decode_entry(raw, where))
    return tuple(found)


def decode_entry(text: bytes, where: str) -> PlacedEntry:
    """One entry of an export. Raises UserError."""
    try:
        entry = _entry.decode(text)
        # A Raw is not looked into, and Python reads NaN where JSON has no such number.
        msgspec.json.decode(entry.value)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UserError(f"{where} is no entry of the store: {error}", FORM) from None
    return PlacedEntry(entry, where)


def check_store_values(entries: Iterable[PlacedEntry], engine: Engine) -> None:
    """Raise UserError for the first entry that the store's rules refuse."""
    for each in entries:
        try:
            engine.kvs.check(kvs_set_request(each.entry))
        except Fault as fault:
            raise UserError(
                f"{each.where} the store cannot hold {each.entry.key[:60]!r}: "
                f"{fault.body.get('message')}",
                "What a run begins with keeps to the store's rules, as what the app stores does.",
            ) from None


def fill_store(entries: Iterable[PlacedEntry], engine: Engine, now: Instant) -> None:
    """Store the entries past the rates, and record how many. Raises UserError for the first bad."""
    entries = tuple(entries)
    check_store_values(entries, engine)
    engine.kvs.fill([kvs_set_request(each.entry) for each in entries], now)
    if entries:
        files = ", ".join(dict.fromkeys(each.where.rsplit(":", 2)[0] for each in entries))
        # Of one key the last value counts.
        values = len({(e.entry.entity, e.entry.secret, e.entry.key) for e in entries})
        message = f"The store begins with {plural(values, 'value')} of {files}."
        engine.record(Log(level="info", message=message), now)


def _scan(text: str) -> Iterator[tuple[str | None, str, str]]:
    """Of valid JSON the items: their key where it is an object, their text, and line and column."""
    decoder = json.JSONDecoder()
    at = _skip(text, 0)
    is_object = text[at] == "{"
    line, line_start, seen = 1, 0, 0
    at = _skip(text, at + 1)
    while text[at] not in "]}":
        line += text.count("\n", seen, at)
        line_start = max(text.rfind("\n", seen, at) + 1, line_start)
        seen = at
        place, key = f"{line}:{at - line_start + 1}", None
        if is_object:
            key, at = decoder.raw_decode(text, at)
            # Behind the colon.
            at = _skip(text, _skip(text, at) + 1)
        start = at
        _, at = decoder.raw_decode(text, start)
        yield key, text[start:at], place
        at = _skip(text, at)
        if text[at] == ",":
            at = _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    assert found is not None
    return found.end()
