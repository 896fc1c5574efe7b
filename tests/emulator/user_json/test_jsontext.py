"""JSON that a user wrote: read as it is, or one error with its place."""

from __future__ import annotations

import pytest

from forge_emu.emulator.user_json.jsontext import decode_json
from forge_emu.errors import UserError


def test_json_is_decoded() -> None:
    """Whatever it holds."""
    assert decode_json(b'{"a": [1, null]}', "a.json", "") == {"a": [1, None]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b'{"a":\n 1,,}', "a.json:2:4 Expecting property name"),
        (b"\xff\xfe\xfd", "a.json is not UTF-8 text"),
        (b"[" * 100_000, "a.json is nested too deeply"),
        (b"9" * 5_000, "a.json has a number of thousands of digits"),
    ],
)
def test_what_is_no_json_is_one_error(text: bytes, message: str) -> None:
    """With line and column where the decoder knows them."""
    with pytest.raises(UserError) as raised:
        decode_json(text, "a.json", "Mend it.")

    assert raised.value.message.startswith(message)
