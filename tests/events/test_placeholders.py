"""Placeholders are filled, and nothing else of a payload changes."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge_emu.events.placeholders import CompiledPayload

NOON = 1_795_521_600_000  # 2026-11-24T12:00:00.000Z

# Surrogates are no characters; a payload with one is refused before it is filled.
texts = st.text(st.characters(exclude_categories=["Cs"]))
# fmt: off
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False,
    allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)
# fmt: on


def fill(payload: dict[str, Any], n: int) -> tuple[dict[str, Any], int]:
    """The filled payload of the event `n`, and the length of its text."""
    text = CompiledPayload(payload).fill(n, NOON)
    return msgspec.json.decode(text), len(text)


@given(st.dictionaries(texts, values, max_size=6))
def test_a_payload_without_placeholders_comes_out_as_it_went_in(payload: dict[str, Any]) -> None:
    """Whatever the user's text looks like, only placeholders are touched."""
    filled, size = fill(payload, 1)

    assert filled == payload
    assert size == len(msgspec.json.encode(filled))


@given(st.sampled_from('"\\{}$:n '), st.sampled_from('"\\{}$:n '))
def test_a_placeholder_is_found_within_any_text(before: str, after: str) -> None:
    """What stands around a placeholder does not hide it."""
    filled, _ = fill({"text": f"{before}{{n}}{after}"}, 42)

    assert filled == {"text": f"{before}42{after}"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{n}", "7"),
        ("{key}", "EMU-7"),
        ("{id}", "10007"),
        ("{now_ms}", "1795521600000"),
        ("{now_iso}", "2026-11-24T12:00:00.000Z"),
        ("{now_jira}", "2026-11-24T12:00:00.000+0000"),
        ("{N}", "{N}"),
        ("{ n }", "{ n }"),
        ("{{n}}", "{7}"),
        ("{nn}", "{nn}"),
    ],
)
def test_each_placeholder_stands_for_one_thing(text: str, expected: str) -> None:
    """Names are exact; braces around anything else are text."""
    filled, _ = fill({"text": text}, 7)

    assert filled == {"text": expected}


@pytest.mark.parametrize(("name", "number"), [("n", 7), ("id", 10_007), ("now_ms", NOON)])
def test_a_number_may_be_asked_for(name: str, number: int) -> None:
    """`$number` makes a number of a placeholder that is made of digits."""
    filled, size = fill({"x": {"$number": f"{{{name}}}"}}, 7)

    assert filled == {"x": number}
    assert size == len(f'{{"x":{number}}}')


@pytest.mark.parametrize("inner", ["{key}", "{n} ", "7", "{now_iso}"])
def test_a_number_is_made_of_nothing_else(inner: str) -> None:
    """An object that only resembles the convention stays an object."""
    filled, _ = fill({"x": {"$number": inner}}, 7)

    assert isinstance(filled["x"], dict)
