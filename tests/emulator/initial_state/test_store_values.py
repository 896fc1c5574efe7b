"""Values for the store that the user wrote: what is read of them, and what is said of bad ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from forge_emu.emulator.initial_state.store_values import (
    PlacedEntry,
    decode_store_values,
    fill_store,
    read_store_file,
)
from forge_emu.errors import UserError
from forge_emu.records import Log
from tests.services.platforms import engine


def said(entries: tuple[PlacedEntry, ...]) -> list[tuple[str, str, Any, bool, str | None]]:
    """Place, key, value, whether it is a secret, and the entity of each."""
    return [
        (e.where, e.entry.key, json.loads(bytes(e.entry.value)), e.entry.secret, e.entry.entity)
        for e in entries
    ]


def test_an_export_is_read_with_the_place_of_each_entry() -> None:
    """Secrets and entities included; blank lines and text that looks like JSON do not confuse."""
    text = (
        '[\n{"key": "a", "value": "], [\\n"},\n\n'
        '  {"key": "t", "value": {"n": [1]}, "secret": true},'
        ' {"key": "e", "value": {}, "entity": "thing", "ttl_seconds": 5}\n]'
    )

    assert said(decode_store_values(text.encode(), "s.json")) == [
        ("s.json:2:1", "a", "], [\n", False, None),
        ("s.json:4:3", "t", {"n": [1]}, True, None),
        ("s.json:4:54", "e", {}, False, "thing"),
    ]


def test_an_object_is_read_by_its_keys() -> None:
    """In any script, and with the digits that the file has."""
    text = '{\n "é☃": 1.50,\n "b": {"c": null}\n}'

    found = decode_store_values(text.encode(), "s.json")

    assert said(found) == [
        ("s.json:2:2", "é☃", 1.5, False, None),
        ("s.json:3:2", "b", {"c": None}, False, None),
    ]
    assert bytes(found[0].entry.value) == b"1.50"


@pytest.mark.parametrize("text", ["[]", "{}", " [ ] ", "\n{\n}\n"])
def test_nothing_is_nothing(text: str) -> None:
    """An empty export fills nothing."""
    assert decode_store_values(text.encode(), "s.json") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "s.json:1:2 Expecting"),
        ("7", "s.json holds neither an array nor an object"),
        ('[\n{"key": 1, "value": 2}]', "s.json:2:1 is no entry of the store: Expected `str`"),
        ('[{"key": "k"}]', "s.json:1:2 is no entry of the store: Object missing"),
        ('[{"key": "k", "value": 1, "ttl": 2}]', "unknown field `ttl`"),
        ('[{"key": "k", "value": 1, "ttl_seconds": 0}]', "Expected `float` > 0.0"),
        ('{"k": NaN}', "s.json:1:7 NaN is no number of JSON"),
        ("[1]", "s.json:1:2 is no entry of the store: Expected `object`"),
        ("[" * 100_000, "s.json is nested too deeply"),
        ('{"k": ' + "9" * 5_000 + "}", "s.json has a number of thousands of digits"),
    ],
)
def test_what_is_no_entry_is_named_with_its_place(text: str, message: str) -> None:
    """One error, with line and column where there are any."""
    with pytest.raises(UserError) as raised:
        decode_store_values(text.encode(), "s.json")

    assert message in raised.value.message


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """The option, the name and the reason."""
    with pytest.raises(UserError, match=r"--kvs: cannot read .*nowhere\.json.*No such file"):
        read_store_file(tmp_path / "nowhere.json", "--kvs")


def test_a_store_is_filled_past_the_rates() -> None:
    """By kind of value, with one record; secrets are known from then on."""
    platform = engine({"limits.kvs.write_units_per_minute": 1})
    text = (
        '[{"key": "k", "value": [1]}, {"key": "k", "value": "hush-hush", "secret": true},'
        ' {"key": "k", "value": {"value": 3}, "entity": "thing"}, {"key": "l", "value": 2}]'
    )

    fill_store(decode_store_values(text.encode(), "s.json"), platform, 0)

    values = [(v.key, bytes(v.value_text)) for v in platform.kvs.items("", 0, secret=False)]
    assert values == [("k", b"[1]"), ("l", b"2")]
    assert [v.key for v in platform.kvs.items("", 0, secret=True)] == ["k"]
    assert platform.secrets.mask("say hush-hush") != "say hush-hush"
    (record,) = platform.take_records()
    assert isinstance(record.body, Log)
    assert record.body.message == "The store begins with 4 values of s.json."


def test_a_key_that_comes_twice_is_one_value() -> None:
    """The last one counts, as where a scenario and a file name the same."""
    platform = engine()
    both = [
        *decode_store_values(b'{"k": 1, "l": 1}', "scenario.yml"),
        *decode_store_values(b'{"k": 2}', "s.json"),
    ]

    fill_store(both, platform, 0)

    values = [(v.key, bytes(v.value_text)) for v in platform.kvs.items("", 0, secret=False)]
    assert values == [("k", b"2"), ("l", b"1")]
    (record,) = platform.take_records()
    assert isinstance(record.body, Log)
    assert record.body.message == "The store begins with 2 values of scenario.yml, s.json."


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ('"b b!/": 1', "may hold only letters"),
        ('"k": null', "null cannot be stored"),
        (f'"{"k" * 501}": 1', "500"),
        (f'"k": "{"x" * 245_760}"', "at most 245760"),
    ],
)
def test_the_rules_of_the_store_hold_for_a_filling(entry: str, message: str) -> None:
    """The place of the bad entry is named, and nothing at all is stored."""
    platform = engine()
    entries = decode_store_values(b'{"good": 1,\n' + entry.encode() + b"}", "s.json")

    with pytest.raises(UserError, match=r"s\.json:2:1 the store cannot hold") as raised:
        fill_store(entries, platform, 0)

    assert message in raised.value.message
    assert not list(platform.kvs.items("", 0, secret=False))
