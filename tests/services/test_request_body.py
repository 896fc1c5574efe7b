"""A body is read without losing its exact text, or refused with a code."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge_emu.errors import Fault
from forge_emu.services.request_body import body_bytes, decode_json

ANYTHING: msgspec.json.Decoder[Any] = msgspec.json.Decoder()
NUMBERS = msgspec.json.Decoder(list[int])


@pytest.mark.parametrize(
    ("body", "sent"), [(None, b""), ("", b""), ("é", b"\xc3\xa9"), ("a\ud83d", b"a?")]
)
def test_a_body_is_utf8(body: str | None, sent: bytes) -> None:
    """Half a surrogate pair has no UTF-8."""
    assert body_bytes(body) == sent


@pytest.mark.parametrize("text", [b"", b"{", b'["1"]', b"{}", b"[1]x"])
def test_what_has_another_shape_is_refused(text: bytes) -> None:
    """400, with the rule that every body is under."""
    with pytest.raises(Fault) as caught:
        decode_json(NUMBERS, text)

    assert (caught.value.status, caught.value.body["code"]) == (400, "BAD_REQUEST")
    assert caught.value.limit == "request.body"


@pytest.mark.parametrize("number", [b"1e400", b"-1E+999", b"7" * 5000])
def test_a_number_that_nobody_can_read_is_refused(number: bytes) -> None:
    """Also in a part that is kept as text."""
    kept_as_text: msgspec.json.Decoder[Any] = msgspec.json.Decoder(dict[str, msgspec.Raw])
    with pytest.raises(Fault) as caught:
        decode_json(kept_as_text, b'{"value": [%b]}' % number)

    assert (caught.value.status, caught.value.body["code"]) == (400, "BAD_REQUEST")
    for sound in (b"1e308", b"7" * 300, b'"1e400"'):
        assert bytes(decode_json(kept_as_text, b'{"value":%b}' % sound)["value"]) == sound


def test_a_body_nested_too_deeply_is_refused() -> None:
    """Before it breaks anything."""
    with pytest.raises(Fault) as caught:
        decode_json(ANYTHING, b"[" * 100_000)

    assert (caught.value.status, caught.value.body["code"]) == (400, "MAX_DEPTH")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (rb'"\ud83d\ude00"', "\U0001f600"),
        (rb'"\ud83d"', "\ufffd"),
        (rb'"\ude00\ud83d"', "\ufffd\ufffd"),
        (rb'"\ud83d\ud83d\ude00"', "\ufffd\U0001f600"),
        (rb'"\\ud83d \ude00"', "\\ud83d \ufffd"),
    ],
)
def test_half_a_surrogate_pair_is_the_replacement_character(text: bytes, read: str) -> None:
    """A whole pair is its character, and an escaped backslash no escape."""
    assert decode_json(ANYTHING, text) == read


@given(st.recursive(st.none() | st.integers(-9, 9) | st.text(), st.lists))
def test_json_is_read_as_it_is(value: Any) -> None:
    """Escaped or not."""
    assert decode_json(ANYTHING, json.dumps(value).encode()) == value
    assert decode_json(ANYTHING, json.dumps(value, ensure_ascii=False).encode()) == value
