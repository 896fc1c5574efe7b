"""Numbers in what is sent many times."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from forge_emu.emulator.user_json.numbered import numbered


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": "EMU-{n}", "b": ["{n}{n}"]}, {"a": "EMU-7", "b": ["77"]}),
        ({"id": {"$number": "{n}"}}, {"id": 7}),
        ({"{n}": 1}, {"7": 1}),
        ({"n": {"m": "{m}"}}, {"n": {"m": "{m}"}}),
        (None, None),
    ],
)
def test_texts_and_numbers(value: Any, expected: Any) -> None:
    """Braces of JSON itself are none of them."""
    assert msgspec.json.decode(numbered(msgspec.json.encode(value), 7)) == expected
