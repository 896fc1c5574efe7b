"""Fixtures of the store's tests."""

from __future__ import annotations

import pytest

from tests.engine.kvs_drivers.entity_driver import Staff


@pytest.fixture
def staff() -> Staff:
    """Four employees, one of them without an age."""
    store = Staff()
    store.set("d", surname="Adams", age=40, gender="f", active=True)
    store.set("a", surname="Baker", age=20, gender="m", active=False)
    store.set("c", surname="Clark", age=30, gender="f", active=True, pay=1.5)
    store.set("b", surname="Davis", gender="f")
    return store
