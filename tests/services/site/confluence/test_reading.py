"""What routes read of a request's body."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu.services.site.call import SiteError
from forge_emu.services.site.confluence.reading import body_given, version_given


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"representation": "storage", "value": "<p>a</p>"}, "<p>a</p>"),
        ({"storage": {"value": "<p>a</p>"}}, "<p>a</p>"),
        ({"representation": "wiki", "value": "a < b\n\nc"}, "<p>a &lt; b</p><p>c</p>"),
        (None, None),
    ],
)
def test_a_body_comes_in_two_forms(given: Any, text: str | None) -> None:
    """By itself, or below the name of its representation."""
    assert body_given(given) == (text, "storage")


@pytest.mark.parametrize("given", [{"value": 5}, {"view": {"value": "a"}}, {"storage": {}}])
@pytest.mark.parametrize("version", [1, 2])
def test_a_body_without_text_is_refused(given: Any, version: int) -> None:
    """Status 400 in both versions."""
    with pytest.raises(SiteError) as refusal:
        body_given(given, version)
    assert refusal.value.status == 400


@pytest.mark.parametrize(
    ("number", "status"), [(3, None), (2, 409), (4, 409), ("3", 400), (True, 400), (None, 400)]
)
def test_an_update_makes_the_next_version(number: Any, status: int | None) -> None:
    """Of a thing at version 2 that is 3."""
    given = {"number": number, "message": "m", "minorEdit": True}
    if status is None:
        assert version_given(given, 2) == (3, "m", True)
        return
    with pytest.raises(SiteError) as refusal:
        version_given(given, 2)
    assert refusal.value.status == status
