"""What `invokeRemote` of a UI sends."""

from __future__ import annotations

import pytest

from forge_emu.emulator.function_calls.ui_requests import METHODS, ui_request
from forge_emu.errors import UserError
from forge_emu.model import Json


def test_a_body_goes_as_json() -> None:
    """With its own content type, unless a header says another; names of headers are lower case."""
    asked = ui_request({"path": "/x?a=1", "method": "POST", "headers": {"X-A": "1"}, "body": {}})

    assert asked == {
        "method": "POST",
        "path": "/x?a=1",
        "headers": {"content-type": "application/json", "x-a": "1"},
        "body": "{}",
    }


def test_without_a_body_there_is_no_type() -> None:
    """GET is what nobody names."""
    assert ui_request({"path": "x"}) == {"method": "GET", "path": "x", "headers": {}, "body": None}


@pytest.mark.parametrize(
    "given",
    [
        None,
        "/x",
        {},
        {"path": 5},
        {"path": "/a b"},
        {"path": "/a\nb"},
        {"path": "/x", "method": "HEAD"},
        {"path": "/x", "headers": {"a": 1}},
        {"path": "/x", "headers": []},
        {"path": "/x", "body": "text"},
        {"path": "/x", "more": 1},
    ],
)
def test_what_it_cannot_send_is_one_error(given: Json) -> None:
    """With an example, or the methods."""
    with pytest.raises(UserError) as raised:
        ui_request(given)

    hint = raised.value.hint or ""
    assert '{"path"' in hint or all(method in hint for method in METHODS)
