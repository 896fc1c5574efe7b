"""Fixtures of the services' tests."""

from __future__ import annotations

import pytest

from tests.services.platforms import Wire, thing


@pytest.fixture
def things() -> Wire:
    """Three things."""
    found = Wire()
    for key, value in (("a", 3), ("b", 1), ("c", 2)):
        assert found.call("entity/set", thing(key, value)) == (204, None)
    return found
